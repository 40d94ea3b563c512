"""Keys of one stack: made at its first start, kept in a file only its owner may read."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.home import write_private

NAMES: Final = ("PAWPRINT_ROUTE_SECRET", "DJANGO_SECRET_KEY")
SECRET_BYTES: Final = 32


def parse(text: str) -> dict[str, str]:
    """NAME=value lines as a mapping."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def render(values: Mapping[str, str]) -> str:
    """The mapping as NAME=value lines."""
    return "".join(f"{name}={value}\n" for name, value in values.items())


def remember(path: Path) -> dict[str, str]:
    """The keys in `path`, made where they are missing.

    A lost PAWPRINT_ROUTE_SECRET would send returning visitors to another partition, so a key
    that is there is never made anew.
    """
    known = parse(path.read_text()) if path.exists() else {}
    made = {name: secrets.token_hex(SECRET_BYTES) for name in NAMES}
    values = made | known
    if values != known:
        write_private(path, render(values))
    return values
