"""The `filters` parameter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.vocabulary import DIMENSIONS, InvalidQuestion
from webapp.api.errors import InvalidInput
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
        ("event:page==/ü\n", (_filter("event:page", False, "/ü\n"),)),
    ],
)
def test_filters(text: str, filters: tuple[Filter, ...]) -> None:
    assert parse_filters(text) == filters


@pytest.mark.parametrize(
    "text", ["visit:country", "==DE", "country==DE", "visit:country=DE", "x" * 20_001]
)
def test_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^filters: "):
        parse_filters(text)


plain = st.text(max_size=20)


@given(st.lists(plain, min_size=1, max_size=5))
def test_every_text_can_be_asked_for(values: list[str]) -> None:
    """Escaped as a client would, values come back; `*` stays escaped, as `Filter` wants it."""
    escaped = [
        "".join(f"\\{char}" if char in "\\|;*" else char for char in value) for value in values
    ]
    parsed = parse_filters(f"event:page=={'|'.join(escaped)}")
    assert [value.replace("\\*", "*") for value in parsed[0].values] == [
        value.replace("\\*", "*") for value in values
    ]


@given(plain)
def test_anything_else_is_refused(text: str) -> None:
    try:
        parse_filters(text)
    except (InvalidInput, InvalidQuestion) as error:
        assert error.field == "filters"
