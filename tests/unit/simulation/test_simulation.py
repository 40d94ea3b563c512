"""The simulation itself: that a seed is one run, and that its oracle and models can say no."""

import pytest

from schemas.events import PAGEVIEW, Hit, Kind, Visit
from tests.simulation.__main__ import main
from tests.simulation.checks import same
from tests.simulation.faults import Violation
from tests.simulation.kafka import newest_whole
from tests.simulation.mutations import MUTATIONS
from tests.simulation.oracle import Oracle
from tests.simulation.run import World, run_seed
from tests.simulation.workload import MINUTE, Arrival


def steps_of(seed: int) -> tuple[int, int, list[str]]:
    world = World(seed)
    with world.patched():
        world.run()
    return world.scheduler.steps, world.scheduler.now_ms, list(world.faults.history)


def test_a_seed_is_one_run() -> None:
    assert steps_of(4) == steps_of(4)
    assert steps_of(4) != steps_of(5)


def test_a_failing_seed_shows_its_history(capsys: pytest.CaptureFixture[str]) -> None:
    mutation = next(each for each in MUTATIONS if each.name == "late-dropped")
    with mutation.broken():
        seed = next(seed for seed in range(20) if run_seed(seed).error)
        assert main(["--seed", str(seed)]) == 1
    said = capsys.readouterr().out
    assert "everything heals" in said
    assert "ledger (site, minute, outcome)" in said
    assert f"./inv simulate --seed {seed}" in said
    assert said.splitlines()[-1] == "seeds: 1 failed: 1"
    assert main(["--seed", str(seed)]) == 0
    assert capsys.readouterr().out == "seeds: 1 failed: 0\n"


def pageview(event_id: int, minutes: float, path: str, visitor_id: int = 1) -> Hit:
    at_ms = round(minutes * MINUTE)
    visit = Visit()
    return Hit(1, Kind.PAGEVIEW, visitor_id, event_id, at_ms, at_ms, PAGEVIEW, "h", path, visit)


def test_the_oracle_counts_by_hand() -> None:
    # 0: /a   1: /b and its retry   40: /c, a visit of its own   9000: a clock that jumped
    hits = (
        pageview(1, 0, "/a"), pageview(2, 1, "/b"), pageview(2, 1, "/b"), pageview(3, 40, "/c"),
        pageview(4, 9_000, "/d"),
    )  # fmt: skip
    oracle = Oracle([Arrival(0, b"", 40 * MINUTE, hits), Arrival(0, b"", 41 * MINUTE)], 1)
    outcomes = {outcome: count for (_, _, outcome), count in oracle.ledger.items()}
    assert outcomes == {"counted": 1, "duplicate": 1, "clock_ahead": 1}
    assert oracle.ledger.total() == 5
    assert oracle.hits[1, 60, PAGEVIEW, "/b"] == 1
    assert [(each.pages, each.bounced, each.duration_s) for each in oracle.visits] == [
        (["/a", "/b"], False, 60),
        (["/c"], True, 0),
    ]
    assert oracle.letters == {"hits/0/0", "hits/0/1"}


def test_differences_are_named() -> None:
    same("equal", {"a": 1, "b": 0}, {"a": 1})
    with pytest.raises(Violation, match="a: 1, not 2"):
        same("totals", {"a": 1}, {"a": 2})


def test_an_empty_changelog_has_no_whole_snapshot() -> None:
    assert newest_whole({}, 0) == -1
