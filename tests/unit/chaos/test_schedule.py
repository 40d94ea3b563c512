"""The deck of faults, the disks a run left behind, and what may be asked for."""

import random
from pathlib import Path

import pytest

from deploy.local.settings import ROOT
from tests.chaos.__main__ import read_options
from tests.chaos.disks import mounted_below
from tests.chaos.faults import FAULTS
from tests.chaos.schedule import Deck, pace_s

KINDS = list(FAULTS.values())


def names(seed: int, count: int) -> list[str]:
    deck, found = Deck(KINDS, random.Random(seed)), []
    for _ in range(count):
        taken = deck.take()
        assert taken is not None
        found.append(taken[0].name)
        deck.give_back(taken[1])
    return found


def test_every_kind_comes_before_any_comes_again() -> None:
    drawn = names(1, 2 * len(KINDS))
    assert set(drawn[: len(KINDS)]) == set(drawn[len(KINDS) :]) == set(FAULTS)


def test_a_seed_is_an_order() -> None:
    assert names(3, 40) == names(3, 40) != names(4, 40)


def test_what_is_lent_out_is_not_hurt_twice() -> None:
    deck = Deck([FAULTS["kill-worker"], FAULTS["kill-redis"]], random.Random(0))
    taken = [deck.take() for _ in range(4)]
    targets = [each[1] for each in taken if each is not None]
    assert sorted(targets) == ["redis", "worker-1", "worker-2"]
    assert taken[-1] is None
    deck.give_back("redis")
    assert deck.take() == (FAULTS["kill-redis"], "redis")


def test_a_target_lent_for_long_holds_up_no_other_fault() -> None:
    deck = Deck(KINDS, random.Random(2))
    deck.busy.add("clickhouse")
    drawn = []
    for _ in range(60):
        taken = deck.take()
        assert taken is not None
        drawn.append(taken[0].name)
        deck.give_back(taken[1])
    assert not {"kill-clickhouse", "refuse-inserts"} & set(drawn)
    assert min(drawn.count(name) for name in set(drawn)) >= 3
    deck.give_back("clickhouse")
    taken = deck.take()  # what waited comes first
    assert taken is not None
    assert taken[0].name in ("kill-clickhouse", "refuse-inserts")


def test_a_short_run_has_time_for_every_kind_and_a_long_one_for_a_hundred() -> None:
    assert pace_s(1, len(KINDS)) * len(KINDS) <= 60
    assert 20 * 60 / pace_s(20, len(KINDS)) >= 100 * 1.15


def test_the_docs_tell_of_every_fault() -> None:
    lines = (ROOT / "deploy" / "docs" / "chaos.md").read_text().splitlines()
    told = {
        name.strip()
        for line in lines
        if line.startswith("| ") and line.count("|") == 3
        for name in line.split("|")[1].split(",")
    }
    assert told - {"fault"} == set(FAULTS)


def test_disks_left_mounted_are_found() -> None:
    lines = [
        "tmpfs /h/chaos/kafka/data tmpfs rw 0 0",
        "tmpfs /h/chaos/a\\040b tmpfs rw 0 0",
        "tmpfs /h/chaos2 tmpfs rw 0 0",
        "/dev/sda / ext4 rw 0 0",
    ]
    found = mounted_below(Path("/h/chaos"), lines)
    assert found == [Path("/h/chaos/kafka/data"), Path("/h/chaos/a b")]


def test_options() -> None:
    options, _ = read_options(["--seed", "5", "--minutes", "2", "--only", "poison,kill-kafka"])
    assert [kind.name for kind in options.kinds] == ["poison", "kill-kafka"]
    assert (options.seed, options.minutes) == (5, 2.0)
    assert len(read_options([])[0].kinds) == len(FAULTS)


@pytest.mark.parametrize("wrong", [["--only", "kill-moon"], ["--minutes", "0"]])
def test_options_that_mean_nothing(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(wrong)
