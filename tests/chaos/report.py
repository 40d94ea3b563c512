"""What a run found, as a table, fault by fault, and the one line that says it all."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.chaos.oracle import Cell, Difference

DIFFERENCES_SHOWN: Final = 20
NO_FAULT: Final = "(no fault)"


@dataclass
class Injection:
    """One fault that was injected. Times are of the wall clock, in seconds."""

    number: int
    fault: str
    target: str
    began_s: float
    ended_s: float | None = None
    recovered_s: float | None = None
    acknowledged: int = 0
    error: str = ""  # why the fault itself did not go as it should

    @property
    def recovery_s(self) -> float | None:
        """From the injection until the pipeline had caught up."""
        return None if self.recovered_s is None else self.recovered_s - self.began_s


@dataclass
class Tally:
    """Lost and double, by fault."""

    lost: Counter[str]
    double: Counter[str]


def blame(injections: Sequence[Injection], from_s: float, until_s: float) -> str:
    """The fault a loss between two times is put down to: the one that lay over most of it."""

    def overlap_s(one: Injection) -> float:
        end_s = one.recovered_s if one.recovered_s is not None else until_s
        return min(end_s, until_s) - max(one.began_s, from_s)

    over = max(injections, key=overlap_s, default=None)
    return over.fault if over is not None and overlap_s(over) >= 0 else NO_FAULT


def tally(
    injections: Sequence[Injection],
    differing: Sequence[Difference],
    missing_at_s: Sequence[float],
    span_s: tuple[float, float],
) -> Tally:
    """Put each difference down to a fault: a cell by its minute, a site's measure by the run's.

    `missing_at_s` are when the events were acknowledged that are not in the log.
    """
    lost: Counter[str] = Counter()
    double: Counter[str] = Counter()
    for at_s in missing_at_s:
        lost[blame(injections, at_s, at_s)] += 1
    for key, want, got in differing:
        times = (key.minute, key.minute + 60) if isinstance(key, Cell) else span_s
        side = lost if got < want else double
        side[blame(injections, *times)] += abs(want - got)
    return Tally(lost, double)


def table(
    kinds: Sequence[str], injections: Sequence[Injection], found: Tally, skipped: dict[str, str]
) -> Table:
    """A line a kind of fault."""
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("fault")
    for name in ("times", "acknowledged", "lost", "double", "recovery s median", "max"):
        drawn.add_column(name, justify="right")
    for kind in [*kinds, *([NO_FAULT] if found.lost[NO_FAULT] or found.double[NO_FAULT] else [])]:
        if kind in skipped:
            drawn.add_row(kind, "skipped: " + skipped[kind])
            continue
        ours = [one for one in injections if one.fault == kind]
        took = [one.recovery_s for one in ours if one.recovery_s is not None]
        never = len(ours) - len(took)
        drawn.add_row(
            kind,
            str(len(ours)),
            f"{sum(one.acknowledged for one in ours):,}",
            str(found.lost[kind]),
            str(found.double[kind]),
            f"{statistics.median(took):.1f}" if took else "-",
            f"{max(took):.1f}" if took and not never else f"{never} never" if never else "-",
        )
    return drawn


def last_line(injections: Sequence[Injection], found: Tally) -> str:
    """`faults: N lost: N double: N`."""
    lost, double = found.lost.total(), found.double.total()
    return f"faults: {len(injections)} lost: {lost} double: {double}"


def print_differences(console: Console, differing: Sequence[Difference]) -> None:
    for key, want, got in differing[:DIFFERENCES_SHOWN]:
        said = " ".join(f"{name}={value}" for name, value in key._asdict().items())
        console.print(f"differs: {said}: the log says {want}, stored {got}", markup=False)
    if len(differing) > DIFFERENCES_SHOWN:
        console.print(f"... and {len(differing) - DIFFERENCES_SHOWN} more")
