"""What `./inv erase` is told, and what its receipt says."""

from pathlib import Path

import msgspec
import pytest

from aggregates.clickhouse.erasure import Held, Who
from schemas.events import VERSION, Batch, encode_batch
from schemas.rules import VISITOR_ID_MAX
from streams.rebuild import erase
from streams.rebuild.crew import RebuildFailed
from streams.rebuild.receipts import LOG_NOTE, Checked, Receipt, write_receipt
from tests.unit.aggregates.core.hits import pageview

SITES = {"example.com": 3}
GOOD = Receipt(
    site="example.com",
    site_id=3,
    visitor_id=str(VISITOR_ID_MAX),
    erased_at="2026-11-24T12:00:00Z",
    generation_before=1,
    generation=2,
    checksum_before="a",
    checksum="b",
    held_before=Held(1, 1, 1, 1),
    held={2: Held()},
    live_counters=1,
    dead_letters=[],
    checked=Checked("2026-11-24T12:00:00Z", "c", "c"),
)


@pytest.mark.parametrize(
    ("given", "number"), [("example.com", 3), ("7", 7), ("4294967295", 2**32 - 1)]
)
def test_a_site_by_its_domain_or_number(given: str, number: int) -> None:
    assert erase._site_id(given, SITES) == number


@pytest.mark.parametrize("given", ["exampel.com", "0", "-1", "4294967296", "٣", "1" * 5_000, ""])
def test_no_site(given: str) -> None:
    with pytest.raises(RebuildFailed, match="no site"):
        erase._site_id(given, SITES)


@pytest.mark.parametrize(
    ("given", "number"),
    [("0", 0), ("123", 123), ("0xFF", 255), (hex(VISITOR_ID_MAX), VISITOR_ID_MAX), (None, None)],
)
def test_a_visitor(given: str | None, number: int | None) -> None:
    assert erase._visitor_id(given) == number


@pytest.mark.parametrize("given", ["", "-1", "ff", "0xg", str(VISITOR_ID_MAX + 1), "9" * 5_000])
def test_no_visitor(given: str) -> None:
    with pytest.raises(RebuildFailed, match="64 bits"):
        erase._visitor_id(given)


def test_dead_letters_that_hold_hits_of_theirs() -> None:
    record = encode_batch(Batch(VERSION, "c", (pageview(0, 5), pageview(0, 6, site_id=2))))
    found = [erase.holds_any(record, who) for who in (Who(1), Who(1, 5), Who(1, 6), Who(2, 6))]
    assert found == [True, True, False, True]
    assert not erase.holds_any(b"\xc1", Who(1))


def test_a_receipt_says_when_something_is_left(tmp_path: Path) -> None:
    assert GOOD.holds
    replace = msgspec.structs.replace
    assert not replace(GOOD, visitor_id="").holds, "of a whole site no live counters are left"
    assert not replace(GOOD, held={2: Held(), 3: Held(hit_rows=1)}).holds
    assert not replace(GOOD, checked=Checked("", "c", "d")).holds
    written = msgspec.json.decode(write_receipt(GOOD, tmp_path / "new").read_bytes(), type=Receipt)
    assert written == GOOD
    assert written.log == LOG_NOTE
