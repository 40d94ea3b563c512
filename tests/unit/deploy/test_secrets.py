"""Keys are made once and readable by their owner only."""

import stat
from pathlib import Path

from deploy.local import secrets


def test_keys_are_made_once(tmp_path: Path) -> None:
    kept = tmp_path / "secrets.env"
    first = secrets.remember(kept)
    assert set(first) == set(secrets.NAMES)
    assert all(len(bytes.fromhex(value)) == secrets.SECRET_BYTES for value in first.values())
    assert secrets.remember(kept) == first


def test_the_file_is_closed_to_others(tmp_path: Path) -> None:
    kept = tmp_path / "secrets.env"
    secrets.remember(kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_key_that_is_missing_is_added_and_the_others_stay(tmp_path: Path) -> None:
    kept = tmp_path / "secrets.env"
    kept.write_text("PAWPRINT_ROUTE_SECRET=ab==\nOWN=1\n")
    values = secrets.remember(kept)
    assert values["PAWPRINT_ROUTE_SECRET"] == "ab=="
    assert values["OWN"] == "1"
    assert values["DJANGO_SECRET_KEY"]


def test_rendering_and_parsing_are_inverse() -> None:
    values = {"A": "1", "B": "x=y"}
    assert secrets.parse(secrets.render(values)) == values
