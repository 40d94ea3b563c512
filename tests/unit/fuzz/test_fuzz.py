"""The fuzzer itself: a short run holds, and each defect put in on purpose is found."""

import random
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from collector.steps import source, urls
from collector.steps.urls import read_page
from tests.fuzz.drawing import Case, make_case
from tests.fuzz.mutating import mutate
from tests.fuzz.run import Report, run
from tests.fuzz.shrinking import shrink
from tests.fuzz.target import one_target

CASES = 3_000


def asked() -> Report:
    """Ends with the first failure."""
    with one_target() as target:
        return run(target, 0, CASES, lambda _: None, failures_max=1)


def test_a_short_run_holds() -> None:
    report = asked()
    assert report.failures == []
    assert report.cases == CASES
    assert 0 < report.slowest_s < 0.25


def test_a_seed_is_the_same_request_for_ever() -> None:
    assert [make_case(seed) for seed in range(50)] == [make_case(seed) for seed in range(50)]
    assert mutate(random.Random(7), b"{}" * 9) == mutate(random.Random(7), b"{}" * 9)


def as_it_is(text: str) -> str:
    return text


def slow_path(*given: Any, **named: Any) -> Any:
    sum(range(20_000_000))
    return read_page(*given, **named)


def broken_url(*_given: Any, **_named: Any) -> Any:
    raise ValueError("Port could not be cast to integer value as '\x1b[31m'")


DEFECTS: list[tuple[str, str, Callable[..., Any], str]] = [
    ("collector.steps.parse", "read_page", broken_url, "answered 500"),
    ("collector.steps.parse", "read_page", slow_path, "took"),
    ("collector.steps.urls", "clean", as_it_is, "control characters"),
    ("collector.steps.fields", "clean", as_it_is, "control characters"),
    ("collector.steps.fields", "bytes_len", lambda _: 0, "a prop beyond its limit"),
    ("collector.events", "drop_headers", lambda _: (("x-drop-reason", "a\r\nb"),), "header"),
]


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """What was read well before would hide a defect, and what was read badly stay afterwards."""
    kept = (urls._kept_page, source._kept_referrer)
    for cache in kept:
        cache.cache_clear()
    yield
    for cache in kept:
        cache.cache_clear()


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(("module", "name", "defect", "problem"), DEFECTS)
def test_a_defect_is_found(
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    name: str,
    defect: Callable[..., Any],
    problem: str,
) -> None:
    monkeypatch.setattr(import_module(module), name, defect)
    report = asked()
    assert report.failures
    assert any(problem in failure for failure in report.failures), report.failures


def test_a_failing_request_is_made_small() -> None:
    case = Case("POST", "/", (("a", "1"), ("b", "x" * 99)), b"nothing " * 90 + b"bad" + b"y" * 900)
    smallest = shrink(case, lambda one: b"bad" in one.body and "b" in dict(one.headers))
    assert smallest == Case("POST", "/", (("b", "x"),), b"bad")
