"""Sections side by side: at once by lane, in order within one, each shown as a whole."""

import io
import threading
from typing import IO

import pytest
from rich.console import Console

from deploy.local.checks import Aside, Outcome, Sections
from deploy.local.errors import Interrupted


def _sections() -> tuple[Sections, io.StringIO]:
    screen = io.StringIO()
    return Sections(Console(file=screen, width=60)), screen


def test_lanes_run_at_once_and_are_shown_one_by_one() -> None:
    sections, screen = _sections()
    meeting = threading.Barrier(2, timeout=10)

    def section(text: str, outcome: Outcome) -> Aside:
        def run(output: IO[str]) -> Outcome:
            output.write(f"{text} begins\n")
            meeting.wait()
            output.write(f"{text} ends\n")
            return outcome

        return run

    outcome = sections.side_by_side(
        [("a", section("A", "passed"))], [("b", section("B", "failed"))]
    )
    assert outcome == "failed"
    text = screen.getvalue()
    assert "A begins\nA ends\na: passed" in text
    assert "B begins\nB ends\nb: failed" in text
    assert sorted((title, ended) for title, ended, _ in sections.ended) == [
        ("a", "passed"),
        ("b", "failed"),
    ]


def test_a_lane_goes_on_after_a_failure_in_order() -> None:
    sections, _ = _sections()
    done: list[str] = []

    def section(name: str) -> Aside:
        def run(_: IO[str]) -> Outcome:
            done.append(name)
            return "failed" if name == "first" else "passed"

        return run

    lane = [(name, section(name)) for name in ("first", "second", "third")]
    assert sections.side_by_side(lane) == "failed"
    assert done == ["first", "second", "third"]


def test_who_stops_it_stops_all() -> None:
    def interrupted(_: IO[str]) -> Outcome:
        raise Interrupted

    sections, _ = _sections()
    with pytest.raises(Interrupted):
        sections.side_by_side([("a", interrupted)], [("b", lambda _: "passed")])
