"""Filters as SQL: every value a parameter, wildcards and nothing else special."""

import pytest

from aggregates.clickhouse.conditions import condition, like_pattern
from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.vocabulary import DIMENSIONS

PAGE = DIMENSIONS["event:page"]


def test_exact_values_and_wildcards() -> None:
    assert condition(Filter(PAGE, False, ("/a", "/blog/*", "/b")), "f") == (
        "(path IN %(f_exact)s OR path LIKE %(f_like_0)s)",
        {"f_exact": ("/a", "/b"), "f_like_0": "/blog/%"},
    )


def test_negated() -> None:
    assert condition(Filter(PAGE, True, ("*",)), "f") == (
        "NOT (path LIKE %(f_like_0)s)",
        {"f_like_0": "%"},
    )


def test_a_star_itself() -> None:
    assert condition(Filter(PAGE, False, ("/a\\*b",)), "f")[1] == {"f_exact": ("/a*b",)}


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("/a*", "/a%"),
        ("**/a", "%/a"),
        ("100%*", "100\\%%"),
        ("a_b*", "a\\_b%"),
        ("C:\\dir*", "C:\\\\dir%"),
        ("\\**", "*%"),
    ],
)
def test_patterns(value: str, pattern: str) -> None:
    assert like_pattern(value) == pattern
