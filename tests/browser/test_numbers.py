"""The dashboard shows what a REST client gets with the key that `./inv up` printed."""

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.browser.conftest import Desk, Stack

pytestmark = pytest.mark.browser

METRICS = "visitors,visits,pageviews,views_per_visit"


def ask(stack: Stack, operation: str, day: str, **parameters: str) -> Any:
    """The results of one operation of the stats API for one day."""
    answer = httpx.get(
        f"{stack.webapp_url}/api/v1/stats/{operation}",
        params={"site_id": stack.domain, "period": "custom", "date": f"{day},{day}", **parameters},
        headers={"Authorization": f"Bearer {stack.stats_key}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_the_dashboard_shows_what_the_api_says(desk: Desk, stack: Stack) -> None:
    """Of yesterday: history, which live traffic does not change meanwhile."""
    day = (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)).isoformat()
    wanted = ask(stack, "aggregate", day, metrics=METRICS)
    pages = ask(stack, "breakdown", day, property="event:page", limit="5")
    assert wanted["visitors"]["value"] > 0 and pages
    page = desk.open(f"?from={day}&to={day}")
    shown = page.locator(".kpi-value").all_inner_texts()
    assert shown[:3] == [
        f"{wanted[metric]['value']:,}" for metric in ("visitors", "visits", "pageviews")
    ]
    assert shown[3] == f"{wanted['views_per_visit']['value']:.2f}"
    rows = page.get_by_role("tabpanel", name="Top").get_by_role("row")
    cells = [rows.nth(i).get_by_role("cell").all_inner_texts() for i in range(1, len(pages) + 1)]
    assert [(cell[0], cell[1]) for cell in cells] == [
        (each["page"], f"{each['visitors']:,}") for each in pages
    ]
