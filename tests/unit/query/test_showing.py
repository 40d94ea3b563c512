"""Answers on a terminal of 80 and of 120 columns, as JSON and as CSV.

The pictures in `snapshots/` are made anew by running this file with UPDATE_SNAPSHOTS=1; look at
them before they are committed.
"""

import csv
import datetime as dt
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from deploy.query.asking import Found
from deploy.query.figures import bar, change, chart, figure
from deploy.query.showing import as_csv, as_json, as_screen
from deploy.query.spans import Dates

SNAPSHOTS = Path(__file__).parent / "snapshots"
WEEK = Dates(dt.date(2026, 11, 18), dt.date(2026, 11, 24))
SOURCES = (
    {"source": "Google", "visitors": 1_322, "bounce_rate": 51},
    {"source": "", "visitors": 981, "bounce_rate": 44},
    {"source": "a-very-long-name.of-a-host.that-nobody-would-ever-type.example", "visitors": 12}
    | {"bounce_rate": None},
    {"source": "\x1b[31mred", "visitors": 1, "bounce_rate": 0},
)
DAYS = tuple(
    {"date": f"2026-11-{18 + at}", "visitors": value, "visit_duration": seconds}
    for at, (value, seconds) in enumerate(
        ((120, 65), (340, 70), (90, 12), (0, None), (410, 90), (505, 125), (77, 3))
    )
)


def found_of(names: tuple[str, ...], metrics: tuple[str, ...], rows: Any, **others: Any) -> Found:
    return Found("example.com", "Europe/Berlin", WEEK, names, metrics, tuple(rows), **others)


PICTURES = {
    "sources": found_of(("source",), ("visitors", "bounce_rate"), SOURCES),
    "sources-before": found_of(
        ("source",),
        ("visitors", "bounce_rate"),
        SOURCES,
        previous=({"source": "Google", "visitors": 1_500, "bounce_rate": 48},),
    ),
    "days": found_of(("date",), ("visitors", "visit_duration"), DAYS, step="day"),
    "totals-before": found_of(
        (),
        ("visitors", "bounce_rate", "lcp"),
        ({"visitors": 4_210, "bounce_rate": 48, "lcp": 2_310},),
        previous=({"visitors": 3_800, "bounce_rate": 50, "lcp": None},),
    ),
    "revenue": found_of(
        ("goal",),
        ("total_revenue", "conversion_rate"),
        (
            {"goal": "Purchase", "total_revenue": 12_345.5, "conversion_rate": 3.25},
            {"goal": "Signup", "total_revenue": None, "conversion_rate": 12},
        ),
        previous=({"goal": "Purchase", "total_revenue": 9_000.25, "conversion_rate": 3.5},),
        currency="EUR",
        left_out=("JPY", "USD"),
    ),
    "nothing": found_of(("page",), ("visitors",), ()),
}


def drawn(found: Found, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False, legacy_windows=False)
    console.print(as_screen(found, width))
    assert isinstance(console.file, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name: str, width: int) -> None:
    picture = drawn(PICTURES[name], width)
    path = SNAPSHOTS / f"{name}-{width}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(picture)
    assert picture == path.read_text()
    assert max(map(len, picture.splitlines())) <= width


@given(st.lists(st.none() | st.integers(0, 10**9), max_size=400), st.integers(0, 200))
def test_charts_fit(values: list[int | None], width: int) -> None:
    lines = chart(values, width, 8)
    assert len(lines) == 8
    assert all(len(line) <= width for line in lines)
    if width and len(values) <= width and any(values):
        assert lines[0].strip()  # the highest reaches the top


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(0, 100))
def test_bars_fit(value: float, highest: float, width: int) -> None:
    assert len(bar(value, highest, width)) <= width
    assert bool(bar(value, highest, width)) == (value > 0 and highest > 0 and width > 0)


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("visitors", 12_345, "12,345"),
        ("bounce_rate", 48, "48 %"),
        ("visit_duration", 59, "59s"),
        ("total_revenue", 1_500.5, "1,500.50"),
        ("conversion_rate", 3.25, "3.25 %"),
        ("visit_duration", 125.4, "2m 05s"),
        ("views_per_visit", 1.5, "1.50"),
        ("lcp", 2310.4, "2,310 ms"),
        ("cls", 0.125, "0.125"),
        ("lcp", None, "–"),  # noqa: RUF001
    ],
)
def test_figures(metric: str, value: float | None, text: str) -> None:
    assert figure(metric, value) == text


@pytest.mark.parametrize(
    ("metric", "value", "before", "text"),
    [
        ("visitors", 110, 100, "+10 %"),
        ("visitors", 90, 100, "-10 %"),
        ("visitors", 5, 0, "new"),
        ("visitors", 0, 0, "±0 %"),
        ("bounce_rate", 48, 50, "-2 pp"),
        ("lcp", None, 5, "–"),  # noqa: RUF001
    ],
)
def test_changes(metric: str, value: Any, before: Any, text: str) -> None:
    assert change(metric, value, before) == text


def test_json() -> None:
    found = json.loads(as_json(PICTURES["sources-before"]))
    assert found["date"] == ["2026-11-18", "2026-11-24"]
    assert found["results"] == list(SOURCES)
    assert found["previous"][0]["visitors"] == 1_500


def test_csv_has_the_time_before_beside_and_no_formulas() -> None:
    rows = ({"page": "=1+1", "visitors": 3}, {"page": "/", "visitors": 2})
    found = found_of(("page",), ("visitors",), rows, previous=({"page": "/", "visitors": 1},))
    assert list(csv.reader(as_csv(found).splitlines())) == [
        ["page", "visitors", "previous_visitors"],
        ["'=1+1", "3", ""],
        ["/", "2", "1"],
    ]
