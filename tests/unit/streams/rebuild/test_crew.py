"""Which process folds which partitions, and what it says while it works."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rebuild.crew import shares
from streams.rebuild.display import Rates, duration
from streams.rebuild.folding import Report


@given(st.integers(1, 64), st.integers(1, 16))
def test_every_partition_has_one_process(partitions: int, processes: int) -> None:
    found = shares(range(partitions), processes)
    assert sorted(each for share in found for each in share) == list(range(partitions))
    assert all(found) and len(found) <= processes
    assert max(map(len, found)) - min(map(len, found)) <= 1


def test_the_rate_is_of_the_last_seconds() -> None:
    """5,000 hits in the first 20 s, then 1,000 a second: 10 records of 100."""
    rates = Rates()
    rates.add(0, Report(0, 0, 0, 1_000))
    assert (rates.hits, rates.left_s(Report(0, 0, 0, 1_000))) == (0, None)
    rates.add(20, Report(50, 5_000, 0, 950))
    for second in range(21, 41):
        folded = (second - 20) * 10
        rates.add(second, Report(50 + folded, 5_000 + folded * 100, 0, 950 - folded))
    assert rates.hits == pytest.approx(1_000)
    assert rates.left_s(Report(0, 0, 0, 500)) == pytest.approx(50)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (130, "2 min"), (7_000, "1.9 h")]
)
def test_durations_are_rounded(seconds: float, text: str) -> None:
    assert duration(seconds) == text
