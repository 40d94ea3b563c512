"""`./inv query` over a real ClickHouse: goals, properties of events and revenue in words."""

import datetime as dt
from typing import Final

import pytest

from aggregates.clickhouse.store import ClickHouseStore
from deploy.local.errors import StackError
from deploy.query.asking import Api, Found, ask
from deploy.query.grammar import parse
from schemas.events import Visit
from tests.contract.aggregates.oracle import OracleHit, OracleSession, make_rows
from tests.integration.webapp.conftest import Webapp, manage

pytestmark = pytest.mark.integration

DAY: Final = "2025-06-20"
MIDNIGHT_S: Final = int(dt.datetime(2025, 6, 20, tzinfo=dt.UTC).timestamp())
GOALS: Final = """
from webapp.goals.services import WantedGoal, find_or_create_goal
from webapp.sites.models import Site
for name, currency in (("Buy", "USD"), ("Give", "EUR")):
    wanted = WantedGoal("event", event_name=name, currency=currency)
    find_or_create_goal(Site.objects.get(), wanted)
"""


def _event(visitor: int, name: str, plan: str, dollars: int = 0) -> OracleHit:
    return OracleHit(
        MIDNIGHT_S + 60,
        name,
        "demo.example",
        "/",
        visitor,
        props=(("pricing plan", plan),),
        currency="USD" if dollars else "",
        revenue_micros=dollars * 1_000_000,
    )


def _session(visitor: int, source: str, *events: OracleHit) -> OracleSession:
    first = OracleHit(MIDNIGHT_S, "pageview", "demo.example", "/", visitor)
    return OracleSession(visitor, visitor % 2, Visit(source=source), (first, *events))


# 71 comes by Google and buys for 20 dollars, 72 by Google and gives, 73 by Bing and buys for 5.
SESSIONS: Final = (
    _session(71, "Google", _event(71, "Buy", "pro", 20)),
    _session(72, "Google", _event(72, "Give", "free")),
    _session(73, "Bing", _event(73, "Buy", "pro", 5)),
)


@pytest.fixture(scope="module", autouse=True)
def rows(webapp: Webapp, rollups_url: str) -> None:
    store = ClickHouseStore(rollups_url)
    store.insert(make_rows(webapp.site_id, SESSIONS, version=1))
    store.close()
    manage(webapp.environment, "shell", "-c", GOALS)


def _ask(webapp: Webapp, question: str) -> Found:
    api = Api(webapp.url, webapp.demo["stats_key"])
    now = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    return ask(api, parse(f"{question} {DAY}"), webapp.demo["domain"], "UTC", now)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("visitors by goal", [("Buy", 2), ("Give", 1)]),
        ("conversion rate by goal", [("Buy", 66.67), ("Give", 33.33)]),
        ("visitors where goal is buy", [(2,)]),
        ("events where goal is not Buy", [(4,)]),  # three pageviews and what was given
        ("visitors where goal is Give or Buy", [(3,)]),
        ('visitors by prop "pricing plan" where event is not pageview', [("pro", 2), ("free", 1)]),
        ('visitors by source where prop "pricing plan" is free', [("Google", 1)]),
        ("revenue by source where goal is Buy", [("Google", 20.0), ("Bing", 5.0)]),
        ("average revenue in USD", [(12.5,)]),
        ("revenue by currency where event is Buy", [("USD", 25.0)]),
    ],
)
def test_answers(question: str, expected: list[tuple[object, ...]], webapp: Webapp) -> None:
    found = _ask(webapp, question)
    keys = (*found.names, *found.metrics)
    assert [tuple(row[key] for key in keys) for row in found.rows] == expected


def test_revenue_says_its_currency(webapp: Webapp) -> None:
    assert _ask(webapp, "revenue where goal is Buy").currency == "USD"
    found = _ask(webapp, "revenue in EUR")
    assert (found.currency, found.left_out) == ("EUR", ("USD",))


def test_mistakes_are_named_with_the_remedy(webapp: Webapp) -> None:
    with pytest.raises(StackError, match=r"no goal 'Buys'.* Did you mean Buy"):
        _ask(webapp, "visitors where goal is Buys")
    with pytest.raises(StackError, match="revenue in EUR"):
        _ask(webapp, "revenue by source")
