"""What questions in words mean, and where the errors point."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    PROP_PREFIX,
    REVENUE_METRICS,
    Metric,
    parse_dimension,
)
from deploy.query import vocabulary
from deploy.query.grammar import KEYWORDS, Asked, Condition, parse
from deploy.query.spans import Fixed, Recent, dates_of
from deploy.query.words import NotUnderstood
from schemas.events import PROP_KEY_BYTES_MAX
from webapp.api.errors import InvalidInput
from webapp.stats.filters import parse_filters
from webapp.stats.parameters import INTERVALS

PAGE, COUNTRY, SOURCE, GOAL = "event:page", "visit:country", "visit:source", "event:goal"

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("visitors", {}),
    ("by source", {"by": [SOURCE]}),
    ("Visitors BY Source", {"by": [SOURCE]}),
    ("visitors by source last 7d", {"by": [SOURCE], "span": Recent("day", 7)}),
    ("show the visitors for the last 7 days", {"span": Recent("day", 7)}),
    ("visitors, bounce rate and pageviews", {"metrics": ["visitors", "bounce_rate", "pageviews"]}),
    ("views per visit per day", {"metrics": ["views_per_visit"], "step": "day"}),
    ("people by countries and cities", {"by": [COUNTRY, "visit:city"]}),
    ("visitors by event:page", {"by": [PAGE]}),
    ("visitors by entry page top 20", {"by": ["visit:entry_page"], "top": 20}),
    ("visitors hourly today", {"step": "hour", "span": Recent("day")}),
    ("visitors by month this year", {"step": "month", "span": Recent("year", is_whole=True)}),
    ("visitors yesterday vs previous", {"span": Recent("day", ago=1), "compares": True}),
    ("visitors compared with the previous period", {"compares": True}),
    ("visitors last month", {"span": Recent("month", ago=1, is_whole=True)}),
    ("visitors last 3mo", {"span": Recent("month", 3)}),
    ("visitors last 24 hours", {"span": Recent("hour", 24)}),
    ("visitors 2026-11", {"span": Fixed(dt.date(2026, 11, 1), dt.date(2026, 11, 30))}),
    ("visitors 2026", {"span": Fixed(dt.date(2026, 1, 1), dt.date(2026, 12, 31))}),
    ("visitors since 2026-11-02", {"span": Fixed(dt.date(2026, 11, 2))}),
    (
        "visitors from 2026-11-01..2026-11-07",
        {"span": Fixed(dt.date(2026, 11, 1), dt.date(2026, 11, 7))},
    ),
    (
        "visitors 2026-11-01 to 2026-11-07",
        {"span": Fixed(dt.date(2026, 11, 1), dt.date(2026, 11, 7))},
    ),
    (
        "visitors where page is /blog/* and country is not DE",
        {"conditions": [Condition(PAGE, False, ("/blog/*",)), Condition(COUNTRY, True, ("DE",))]},
    ),
    (
        'visitors where source is Google or "Hacker News" last 7d',
        {
            "conditions": [Condition(SOURCE, False, ("Google", "Hacker News"))],
            "span": Recent("day", 7),
        },
    ),
    (
        "visitors where page=/a and country!=DE",
        {"conditions": [Condition(PAGE, False, ("/a",)), Condition(COUNTRY, True, ("DE",))]},
    ),
    ('visitors where source is ""', {"conditions": [Condition(SOURCE, False, ("",))]}),
    ("visitors where page is '/2*2'", {"conditions": [Condition(PAGE, False, (r"/2\*2",))]}),
    ("visitors where page contains blog", {"conditions": [Condition(PAGE, False, ("*blog*",))]}),
    (
        "visitors where page does not contain a;b|c",
        {"conditions": [Condition(PAGE, True, (r"*a\;b\|c*",))]},
    ),
    ("visitors where page starts with /a", {"conditions": [Condition(PAGE, False, ("/a*",))]}),
    ("visitors by goal", {"by": [GOAL]}),
    (
        "conversions, conversion rate by goals",
        {"metrics": ["events", "conversion_rate"], "by": [GOAL]},
    ),
    ("visitors where goal is Purchase", {"conditions": [Condition(GOAL, False, ("Purchase",))]}),
    ("visitors by prop:plan", {"by": ["event:props:plan"]}),
    ("visitors by event:props:Plan", {"by": ["event:props:Plan"]}),
    (
        'visitors by property "pricing plan", prop size and country',
        {"by": ["event:props:pricing plan", "event:props:size", COUNTRY]},
    ),
    (
        "visitors where prop:my-plan=pro and props:a:b is not x",
        {
            "conditions": [
                Condition("event:props:my-plan", False, ("pro",)),
                Condition("event:props:a:b", True, ("x",)),
            ]
        },
    ),
    ("revenue by source", {"metrics": ["total_revenue"], "by": [SOURCE]}),
    (
        "average revenue in eur per month in 2026",
        {
            "metrics": ["average_revenue"],
            "currency": "EUR",
            "step": "month",
            "span": Fixed(dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        },
    ),
    ("revenue by currency", {"metrics": ["total_revenue"], "by": ["event:currency"]}),
    ("visitors in the last 7 days", {"span": Recent("day", 7)}),
]


@pytest.mark.parametrize(("question", "expected"), QUESTIONS, ids=lambda each: str(each)[:40])
def test_questions(question: str, expected: dict[str, Any]) -> None:
    assert parse(question) == Asked(**{"metrics": ["visitors"], **expected})


@pytest.mark.parametrize(
    ("question", "points_at", "says"),
    [
        ("vistors by source", "vistors", "mean visitors"),
        ("visitors by sorce", "sorce", "mean source"),
        ("visitors by", "", "Expected a property"),
        ("visitors were page is /a", "were", "mean where"),
        ("visitors where pge is /a", "pge", "mean page"),
        ("visitors where page has /a", "has", "Expected 'is'"),
        ("visitors where page is", "", "Expected a value"),
        ("visitors per fortnight", "fortnight", "A step is"),
        ("visitors by source per day", "day", "not both"),
        ("visitors top many", "many", "from 1 to 1000"),
        ("visitors top 0", "0", "from 1 to 1000"),
        ("visitors last 9 moons", "moons", "mean"),
        ("visitors last 0 days", "0", "From 1 to 3660"),
        ("visitors last 7d this month", "this", "already"),
        ("visitors 2026-02-30", "2026-02-30", "Expected a date"),
        ("visitors 2026-11-07..2026-11-01", "2026-11-07..2026-11-01", "ends before"),
        ("visitors 2026-11-01..soon", "soon", "Expected a date"),
        ("visitors vs 2025", "2025", "vs previous"),
        ("visitors and visitors", "visitors", "twice"),
        ("visitors by plan", "plan", "as in prop:plan"),
        ("visitors by prop", "", "Expected the name of a property"),
        ("visitors by prop:", "prop:", "Which property?"),
        ('visitors by prop:"my plan"', 'prop:"my', 'prop "pricing plan"'),
        ('visitors by prop "a,b"', '"a,b"', "has no ,"),
        ('visitors by prop "  "', '"  "', "has 1 to 300 bytes"),
        (f"visitors by prop:{'x' * 301}", f"prop:{'x' * 301}", "has 1 to 300 bytes"),
        ("visitors where goal contains Buy", "contains", "whole name"),
        ("visitors in EUR", "EUR", "of revenue"),
        ("revenue in EUR in USD", "in", "already"),
        ("", "", "Ask for something"),
        ("x" * 3_000, "x" * 60, "at most"),
    ],
)
def test_errors_point_at_the_word(question: str, points_at: str, says: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse(question)
    error = caught.value
    assert error.question[error.start : error.end] == points_at
    assert says in error.message
    shown = str(error).splitlines()
    assert shown[1].index("^") == error.start


WORDS = st.sampled_from(
    [
        *(*KEYWORDS, *vocabulary.METRIC_WORDS, *vocabulary.PROPERTY_WORDS, *vocabulary.STEPS),
        *("prop", "prop:", "prop:plan", '"a b"', "in EUR", "goal is", "revenue"),
        *("and", "or", ",", "is", "not", "is not", "=", "!=", "contains", "previous", "to", ".."),
        *("'", "7", "7d", "days", "99999mo", "week", "2026-11", "2026-11-01..2026-11-07"),
        *("0001-01", "٣"),
    ]
)
NOW = dt.datetime(2026, 11, 24, 10, 20)


@given(st.lists(WORDS | st.text(max_size=12), max_size=14).map(" ".join))
def test_whatever_is_asked_is_understood_or_refused(question: str) -> None:
    try:
        asked = parse(question)
    except NotUnderstood as error:
        assert 0 <= error.start < error.end <= len(error.question) + 1
        assert str(error)
        return
    assert asked.metrics
    if asked.span is not None:
        dates = dates_of(asked.span, NOW)
        assert dates.previous().text < dates.text
    for condition in asked.conditions:
        operator = "!=" if condition.negated else "=="
        text = f"{condition.name}{operator}{'|'.join(condition.values)}"
        if condition.name == GOAL:  # known only where the site is
            with pytest.raises(InvalidInput, match="goal"):
                parse_filters(text)
            continue
        (found,) = parse_filters(text)
        assert isinstance(found, Filter)
        assert found.dimension == parse_dimension(condition.name)
        assert len(found.values) == len(condition.values)


@pytest.mark.parametrize(
    ("question", "text", "previous"),
    [
        ("today", "2026-11-24,2026-11-24", "2026-11-23,2026-11-23"),
        ("yesterday", "2026-11-23,2026-11-23", "2026-11-22,2026-11-22"),
        ("last 7d", "2026-11-18,2026-11-24", "2026-11-11,2026-11-17"),
        ("last 2 weeks", "2026-11-11,2026-11-24", "2026-10-28,2026-11-10"),
        ("this week", "2026-11-23,2026-11-24", "2026-11-21,2026-11-22"),
        ("last week", "2026-11-16,2026-11-22", "2026-11-09,2026-11-15"),
        ("this month", "2026-11-01,2026-11-24", "2026-10-08,2026-10-31"),
        ("last month", "2026-10-01,2026-10-31", "2026-08-31,2026-09-30"),
        ("last 12 months", "2025-12-01,2026-11-24", "2024-12-07,2025-11-30"),
        ("last year", "2025-01-01,2025-12-31", "2024-01-02,2024-12-31"),
        ("since 2026-11-20", "2026-11-20,2026-11-24", "2026-11-15,2026-11-19"),
        ("since 2027-01-01", "2027-01-01,2027-01-01", "2026-12-31,2026-12-31"),
        (
            "last 2 hours",
            "2026-11-24T09:00:00,2026-11-24T11:00:00",
            "2026-11-24T07:00:00,2026-11-24T09:00:00",
        ),
    ],
)
def test_dates(question: str, text: str, previous: str) -> None:
    span = parse(question).span
    assert span is not None
    dates = dates_of(span, NOW)
    assert (dates.text, dates.previous().text) == (text, previous)


def test_the_words_are_those_of_the_api() -> None:
    assert set(vocabulary.METRIC_WORDS.values()) <= {metric.value for metric in Metric}
    assert set(vocabulary.PROPERTY_WORDS.values()) == set(vocabulary.PROPERTIES)
    assert set(vocabulary.PROPERTIES) == set(DIMENSIONS) - {"time:minute"}, "minutes are steps"
    assert vocabulary.PROP_PREFIXES[0] == PROP_PREFIX
    assert vocabulary.PROP_NAME_BYTES_MAX == PROP_KEY_BYTES_MAX
    assert tuple(REVENUE_METRICS) == vocabulary.REVENUES
    assert set(vocabulary.STEPS.values()) <= set(INTERVALS)
    assert not set(vocabulary.METRIC_WORDS) & set(KEYWORDS)


def test_the_questions_of_the_documentation_are_understood() -> None:
    text = (Path(__file__).parents[3] / "deploy" / "docs" / "query.md").read_text()
    questions = re.findall(r'^\./inv query "([^"]+)"', text, re.MULTILINE)
    clauses = [
        example
        for line in text.splitlines()
        if line.startswith("| ") and line.count("|") == 4
        for example in re.findall(r"`([^`]+)`", line.split("|")[2])
    ]
    assert len(questions) >= 3 and len(clauses) >= 15
    for question in (*questions, *clauses):
        parse(question)
    with pytest.raises(NotUnderstood) as caught:
        parse("visitors by sorce last 7d")
    assert str(caught.value) in text
