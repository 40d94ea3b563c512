"""What is missing is found by program, and named exactly."""

import pytest

from deploy.local import packages
from deploy.local.packages import Need

HERE = Need("sh", ("dash",))
NOT_HERE = Need("no-such-program", ("one", "two"))


def test_a_program_that_is_there_is_not_missing() -> None:
    assert packages.missing([HERE, NOT_HERE]) == [NOT_HERE]


def test_servers_in_sbin_are_found_without_it_on_the_path() -> None:
    assert "/usr/sbin" in packages.SEARCHED.split(":")


@pytest.mark.parametrize("word", ["no-such-program", "apt-get install", "one two", "KAFKA_BROKER"])
def test_a_refusal_says_what_to_do(word: str) -> None:
    assert word in str(packages.refusal([NOT_HERE]))
