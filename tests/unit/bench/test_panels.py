"""The bench asks what the dashboard asks."""

import re
from pathlib import Path

from aggregates.clickhouse.plan import make_plan
from aggregates.clickhouse.vocabulary import Bucket
from tests.bench import plainer
from tests.bench.panels import BREAKDOWNS, HEADLINE, SPEEDS, TABS, filtered, panels, tabs, totals

SOURCES = Path(__file__).parents[3] / "webapp" / "frontend" / "src"
TOTAL = totals(1, 1_000_000, 2_000_000)


def listed(path: str, name: str) -> list[str]:
    """The strings of a constant array in a source of the front end."""
    text = (SOURCES / path).read_text()
    found = re.search(rf"export const {name} = \[(.*?)\] as const", text, re.DOTALL)
    assert found is not None
    return re.findall(r'"(.+?)"', found.group(1))


def test_the_headline_and_the_speeds_are_the_dashboards() -> None:
    assert listed("lib/metrics.ts", "METRICS") == [metric.value for metric in HEADLINE]
    assert listed("lib/speed.ts", "SPEEDS") == [metric.value for metric in SPEEDS]


def test_the_panels_and_tabs_are_the_dashboards() -> None:
    asked = {dimension for dimension, *_ in (*BREAKDOWNS.values(), *TABS.values())}
    reports = "\n".join(path.read_text() for path in (SOURCES / "reports").rglob("*.tsx"))
    known = set(re.findall(r'dimension: "(.+?)"', reports))
    assert asked <= known
    assert known - asked == {"visit:utm_campaign", "visit:os", "visit:device"}, "as others"


def test_each_panel_can_be_planned_and_filtered() -> None:
    for total in (TOTAL, filtered(TOTAL, "event:page", "/a")):
        for question in (panels(total, "Europe/Berlin") | tabs(total)).values():
            assert make_plan(question).sql
            assert set(total.filters) <= set(question.filters)
    assert panels(TOTAL, "UTC")["series"].bucket is Bucket.DAY


def test_what_is_compared_with_raw_hits_is_a_panel() -> None:
    assert set(plainer.RAW) <= panels(TOTAL, "UTC").keys() | tabs(TOTAL).keys()
