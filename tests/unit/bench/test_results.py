"""What a bench says: its arithmetic, its line, and when the command may say yes."""

import json

import pytest

from tests.bench.results import (
    Target,
    all_hold,
    at_least,
    at_most,
    line,
    percentile,
    ratio_at_least,
    result,
)


def test_a_line_is_one_json_object_with_these_names() -> None:
    said = json.loads(line(result("worker", 60_000, "hit/s", 100_000, ratio_at_least(0.5))))
    assert said == {
        "name": "worker",
        "value": 60_000.0,
        "unit": "hit/s",
        "baseline": 100_000.0,
        "ratio": 0.6,
        "target": "ratio >= 0.5",
        "holds": True,
    }
    assert "\n" not in line(result("worker", 1, "hit/s"))


def test_what_has_no_target_is_reported_only() -> None:
    said = json.loads(line(result("sessions", 3, "session")))
    assert (said["baseline"], said["ratio"], said["target"], said["holds"]) == (None,) * 4


@pytest.mark.parametrize(
    ("value", "baseline", "target", "holds"),
    [
        (100_000, None, at_least(100_000), True),
        (99_999, None, at_least(100_000), False),  # as measured, not as rounded for the line
        (0.3, None, at_most(0.3), True),
        (0.3001, None, at_most(0.3), False),
        (50, 100, ratio_at_least(0.5), True),
        (49, 100, ratio_at_least(0.5), False),
        (49, None, ratio_at_least(0.5), False),  # without a baseline nothing is proved
        (49, 0, ratio_at_least(0.5), False),
    ],
)
def test_targets(value: float, baseline: float | None, target: Target, holds: bool) -> None:
    assert result("x", value, "u", baseline, target).holds is holds


def test_yes_only_when_something_was_measured_and_nothing_missed() -> None:
    held, missed = result("x", 2, "u", target=at_least(1)), result("x", 0, "u", target=at_least(1))
    reported = result("x", 0, "u")
    assert all_hold([held, reported])
    assert not all_hold([held, missed])
    assert not all_hold([])


def test_percentiles_count_each_value_as_often_as_it_was_seen() -> None:
    counted = [(30.0, 1), (10.0, 98), (20.0, 1)]
    assert percentile(counted, 0.5) == 10
    assert percentile(counted, 0.99) == 20
    assert percentile(counted, 1) == 30
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)
