"""The arithmetic of what the servers say: when a hit is shown, how long the longest cut was."""

import time

from tests.bench.saving import longest
from tests.bench.sending import Sent
from tests.bench.showing import Waiting
from tests.bench.states import measure


def test_a_hit_is_shown_by_its_own_site_and_partition_and_no_earlier_offset() -> None:
    waiting = Waiting()
    waiting.sent(Sent(0, 7, 100.0, {1: 3, 2: 1}))
    waiting.sent(Sent(0, 8, 100.5, {1: 2}))
    waiting.shown(1, 1, 9, 101.0)
    waiting.shown(1, 0, 6, 101.0)
    assert waiting.waits == []
    waiting.shown(1, 0, 7, 101.0)
    assert waiting.waits == [(100.0, 1.0, 3)]
    waiting.shown(1, 0, 9, 102.0)
    waiting.shown(2, 0, 8, 102.0)
    assert waiting.waits[1:] == [(100.5, 1.5, 2), (100.0, 2.0, 1)]
    assert waiting.is_empty


def test_the_broker_may_answer_after_redis() -> None:
    waiting = Waiting()
    waiting.shown(1, 0, 7, time.monotonic())
    waiting.sent(Sent(0, 7, time.monotonic(), {1: 3}))
    assert waiting.is_empty
    assert waiting.waits[0][1] < 1


def test_the_longest_of_a_histogram() -> None:
    assert longest({0.1: 3, 0.2: 5, 0.5: 5, float("inf"): 5}) == 0.2
    assert longest({0.1: 3, 0.2: 4, float("inf"): 5}) == float("inf")


def test_a_state_is_cut_and_restored() -> None:
    saved = measure(3_000)
    assert saved.sessions == 3_000
    assert saved.packed_bytes < saved.state_bytes
    assert saved.chunks >= 1
    assert saved.cut_s > 0 and saved.restore_s > 0
