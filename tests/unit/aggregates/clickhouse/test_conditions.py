"""Conditions as SQL: every value a parameter, wildcards and nothing else special."""

import pytest

from aggregates.clickhouse.conditions import hit_sql, like_pattern
from aggregates.clickhouse.filters import (
    All,
    AnyOf,
    Condition,
    Converted,
    Filter,
    Goal,
    HasDone,
    Needs,
    Not,
    Operator,
    ScrolledTo,
    needs,
)
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import DIMENSIONS, prop_dimension

PAGE, NAME, ENTRY, EXIT, SOURCE = (
    DIMENSIONS[name]
    for name in (
        "event:page",
        "event:name",
        "visit:entry_page",
        "visit:exit_page",
        "visit:source",
    )
)
A, B = Filter(PAGE, False, ("/a",), Operator.IS), Filter(NAME, False, ("b",), Operator.IS)
ENTERED, LEFT = Filter(ENTRY, False, ("/",)), Filter(EXIT, False, ("/",))
FOUND = Filter(SOURCE, True, ("x",), Operator.IS)


def made(condition: Condition) -> tuple[str, list[object]]:
    values = Values()
    sql = hit_sql(condition, values)
    return sql, list(values.params.values())


@pytest.mark.parametrize(
    ("condition", "sql", "values"),
    [
        (A, "path IN %(value_0)s", [("/a",)]),
        (
            Filter(PAGE, False, ("/a", "/blog/*", "/b")),
            "path IN %(value_0)s OR path LIKE %(value_1)s",
            [("/a", "/b"), "/blog/%"],
        ),
        (Filter(PAGE, True, ("*",)), "NOT (path LIKE %(value_0)s)", ["%"]),
        (Filter(PAGE, False, ("/a\\*b",)), "path IN %(value_0)s", [("/a*b",)]),
        (Filter(PAGE, False, ("a*",), Operator.IS), "path IN %(value_0)s", [("a*",)]),
        (Filter(PAGE, False, ("a%*",), Operator.CONTAINS), "path LIKE %(value_0)s", ["%a\\%*%"]),
        (Filter(PAGE, False, ("^a",), Operator.MATCHES), "match(path, %(value_0)s)", ["^a"]),
        (
            Filter(PAGE, False, ("^a",), Operator.MATCHES, case_sensitive=False),
            "match(path, %(value_0)s)",
            ["(?i)^a"],
        ),
        (
            Filter(PAGE, False, ("A", "b*"), case_sensitive=False),
            "lowerUTF8(path) IN (lowerUTF8(%(value_0)s))"
            " OR lowerUTF8(path) LIKE lowerUTF8(%(value_1)s)",
            ["A", "b%"],
        ),
        (
            Filter(prop_dimension("plan"), False, ("pro",), Operator.IS),
            "prop_values[indexOf(prop_keys, %(value_0)s)] IN %(value_1)s",
            ["plan", ("pro",)],
        ),
        (
            AnyOf((A, Not(All((B, A))))),
            "(path IN %(value_0)s) OR"
            " (NOT ((name IN %(value_1)s) AND (path IN %(value_0)s)))",
            [("/a",), ("b",)],
        ),
        (All(()), "1", []),
        (AnyOf(()), "0", []),
        (Converted((Goal("g", A), Goal("h", B))), "(path IN %(value_0)s) OR (name IN %(value_1)s)",
         [("/a",), ("b",)]),
        (
            ScrolledTo("/blog/*", 75),
            "(name = 'engagement' AND path LIKE %(value_0)s AND scroll_depth >= %(value_1)s)",
            ["/blog/%", 75],
        ),
    ],
)  # fmt: skip
def test_of_hits(condition: Condition, sql: str, values: list[object]) -> None:
    assert made(condition) == (sql, values)


def test_what_only_visits_know_is_asked_by_session_once() -> None:
    sql, _ = made(AnyOf((ENTERED, FOUND, Not(LEFT))))
    assert sql.startswith("session_id IN (")
    assert sql.count("FROM visit_rows") == 1
    assert "session_exit_pages AS exit_page" in sql


def test_beside_hits_each_is_asked_by_itself() -> None:
    sql, _ = made(AnyOf((A, ENTERED)))
    assert sql.startswith("(path IN %(value_0)s) OR (session_id IN (")
    assert "session_exit_pages" not in sql


def test_what_a_visit_has_done_is_asked_of_hits() -> None:
    sql, _ = made(Not(HasDone(AnyOf((A, ScrolledTo("/", 50))))))
    assert sql.startswith("NOT (session_id IN (")
    assert "session_scroll_depths AS scroll_depth" in sql
    assert "(name != 'engagement' OR (name = 'engagement' AND " in sql
    assert "visitor_ids" not in sql


def test_needs() -> None:
    assert needs((A, FOUND)) == {Needs.HIT}
    assert needs((Not(ENTERED),)) == {Needs.VISIT}
    assert needs((All((LEFT,)),)) == {Needs.VISIT, Needs.SESSION}
    assert needs((HasDone(A),)) == {Needs.SESSION}
    assert needs((Converted((Goal("g", ScrolledTo("/", 1)),)),)) == {Needs.HIT, Needs.SESSION}
    assert needs((FOUND,)) == set()


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
