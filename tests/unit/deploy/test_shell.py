"""Commands: their output, their failure, and stopping."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import shell
from deploy.local.errors import Interrupted, StackError


@pytest.fixture(autouse=True)
def nobody_asked_to_stop() -> Iterator[None]:
    shell.STOP.requested = False
    yield
    shell.STOP.requested = False


def sh(script: str, timeout_s: float = 10) -> str:
    return shell.run(
        ("sh", "-c", script), cwd=Path("/"), env=os.environ, what="it", timeout_s=timeout_s
    )


def test_output_comes_back() -> None:
    assert sh("echo one") == "one\n"


def test_a_failure_shows_the_end_of_both_outputs() -> None:
    with pytest.raises(StackError, match=r"(?s)it failed \(3\).*out.*err"):
        sh("echo out; echo err >&2; exit 3")


def test_a_command_that_does_not_end_is_killed() -> None:
    with pytest.raises(StackError, match="did not end"):
        sh("exec sleep 60", timeout_s=0.1)


def test_one_failure_stops_its_neighbours_and_is_the_one_told() -> None:
    started = time.monotonic()

    def fails() -> None:
        raise StackError("the reason")

    with pytest.raises(StackError, match="the reason"):
        shell.side_by_side(lambda: sh("exec sleep 60", timeout_s=60), fails)
    assert time.monotonic() - started < 10
    assert not shell.STOP.requested


def test_nothing_runs_after_a_stop() -> None:
    shell.STOP.requested = True
    with pytest.raises(Interrupted):
        sh("true")


def test_a_tail_is_the_last_lines() -> None:
    assert shell.tail("a\nb\nc\n", lines=2) == "b\nc"
