"""The `filters` parameter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse.filters import Converted, Filter, Goal, Not
from aggregates.clickhouse.vocabulary import DIMENSIONS, InvalidQuestion, prop_dimension
from webapp.api.errors import InvalidInput
from webapp.stats.dialects import Dialect
from webapp.stats.filters import parse_filters


def _filter(name: str, negated: bool, *values: str) -> Filter:
    return Filter(DIMENSIONS[name], negated, values)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("", ()),
        (" ; ", ()),
        ("visit:country==DE", (_filter("visit:country", False, "DE"),)),
        ("visit:country!=DE|AT", (_filter("visit:country", True, "DE", "AT"),)),
        ("visit:source==", (_filter("visit:source", False, ""),)),
        (
            "event:page==/a*;visit:device==Mobile;",
            (_filter("event:page", False, "/a*"), _filter("visit:device", False, "Mobile")),
        ),
        (r"event:page==/a\|b\;c", (_filter("event:page", False, "/a|b;c"),)),
        (r"event:page==/a\*b", (_filter("event:page", False, r"/a\*b"),)),
        (r"event:page==C:\\dir", (_filter("event:page", False, r"C:\dir"),)),
        ("event:page==/a==b!=c", (_filter("event:page", False, "/a==b!=c"),)),
        ("visit:os == Mac", (_filter("visit:os", False, " Mac"),)),
        (
            "event:props:my author==Ada|",
            (Filter(prop_dimension("my author"), False, ("Ada", "")),),
        ),
        ("event:page==/ü\n", (_filter("event:page", False, "/ü\n"),)),
    ],
)
def test_filters(text: str, filters: tuple[Filter, ...]) -> None:
    assert parse_filters(text) == filters


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("visit:source==Direct / None", ("",)),
        ("visit:source==Direct / None|Google", ("", "Google")),
        ("visit:referrer==Direct / None", ("",)),
        ("visit:utm_medium==(not set)", ("",)),
        ("visit:utm_medium==(none)", ("(none)",)),
        ("event:props:author==(none)", ("",)),
        ("visit:os == Mac ", ("Mac",)),
    ],
)
def test_plausibles_words_for_what_is_not_known(text: str, values: tuple[str, ...]) -> None:
    (parsed,) = parse_filters(text, Dialect.PLAUSIBLE)
    assert isinstance(parsed, Filter)
    assert parsed.values == values
    (own,) = parse_filters(text, Dialect.PAWPRINT)
    assert isinstance(own, Filter)
    assert "" not in own.values


SIGNUP = Goal("Signup", _filter("event:name", False, "Signup"))
BLOG = Goal("Visit /blog/*", _filter("event:page", False, "/blog/*"))
ODD = Goal("a|b", _filter("event:name", False, "a|b"))
GOALS = (SIGNUP, BLOG, ODD)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("event:goal==Signup", Converted((SIGNUP,))),
        ("event:goal==Visit /blog/*|Signup|Signup", Converted((BLOG, SIGNUP))),
        (r"event:goal==Visit /blog/\*|a\|b", Converted((BLOG, ODD))),
        ("event:goal!=Signup", Not(Converted((SIGNUP,)))),
    ],
)
def test_goals_are_named_as_they_are_shown(text: str, condition: object) -> None:
    assert parse_filters(text, Dialect.PLAUSIBLE, GOALS) == (condition,)


@pytest.mark.parametrize(
    "text", ["event:goal==signup", "event:goal==", "event:goal==Visit /blog/a"]
)
def test_a_goal_that_there_is_not(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^The goal `.*` is not configured for this site\.$"):
        parse_filters(text, Dialect.PLAUSIBLE, GOALS)


@pytest.mark.parametrize(
    "text", ["visit:country", "==DE", "visit:country=DE", "x" * 20_001, "visit:os==a;" * 61]
)
def test_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^filters: "):
        parse_filters(text)


def test_a_property_that_there_is_not() -> None:
    with pytest.raises(InvalidInput, match=r"^Invalid filter property 'country'\. Valid"):
        parse_filters("country==DE")


plain = st.text(max_size=20)


@given(st.lists(plain, min_size=1, max_size=5))
def test_every_text_can_be_asked_for(values: list[str]) -> None:
    """Escaped as a client would, values come back; `*` stays escaped, as `Filter` wants it."""
    escaped = [
        "".join(f"\\{char}" if char in "\\|;*" else char for char in value) for value in values
    ]
    (parsed,) = parse_filters(f"event:page=={'|'.join(escaped)}")
    assert isinstance(parsed, Filter)
    assert [value.replace("\\*", "*") for value in parsed.values] == [
        value.replace("\\*", "*") for value in values
    ]


@given(plain)
def test_anything_else_is_refused(text: str) -> None:
    try:
        parse_filters(text)
    except (InvalidInput, InvalidQuestion) as error:
        assert error.field == "filters"
