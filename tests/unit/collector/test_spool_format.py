"""Whatever happens to a segment's bytes: what is read of it are the first records, as written."""

from hypothesis import given
from hypothesis import strategies as st

from collector.spool_format import (
    HEADER_BYTES,
    VALUE_BYTES_MAX,
    Record,
    Rest,
    encode_record,
    parse,
    size_of,
)

records_of = st.lists(
    st.builds(Record, st.integers(0, 2**32 - 1), st.binary(max_size=40)), min_size=1, max_size=6
)


def segment(records: list[Record]) -> tuple[bytes, list[int]]:
    """(the bytes, where each record begins)."""
    data, places = b"", []
    for record in records:
        places.append(len(data))
        data += encode_record(record, len(data))
    return data, places


@given(records_of)
def test_all_come_back_and_say_how_long_they_are(records: list[Record]) -> None:
    data, _ = segment(records)
    parsed = parse(data, 0)
    assert (parsed.records, parsed.size, parsed.rest) == (records, len(data), Rest.NOTHING)
    assert sum(size_of(record) for record in records) == len(data)


@given(records_of, st.data())
def test_reading_may_begin_at_any_record(records: list[Record], data: st.DataObject) -> None:
    written, places = segment(records)
    first = data.draw(st.integers(0, len(records) - 1))
    assert parse(written[places[first] :], places[first]).records == records[first:]


@given(records_of, st.data())
def test_cut_off_anywhere(records: list[Record], data: st.DataObject) -> None:
    written, places = segment(records)
    size = data.draw(st.integers(0, len(written) - 1))
    parsed = parse(written[:size], 0)
    whole = sum(place <= size for place in [*places[1:], len(written)])
    assert parsed.records == records[:whole]
    assert parsed.size == places[whole]
    assert parsed.rest is (Rest.NOTHING if size == places[whole] else Rest.TORN)


@given(records_of, st.data())
def test_one_bit_changed_anywhere(records: list[Record], data: st.DataObject) -> None:
    written, places = segment(records)
    bit = data.draw(st.integers(0, 8 * len(written) - 1))
    changed = bytearray(written)
    changed[bit // 8] ^= 1 << bit % 8
    parsed = parse(bytes(changed), 0)
    hit = sum(place <= bit // 8 for place in places) - 1
    assert parsed.records == records[:hit]
    assert parsed.size == places[hit]
    assert parsed.rest in (Rest.TORN, Rest.DAMAGED)


@given(records_of, st.integers(1, 100))
def test_zeros_in_place_of_what_was_not_written(records: list[Record], zeros: int) -> None:
    """A file system may make a file longer before its bytes come."""
    written, _ = segment(records)
    parsed = parse(written + bytes(zeros), 0)
    assert (parsed.records, parsed.rest) == (records, Rest.TORN)


@given(records_of, st.binary(min_size=1, max_size=200))
def test_anything_behind_adds_no_record(records: list[Record], garbage: bytes) -> None:
    written, _ = segment(records)
    parsed = parse(written + garbage, 0)
    assert (parsed.records, parsed.size) == (records, len(written))
    assert parsed.rest is not Rest.NOTHING


def test_a_record_elsewhere_is_none() -> None:
    record = Record(1, b"value")
    twice = encode_record(record, 0) * 2
    parsed = parse(twice, 0)
    assert (parsed.records, parsed.rest) == ([record], Rest.DAMAGED)


def test_a_length_no_record_has_is_not_waited_for() -> None:
    data = (VALUE_BYTES_MAX + 1).to_bytes(4, "big") + bytes(HEADER_BYTES)
    assert parse(data, 0).rest is Rest.DAMAGED
