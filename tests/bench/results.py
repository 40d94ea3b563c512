"""What a bench says: one JSON line a result on stdout, a table of all at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from rich.table import Table

_encoder: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a result's value, or on its ratio to the baseline."""

    of: Literal["value", "ratio"]
    sense: Literal[">=", "<="]
    bound: float

    def holds(self, value: float, ratio: float | None) -> bool:
        """A ratio that could not be formed holds nothing."""
        held = ratio if self.of == "ratio" else value
        if held is None:
            return False
        return held >= self.bound if self.sense == ">=" else held <= self.bound

    def __str__(self) -> str:
        return f"{self.of} {self.sense} {self.bound:g}"


class Result(msgspec.Struct, frozen=True):
    """One line. `target` and `holds` are null for what is reported only."""

    name: str
    value: float
    unit: str
    baseline: float | None = None  # measured in the same run, in the same unit
    ratio: float | None = None  # value / baseline
    target: str | None = None
    holds: bool | None = None


def at_least(bound: float) -> Target:
    return Target("value", ">=", bound)


def at_most(bound: float) -> Target:
    return Target("value", "<=", bound)


def ratio_at_least(bound: float) -> Target:
    return Target("ratio", ">=", bound)


def ratio_at_most(bound: float) -> Target:
    return Target("ratio", "<=", bound)


def result(
    name: str, value: float, unit: str,
    baseline: float | None = None, target: Target | None = None,
) -> Result:  # fmt: skip
    """A result held against its target, if it has one."""
    ratio = value / baseline if baseline else None
    return Result(
        name, _short(value), unit,
        None if baseline is None else _short(baseline),
        None if ratio is None else _short(ratio),
        None if target is None else str(target),
        None if target is None else target.holds(value, ratio),
    )  # fmt: skip


def _short(number: float) -> float:
    """Four digits that count: what a bench on a shared machine can know."""
    return float(f"{number:.4g}")


def percentile(counted: Sequence[tuple[float, int]], share: float) -> float:
    """The least value such that this share of all is not above it; `counted` is (value, times)."""
    left = share * sum(times for _, times in counted)
    for value, times in sorted(counted):
        left -= times
        if left <= 0:
            return value
    raise ValueError("nothing was counted")


def line(one: Result) -> str:
    return _encoder.encode(one).decode()


def all_hold(results: list[Result]) -> bool:
    """Whether there is a result, and none misses its target."""
    return bool(results) and all(one.holds is not False for one in results)


def table(results: list[Result]) -> Table:
    """For people: every result, and whether it holds."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("result", "value", "unit", "baseline", "ratio", "target", ""):
        right = column in ("value", "baseline", "ratio")
        shown.add_column(column, justify="right" if right else "left")
    marks = {True: "[green]holds", False: "[red]MISSED", None: "[dim]reported"}
    for one in results:
        shown.add_row(
            one.name, _shown(one.value), one.unit, _shown(one.baseline), _shown(one.ratio),
            one.target or "", marks[one.holds],
        )  # fmt: skip
    return shown


def _shown(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
