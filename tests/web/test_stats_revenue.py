"""The stats API: in which currency revenue is asked for, and what is said of others.

`ask` is a fake here; tests/integration/webapp/test_rollups.py asks real rollups the same way.
"""

import pytest
from pytest_django import Settings

from aggregates.clickhouse.questions import Rate, Row
from aggregates.clickhouse.vocabulary import DIMENSIONS
from tests.web.conftest import FakeRollups
from tests.web.test_stats_questions import add_goals, get
from webapp.sites.models import Site

CURRENCY = DIMENSIONS["event:currency"]


@pytest.fixture
def rates(settings: Settings) -> None:
    settings.CURRENCY_RATES = {"USD": 1.0, "EUR": 1.25}


def _currencies(*codes: str) -> list[Row]:
    return [Row((code,), (1,)) for code in codes]


@pytest.mark.usefixtures("rates")
def test_revenue_is_converted_or_named(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [_currencies("", "USD", "EUR", "JPY"), [Row((), (12.5, 3, 4.16667))]]
    body = get(key, "aggregate", metrics="total_revenue,visitors,average_revenue", currency="eur")
    assert body["results"] == {
        "total_revenue": {"value": 12.5},
        "visitors": {"value": 3},
        "average_revenue": {"value": 4.1667},
    }
    assert body["meta"]["revenue"] == {
        "currency": "EUR",
        "converted": ["USD"],
        "left_out": ["JPY"],
    }
    assert rollups_asked.asked[0].dimensions == (CURRENCY,)
    assert rollups_asked.asked[1].currency == "EUR"
    assert rollups_asked.asked[1].rates == (Rate("USD", 0.8),)


@pytest.mark.usefixtures("rates")
def test_what_revenue_is_compared_with_is_converted_too(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    """Dollars came in before only."""
    rollups_asked.rows = [_currencies("EUR"), _currencies("USD", "JPY"), [Row((), (9.0,))]]
    rollups_asked.rows.append([Row((), (4.0,))])
    body = get(key, "aggregate", metrics="total_revenue", currency="EUR", compare="previous_period")
    assert body["results"]["total_revenue"] == {
        "value": 9.0,
        "change": 125,
        "comparison_value": 4.0,
    }
    assert body["meta"]["revenue"]["left_out"] == ["JPY"]
    asked = rollups_asked.asked
    assert asked[0].start_s == asked[2].start_s and asked[1].start_s == asked[3].start_s
    assert asked[2].rates == asked[3].rates == (Rate("USD", 0.8),)


def test_revenue_of_a_goal_is_in_its_currency(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    add_goals(site, currency="CHF")
    body = get(key, "aggregate", metrics="total_revenue", filters="event:goal==Signup")
    assert body["meta"]["revenue"]["currency"] == "CHF"
    assert rollups_asked.asked[-1].currency == "CHF"


@pytest.mark.usefixtures("rates")
def test_currencies_are_kept_apart(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [
        _currencies("USD", "JPY"),
        [Row(("USD",), (5.0,)), Row(("JPY",), (900.0,))],
    ]
    body = get(key, "breakdown", property="event:currency", metrics="total_revenue")
    assert body["results"] == [
        {"currency": "USD", "total_revenue": 5.0},
        {"currency": "JPY", "total_revenue": 900.0},
    ]
    assert body["meta"]["revenue"] == {"currency": "", "converted": [], "left_out": []}
    assert rollups_asked.asked[1].rates == (Rate("USD", 1.0), Rate("JPY", 1.0))
