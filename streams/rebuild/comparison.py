"""What other rules would change: each site and day that differs between two generations."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import NamedTuple

from rich.table import Table

from aggregates.clickhouse.expiry import Cutoffs
from aggregates.clickhouse.registry import Day


class Change(NamedTuple):
    site_id: int
    day_s: int  # epoch seconds of the day's start, UTC
    before: Day
    after: Day


def kept_days(days: Mapping[tuple[int, int], Day], cutoffs: Cutoffs) -> dict[tuple[int, int], Day]:
    """Those that retention leaves: it takes whole days."""
    return {key: day for key, day in days.items() if key[1] >= cutoffs.get(key[0], 0)}


def changes(
    before: Mapping[tuple[int, int], Day], after: Mapping[tuple[int, int], Day]
) -> list[Change]:
    """The days that differ, by site and day."""
    return [
        Change(*key, before.get(key, Day()), after.get(key, Day()))
        for key in sorted(before.keys() | after.keys())
        if before.get(key, Day()) != after.get(key, Day())
    ]


def add_up(days: Iterable[Day]) -> Day:
    """Visitors are those of each day added up, as a day has salts of its own."""
    listed = list(days)
    return Day(
        **{each.name: sum(getattr(day, each.name) for day in listed) for each in fields(Day)}
    )


def bounce_rate(day: Day) -> float | None:
    """Percent of visits, None without visits."""
    return 100 * day.bounces / day.visits if day.visits else None


def render(
    found: Iterable[Change], total: tuple[Day, Day], domains: Mapping[int, str], days: int
) -> Table:
    """A line for each change, and one for all `days` days of all sites, changed or not."""
    table = Table(title="What would change", title_justify="left", pad_edge=False)
    for name in ("site", "day (UTC)"):
        table.add_column(name)
    for name in ("pageviews", "visits", "visitors", "bounce rate"):
        table.add_column(name, justify="right")
    for change in found:
        day = dt.datetime.fromtimestamp(change.day_s, dt.UTC).date().isoformat()
        site = domains.get(change.site_id, f"site {change.site_id}")
        table.add_row(site, day, *_cells(change.before, change.after))
    table.add_section()
    table.add_row("all sites", f"{days} days", *_cells(*total), style="bold")
    return table


def _cells(before: Day, after: Day) -> list[str]:
    return [
        _cell(before.pageviews, after.pageviews),
        _cell(before.visits, after.visits),
        _cell(before.visitors, after.visitors),
        _rates(bounce_rate(before), bounce_rate(after)),
    ]


def _cell(before: int, after: int) -> str:
    if before == after:
        return f"{before:,}"
    return f"{before:,} → {after:,} ({after - before:+,})"


def _rates(before: float | None, after: float | None) -> str:
    def text(rate: float | None) -> str:
        return "-" if rate is None else f"{rate:.1f} %"

    if before == after:
        return text(before)
    gap = f" ({after - before:+.1f})" if before is not None and after is not None else ""
    return f"{text(before)} → {text(after)}{gap}"
