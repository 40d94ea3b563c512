"""Region and city of an address, from a table in MaxMind's format that an operator supplies."""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

import maxminddb

from collector.text import cut
from schemas.events import DIMENSION_CHARS_MAX

NAME_LANGUAGE: Final = "en"


class Place(NamedTuple):
    """`country` as ISO 3166-1 alpha-2, `region` as ISO 3166-2; "" for what is not known."""

    country: str = ""
    region: str = ""
    city: str = ""


NOWHERE: Final = Place()


def _field(record: Any, *path: str | int) -> str:
    """The text at `path` of a record, whose shape is the file's business; "" if there is none."""
    for key in path:
        try:
            record = record[key]
        except (KeyError, IndexError, TypeError):
            return ""
    return cut(record, DIMENSION_CHARS_MAX) if isinstance(record, str) else ""


class Cities:
    """An open table."""

    def __init__(self, reader: maxminddb.Reader) -> None:
        self._reader = reader

    def find(self, address: str) -> Place:
        """`address` in one spelling, or ""."""
        try:
            record = self._reader.get(address) if address else None
        except (ValueError, maxminddb.InvalidDatabaseError):
            return NOWHERE  # IPv6 in a table of IPv4; a record that is broken
        if not isinstance(record, dict):
            return NOWHERE
        country = _field(record, "country", "iso_code")
        region = _field(record, "subdivisions", 0, "iso_code")
        return Place(
            country=country,
            region=f"{country}-{region}" if country and region else "",
            city=_field(record, "city", "names", NAME_LANGUAGE),
        )


def open_cities(path: Path, folder: Path) -> Cities:
    """Raises `OSError`, `ValueError` for a file that is no table.

    A copy without a name in `folder` is opened: the table is mapped into memory, and one that is
    written over in place would pull the ground from under the process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".mmdb") as copy:
        with path.open("rb") as file:
            shutil.copyfileobj(file, copy)
        copy.flush()
        try:
            return Cities(maxminddb.open_database(copy.name))
        except maxminddb.InvalidDatabaseError as error:
            raise ValueError(str(error)) from error
