"""Numbers as people read them, bars and charts: pure text."""

from collections.abc import Sequence
from typing import Final

from deploy.query.vocabulary import PERCENTS, PLAIN, REVENUES, SECONDS, SHARES

NOTHING: Final = "–"  # noqa: RUF001 - a rate of no visits
_RISING: Final = " ▁▂▃▄▅▆▇█"
_GROWING: Final = " ▏▎▍▌▋▊▉█"


def figure(metric: str, value: float | None) -> str:
    """A value of a metric: 12,345, 48 %, 1m 05s, 230 ms, 1,500.50."""
    if value is None:
        return NOTHING
    if metric in PERCENTS:
        return f"{value:g} %"
    if metric in SECONDS:
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"
    if metric in PLAIN or metric == "transfer_size":
        return f"{round(value):,}"
    if metric in REVENUES:
        return f"{value:,.2f}"
    if metric == "views_per_visit":
        return f"{value:.2f}"
    return f"{value:g}" if metric == "cls" else f"{round(value):,} ms"


def change(metric: str, value: float | None, before: float | None) -> str:
    """How much a value differs from the one before: in percent, of percents in points."""
    if value is None or before is None:
        return NOTHING
    if metric in PERCENTS:
        return f"{value - before:+.{int(metric in SHARES)}f} pp"
    if before == 0:
        return "new" if value else "±0 %"
    percent = round(100 * (value - before) / before)
    return f"{percent:+,} %" if percent else "±0 %"


def bar(value: float | None, highest: float, width: int) -> str:
    """A line as long as its share of `highest`; the least there is shows as a sliver."""
    if not value or highest <= 0 or width <= 0:
        return ""
    eighths = max(1, round(8 * width * min(1.0, value / highest)))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_GROWING[rest] if rest else "")


def chart(values: Sequence[float | None], width: int, height: int) -> list[str]:
    """Columns from left to right, `height` lines from top to bottom, at most `width` wide.

    Columns are as wide as fits; more values than places are put together by their mean.
    """
    numbers = [float(value or 0) for value in values]
    highest = max(numbers, default=0.0)
    if not numbers or width <= 0:
        return [""] * height
    if len(numbers) > width:
        numbers = [_mean(numbers, place, width) for place in range(width)]
    wide = max(1, min(6, width // len(numbers)))
    # A gap between columns that have the room for it.
    column = wide - 1 if wide > 2 else wide
    lines = []
    for level in reversed(range(height)):
        line = ""
        for number in numbers:
            eighths = round(8 * height * number / highest) if highest else 0
            eighths = max(1, eighths) if number else 0
            line += _RISING[max(0, min(8, eighths - 8 * level))] * column + " " * (wide - column)
        lines.append(line.rstrip())
    return lines


def _mean(numbers: Sequence[float], place: int, places: int) -> float:
    part = numbers[place * len(numbers) // places : (place + 1) * len(numbers) // places]
    return sum(part) / len(part)
