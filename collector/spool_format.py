"""One record of a spool's segment: a header, the record as Kafka is to get it, nothing more.

    length u32 | partition u32 | digest 8 bytes | value of `length` bytes

The digest covers length, partition and value, and the place of the record in its segment: bytes
that stand where they were not written are no record either.
"""

import enum
import hashlib
import struct
from dataclasses import dataclass
from typing import Final, NamedTuple

from schemas.events import BATCH_BYTES_MAX

DIGEST_BYTES: Final = 8
# A single hit that is larger than a record may be goes alone; no hit is four times as large.
VALUE_BYTES_MAX: Final = 4 * BATCH_BYTES_MAX
_FIELDS: Final = struct.Struct(">II")
_PLACE: Final = struct.Struct(">Q")
HEADER_BYTES: Final = _FIELDS.size + DIGEST_BYTES


class Record(NamedTuple):
    """What one append to the log is."""

    partition: int
    value: bytes


class Rest(enum.Enum):
    """What stands behind the last whole record."""

    NOTHING = "nothing"
    TORN = "torn"  # a record that was not written to its end, which nobody was told is stored
    DAMAGED = "damaged"  # bytes that were not written so


@dataclass(frozen=True, slots=True)
class Parsed:
    """The whole records at the beginning of some bytes, and what follows them."""

    records: list[Record]
    size: int  # bytes of the records
    rest: Rest


def encode_record(record: Record, place: int) -> bytes:
    """The bytes of `record` at the byte `place` of its segment."""
    fields = _FIELDS.pack(len(record.value), record.partition)
    return fields + _digest(fields, record.value, place) + record.value


def size_of(record: Record) -> int:
    """Bytes `encode_record` makes of it."""
    return HEADER_BYTES + len(record.value)


def parse(data: bytes, place: int) -> Parsed:
    """The records at the beginning of `data`, which was read from the byte `place` on."""
    records: list[Record] = []
    at = 0
    while at < len(data):
        record = _record_at(data, at, place + at)
        if isinstance(record, Rest):
            return Parsed(records, at, record)
        records.append(record)
        at += size_of(record)
    return Parsed(records, at, Rest.NOTHING)


def _record_at(data: bytes, at: int, place: int) -> Record | Rest:
    begin = at + HEADER_BYTES
    if begin > len(data):
        return Rest.TORN
    fields = data[at : at + _FIELDS.size]
    length, partition = _FIELDS.unpack(fields)
    if length > VALUE_BYTES_MAX:
        return Rest.DAMAGED
    value = data[begin : begin + length]
    if len(value) < length:
        return Rest.TORN
    if data[at + _FIELDS.size : begin] != _digest(fields, value, place):
        # A file that was made longer before its bytes came, when the power failed.
        return Rest.DAMAGED if any(data[at:]) else Rest.TORN
    return Record(partition, value)


def _digest(fields: bytes, value: bytes, place: int) -> bytes:
    digest = hashlib.blake2b(fields, digest_size=DIGEST_BYTES)
    digest.update(_PLACE.pack(place))
    digest.update(value)
    return digest.digest()
