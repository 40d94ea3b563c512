"""Filters as JSON: what they mean, what is refused and in which words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.filters import (
    All,
    AnyOf,
    Condition,
    Converted,
    Filter,
    Goal,
    HasDone,
    Not,
    Operator,
)
from aggregates.clickhouse.vocabulary import DIMENSIONS, InvalidQuestion, prop_dimension
from webapp.api.errors import InvalidInput
from webapp.stats.conditions import parse_conditions, resolve_segments
from webapp.stats.elixir import inspect

PAGE, SOURCE, COUNTRY = (
    DIMENSIONS[name] for name in ("event:page", "visit:source", "visit:country")
)
SIGNUP = Goal("Signup", Filter(DIMENSIONS["event:name"], False, ("Signup",), Operator.IS))
BUY = Goal("Buy", Filter(DIMENSIONS["event:name"], False, ("Buy",), Operator.IS))
SAVED: dict[int, list[Any]] = {
    1: [["is", "visit:country", ["DE"]], ["is", "event:goal", ["Signup"]]],
    2: [["matches_wildcard", "event:page", ["/blog/**"]]],
    3: [["nonsense"]],
}


def segments(number: int) -> list[Any] | None:
    return SAVED.get(number)


def parse(*filters: Any) -> tuple[Condition, ...]:
    return parse_conditions(list(filters), (SIGNUP, BUY), segments, "#/filters")


def is_(dimension: Any, *values: str, negated: bool = False) -> Filter:
    return Filter(dimension, negated, values, Operator.IS)


@pytest.mark.parametrize(
    ("given_filter", "condition"),
    [
        (["is", "event:page", ["/a", "/a", "/b*"]], is_(PAGE, "/a", "/b*")),
        (["is_not", "event:page", ["/a"]], is_(PAGE, "/a", negated=True)),
        (["contains", "event:page", ["a"]], Filter(PAGE, False, ("a",), Operator.CONTAINS)),
        (
            ["contains_not", "event:page", ["a"], {"case_sensitive": False}],
            Filter(PAGE, True, ("a",), Operator.CONTAINS, case_sensitive=False),
        ),
        (["matches_not", "event:page", ["^/a"]], Filter(PAGE, True, ("^/a",), Operator.MATCHES)),
        (["is", "visit:source", ["Direct / None", "X"]], is_(SOURCE, "", "X")),
        (["is", "visit:source", ["(not set)"]], is_(SOURCE, "")),
        (["is", "event:props:plan", ["(none)"]], is_(prop_dimension("plan"), "")),
        (["is", "event:page", ["(not set)"]], is_(PAGE, "(not set)")),
        (["is", "visit:country_name", ["Germany", "Austria"]], is_(COUNTRY, "AT", "DE")),
        (["is", "visit:country_name", [""]], is_(COUNTRY, "")),
        (["is", "visit:country_name", ["germany"], {"case_sensitive": False}], is_(COUNTRY, "DE")),
        (["contains_not", "visit:country_name", ["Utopia"]], Not(AnyOf(()))),
        (["is", "visit:region_name", ["Texas"]], is_(DIMENSIONS["visit:region"], "US-TX")),
        (["is", "visit:city", [42]], is_(DIMENSIONS["visit:city"], "42")),
        (["is", "visit:city_name", ["Graz"]], is_(DIMENSIONS["visit:city"], "Graz")),
        (["is", "event:goal", ["Buy", "Signup"]], Converted((SIGNUP, BUY))),
        (["contains", "event:goal", ["up"]], Converted((SIGNUP,))),
        (["contains", "event:goal", ["UP"]], Converted(())),
        (["is", "event:goal", ["signup"], {"case_sensitive": False}], Converted((SIGNUP,))),
        (["and", [["is", "event:page", ["/"]]]], All((is_(PAGE, "/"),))),
        (["or", [["is", "event:page", ["/"]]]], AnyOf((is_(PAGE, "/"),))),
        (["not", ["is", "event:page", ["/"]]], Not(is_(PAGE, "/"))),
        (["has_done", ["is", "event:page", ["/"]]], HasDone(is_(PAGE, "/"))),
        (["has_not_done", ["is", "event:page", ["/"]]], Not(HasDone(is_(PAGE, "/")))),
    ],
)
def test_meaning(given_filter: Any, condition: Condition) -> None:
    assert parse(given_filter) == (condition,)


def test_hits_without_a_property_neither_contain_nor_lack_a_text() -> None:
    plan = prop_dimension("plan")
    assert parse(["contains_not", "event:props:plan", ["free"]]) == (
        All((Filter(plan, True, ("free",), Operator.CONTAINS), is_(plan, "", negated=True))),
    )


def test_a_segment_stands_for_its_filters() -> None:
    germany = ["is", "visit:country", ["DE"]]
    signed_up = ["is", "event:goal", ["Signup"]]
    blog = ["matches_wildcard", "event:page", ["/blog/**"]]
    assert resolve_segments([["is", "segment", [1]]], segments) == [germany, signed_up]
    assert resolve_segments([["not", ["is", "segment", [2, 1]]]], segments) == [
        ["not", ["or", [["and", [blog]], ["and", [germany, signed_up]]]]]
    ]


@pytest.mark.parametrize(
    ("given_filter", "error"),
    [
        ([], "#/filters/0: Invalid filter []"),
        ("x", '#/filters/0: Invalid filter "x"'),
        (None, "#/filters/0: Invalid filter nil"),
        (["is", "event:name", "foo"], '#/filters/0: Invalid filter ["is", "event:name", "foo"]'),
        (["is", "event:name", []], '#/filters/0: Invalid filter ["is", "event:name", []]'),
        (["and", []], '#/filters/0: Invalid filter ["and", []]'),
        (["not", [["x"]], 1], '#/filters/0: Invalid filter ["not", [["x"]], 1]'),
        (["is", "time:minute", ["1"]], '#/filters/0: Invalid filter ["is", "time:minute", ["1"]]'),
        (["is", "visit:a", ["b"]], '#/filters/0: Invalid filter ["is", "visit:a", ["b"]]'),
        (
            ["is", "event:props:", ["b"]],
            '#/filters/0: Invalid filter ["is", "event:props:", ["b"]]',
        ),
        (
            ["is_not", "event:goal", ["Buy"]],
            '#/filters/0: Invalid filter ["is_not", "event:goal", ["Buy"]]',
        ),
        (
            ["matches", "event:page", ["a"], {"case_sensitive": False}],
            '#/filters/0: Invalid filter ["matches", "event:page", ["a"], '
            '%{"case_sensitive" => false}]',
        ),
        (
            ["matches_wildcard", "event:page", ["a"]],
            '#/filters/0: Invalid filter ["matches_wildcard", "event:page", ["a"]]',
        ),
        (["is", "visit:os", [123]], 'Invalid filter \'["is", "visit:os", [123]]\'.'),
        (
            ["is", "visit:country", ["USA"]],
            "Invalid visit:country filter, visit:country needs to be a valid 2-letter country "
            "code.",
        ),
        (
            ["is", "event:goal", ["Sell"]],
            "Invalid filters. The goal `Sell` is not configured for this site.",
        ),
        (
            ["is", "segment", [9]],
            "Invalid filters. Some segments don't exist or aren't accessible.",
        ),
        (
            ["is", "segment", [3]],
            "Invalid filters. Some segments don't exist or aren't accessible.",
        ),
        (["is", "segment", ["1"]], 'Invalid filter \'["is", "segment", ["1"]]\'.'),
        (
            ["is", "segment", list(range(11))],
            "Invalid filters. You can only use up to 10 segment filters in a query.",
        ),
        (
            ["matches", "visit:country_name", ["(a*)*b"]],
            "Invalid filters. visit:country_name can only be filtered with `is` and `contains`.",
        ),
    ],
)
def test_refusals(given_filter: Any, error: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(given_filter)
    assert str(refused.value) == error


def test_no_list_is_refused_at_the_pointer() -> None:
    with pytest.raises(InvalidInput, match=r"#/x: Type mismatch\. Expected Array but got String"):
        parse_conditions("foobar", (), segments, "#/x")


def test_too_many_and_too_deep() -> None:
    leaf: Any = ["is", "event:page", ["/"]]
    with pytest.raises(InvalidInput, match="at most 60"):
        parse(*[leaf] * 61)
    for _ in range(500):
        leaf = ["not", leaf]
    with pytest.raises(InvalidInput, match="Invalid filter"):
        parse(leaf)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)
OPERATORS = ("is", "is_not", "contains", "matches", "and", "or", "not", "has_done")
NAMES = ("segment", "event:goal", "event:page", "visit:country_name", "event:props:a")
words = st.sampled_from((*OPERATORS, *NAMES, "Buy", "DE", "(none)"))
likely = st.recursive(words | st.integers(1, 4), lambda inner: st.lists(inner, max_size=3))


@settings(max_examples=60, deadline=None)
@given(st.lists(likely | json, max_size=4))
def test_anything_is_a_condition_or_refused(filters: list[Any]) -> None:
    try:
        parse(*filters)
    except (InvalidInput, InvalidQuestion) as error:
        assert str(error)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["a", 1, 1.5, None, True], '["a", 1, 1.5, nil, true]'),
        ({"b": [], "a": {}}, '%{"a" => %{}, "b" => []}'),
        ('say "hi"\n', '"say \\"hi\\"\\n"'),
    ],
)
def test_quoted_as_elixir_prints(value: Any, text: str) -> None:
    assert inspect(value) == text
