"""Rows as text, piece by piece: CSV or JSON lines, packed if asked for."""

import csv
import datetime as dt
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Final

from aggregates.clickhouse.exports import COLUMNS

ROWS_PER_PIECE: Final = 500
# Spreadsheets take a cell that begins so for a formula, and run it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_GZIP: Final = 31  # zlib's window bits with gzip's head and foot

Row = list[object]
Rows = Iterable[Row]


def pieces(rows: Rows, write: Callable[[Rows], str], head: str = "") -> Iterator[bytes]:
    """The text of `head` and `rows`, some rows at a time; never empty pieces."""
    iterator = iter(rows)
    text = head
    while batch := list(islice(iterator, ROWS_PER_PIECE)):
        yield (text + write(batch)).encode()
        text = ""
    if text:
        yield text.encode()


def csv_pieces(rows: Rows) -> Iterator[bytes]:
    """With a line of column names."""
    return pieces(rows, _csv, _csv([list(COLUMNS)]))


def json_pieces(rows: Rows) -> Iterator[bytes]:
    """An object a line."""
    return pieces(rows, _json_lines)


def packed(parts: Iterator[bytes]) -> Iterator[bytes]:
    """As gzip; the first piece goes out at once, so that a client sees that it has begun."""
    packer = zlib.compressobj(wbits=_GZIP)
    for part in islice(parts, 1):
        yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
    for part in parts:
        if piece := packer.compress(part):
            yield piece
    yield packer.flush()


def begun(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same, with the first piece made now: what fails at once can still be answered so."""
    return chain(list(islice(parts, 1)), parts)


def _csv(rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerows([_cell(value) for value in _dated(row)] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, dict):
        value = _json(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _json_lines(rows: Rows) -> str:
    objects = (dict(zip(COLUMNS, _dated(row), strict=True)) for row in rows)
    return "".join(f"{_json(each)}\n" for each in objects)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _dated(row: Row) -> Row:
    """The minute as ISO 8601, UTC; the head of a CSV has a name there."""
    at_s, *rest = row
    if not isinstance(at_s, int):
        return row
    return [dt.datetime.fromtimestamp(at_s, dt.UTC).strftime("%Y-%m-%dT%H:%MZ"), *rest]
