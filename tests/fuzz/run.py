"""Many requests, by seed: what failed, what the slowest took, what the memory did."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.fuzz import structured
from tests.fuzz.drawing import Case, make_case
from tests.fuzz.shrinking import shrink
from tests.fuzz.target import GROWTH_BYTES_MAX, Target, resident_bytes

FAILURES_MAX: Final = 5  # then it is plain enough that something is wrong
STRUCTURED_SHARE: Final = 10  # one case in so many is Hypothesis'
STRUCTURED_AT_ONCE: Final = 2_000
WARM_SHARE: Final = 4  # after so many cases' share, caches are full
MEMORY_EVERY: Final = 500
REPR_CHARS_MAX: Final = 3_000


@dataclass(slots=True)
class Report:
    cases: int = 0
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    growth_bytes: int = 0


def by_seed(target: Target, seed: int) -> str:
    """What is wrong with the answer to the case of this seed, with the smallest like it; or ""."""
    case = make_case(seed)
    problem = target.ask(case)
    if not problem:
        return ""
    kind = problem.split(":")[0][:20]
    smallest = shrink(case, lambda smaller: target.ask(smaller).startswith(kind))
    return f"seed {seed}: {problem}\n  again: ./inv fuzz --seed {seed}\n  {_told(smallest)}"


def _told(case: Case) -> str:
    text = repr(case)
    return text if len(text) <= REPR_CHARS_MAX else f"{text[:REPR_CHARS_MAX]}... ({len(text)})"


def run(
    target: Target,
    first: int,
    count: int,
    step: Callable[[int], None],
    failures_max: int = FAILURES_MAX,
) -> Report:
    """Asks `count` cases, the first of them `first`; `step` hears how many were asked."""
    report = Report()
    for asked in _asked(target, report, first, count):
        step(asked)
        if len(report.failures) >= failures_max:
            break
    report.slowest_s = target.slowest_s
    if report.growth_bytes > GROWTH_BYTES_MAX:
        report.failures.append(f"memory grew by {report.growth_bytes // 2**20} MB")
    return report


def _asked(target: Target, report: Report, first: int, count: int) -> Iterator[int]:
    drawn = count - count // STRUCTURED_SHARE
    warm = 0
    for number in range(drawn):
        problem = by_seed(target, first + number)
        report.cases += 1
        if problem:
            report.failures.append(problem)
        if number == drawn // WARM_SHARE:
            warm = resident_bytes()
        if warm and number % MEMORY_EVERY == 0:
            report.growth_bytes = resident_bytes() - warm
        yield report.cases
    while report.cases < count:
        some = min(STRUCTURED_AT_ONCE, count - report.cases)
        try:
            structured.run(some, first + report.cases, target.ask)
        except AssertionError as error:
            report.failures.append(f"hypothesis, seed {first + report.cases}: {error}")
        report.cases += some
        yield report.cases
