"""The live journal: where to go on, torn lines, and merging that loses nothing."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.journal import DamagedJournal, Entry, Journal, Position, compact


def last_begun(path: Path) -> Position | None:
    with Journal(path) as journal:
        return journal.last_begun


def test_it_goes_on_after_the_last_begun(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    with Journal(path) as journal:
        assert journal.last_begun is None
        journal.begin(Position(1, 9), 1_000)
        journal.begin(Position(2, 0), 1_001)
        journal.done(Position(1, 9), 1_000, 1_050, None)
    assert last_begun(path) == Position(2, 0)


def test_lines_are_in_the_file_when_the_call_returns(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    with Journal(path) as journal:
        journal.start(900)
        journal.begin(Position(1, 4), 1_000)
        journal.done(Position(1, 4), 1_000, 1_050, "bot")
        assert path.read_text().splitlines() == [
            '{"start":900}',
            '{"page":4,"round":1,"from_ms":1000}',
            '{"page":4,"round":1,"from_ms":1000,"to_ms":1050,"dropped":"bot"}',
        ]


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    path.write_bytes(b'{"page":4,"round":1,"from_ms":1000}\n{"page":5,"rou')
    with Journal(path) as journal:
        assert journal.last_begun == Position(1, 4)
        journal.start(2_000)
    assert path.read_text().splitlines()[-1] == '{"start":2000}'


def test_a_damaged_journal_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    path.write_bytes(b'{"page":"four"}\n')
    with pytest.raises(DamagedJournal, match=r"live\.jsonl"):
        Journal(path)


def test_it_stays_small(tmp_path: Path) -> None:
    """20,000 hits, 100 to a minute, and one of each hundred lies in two minutes."""
    path = tmp_path / "live.jsonl"
    with Journal(path, bytes_max=50_000) as journal:
        for number in range(20_000):
            from_ms = number * 600 + 500
            journal.begin(Position(1, number), from_ms)
            journal.done(Position(1, number), from_ms, from_ms + 110, None)
    assert path.stat().st_size < 100_000
    assert last_begun(path) == Position(1, 19_999)


Hits = Counter[tuple[int, int, int, int]]


def hits(entries: Iterable[Entry]) -> tuple[Hits, set[tuple[int, int, int]], list[int]]:
    """Answered hits as (round, page, first minute, last minute), open ones, and starts."""
    answered: Hits = Counter()
    begun: dict[tuple[int, int], int] = {}
    starts = []
    for entry in entries:
        if entry.pages is not None and entry.minute is not None:
            for page in range(*entry.pages):
                answered[entry.round, page, entry.minute, entry.minute] += 1
        elif entry.start is not None:
            starts.append(entry.start)
        elif entry.page is not None and entry.from_ms is not None:
            if entry.to_ms is None:
                begun[entry.round, entry.page] = entry.from_ms
            else:
                begun.pop((entry.round, entry.page), None)
                minutes = (entry.from_ms // 60_000 * 60, entry.to_ms // 60_000 * 60)
                answered[entry.round, entry.page, *minutes] += 1
    return answered, {(*at, from_ms) for at, from_ms in begun.items()}, starts


@given(
    st.lists(st.tuples(st.integers(0, 400_000), st.integers(0, 90_000), st.booleans())),
    st.integers(1, 30),
    st.integers(0, 60),
)
def test_merging_loses_nothing(
    sent: list[tuple[int, int, bool]], pages: int, split_at: int
) -> None:
    """Merging now, and again later with what came since, tells of the same hits."""
    entries = [Entry(start=5)]
    for number, (from_ms, took_ms, is_answered) in enumerate(sorted(sent)):
        page, round_number = number % pages, 1 + number // pages
        entries.append(Entry(page=page, round=round_number, from_ms=from_ms))
        if is_answered:
            to_ms = from_ms + took_ms
            entries.append(Entry(page=page, round=round_number, from_ms=from_ms, to_ms=to_ms))
    twice = compact([*compact(entries[:split_at]), *entries[split_at:]])
    assert hits(twice) == hits(entries)
    assert max((e.last_position() or Position(0, 0) for e in twice), default=None) == max(
        (e.last_position() or Position(0, 0) for e in entries), default=None
    )
