"""The parts of the API's page: operations of a document, samples, prose, definitions."""

import ast
import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse import definitions
from aggregates.clickhouse.vocabulary import DIMENSIONS, PROP_PREFIX, Metric
from webapp.apidocs.operations import Operation, Parameter, operations_of, sample
from webapp.apidocs.snippets import Values, curl, example_values, httpie, python
from webapp.apidocs.templatetags.prose import inline, prose

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/api/v1/sites/{site_id}/goals": {
            "put": {
                "operationId": "goals_put",
                "summary": "Make a goal",
                "parameters": [
                    {"in": "path", "name": "site_id", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Goal"}}
                    }
                },
                "responses": {"200": {"description": ""}},
            }
        },
        "/api/v1/stats/x": {
            "get": {
                "operationId": "x",
                "parameters": [
                    {
                        "in": "query",
                        "name": "period",
                        "schema": {"type": "string", "enum": ["7d"], "default": "7d"},
                        "examples": {"one": {"value": "7d"}},
                    },
                    {"in": "query", "name": "deep", "schema": {"type": "string"}},
                    {"in": "query", "name": "site_id", "required": True, "example": "example.com"},
                ],
                "responses": {
                    "200": {
                        "description": "Fine",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}
                        },
                    }
                },
            }
        },
    },
    "components": {
        "schemas": {
            "Goal": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "example": "it's"},
                    "depth": {"type": "integer"},
                },
            },
            "Tree": {
                "type": "object",
                "properties": {
                    "at": {"type": "string", "format": "date"},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
            },
        }
    },
}
STATS, GOALS = operations_of(DOCUMENT)


def test_operations_stand_in_their_groups() -> None:
    assert [(each.group, each.name, each.method) for each in (STATS, GOALS)] == [
        ("Stats", "x", "GET"),
        ("Sites", "goals_put", "PUT"),
    ]
    assert [each.name for each in STATS.parameters] == ["site_id", "period", "deep"]
    assert [(each.name, each.place, each.required) for each in GOALS.parameters] == [
        ("site_id", "path", False),
        ("name", "body", True),
        ("depth", "body", False),
    ]


def test_an_example_gives_what_is_required_and_what_is_worth_showing() -> None:
    assert example_values(STATS, "a.example") == {"site_id": "a.example", "period": "7d"}


def test_a_schema_that_names_itself_has_an_end() -> None:
    found = sample(DOCUMENT, {"$ref": "#/components/schemas/Tree"})
    assert found["at"] == found["parts"][0]["at"] == "2026-11-23"


def test_what_is_sent_survives_the_shell() -> None:
    assert GOALS.body == {"name": "it's"}
    text = curl(GOALS, {}, "https://a.example")
    assert shlex.split(text)[-1] == '{"name": "it\'s"}'
    assert "-X PUT" in text and "/api/v1/sites/YOUR_SITE_ID/goals" in text
    assert shlex.split(httpie(GOALS, {}, "https://a.example"))[-1] == '{"name": "it\'s"}'
    compile(python(GOALS, {}, "https://a.example"), "example", "exec")


@given(st.text(max_size=40))
def test_values_survive_the_shell_and_python(value: str) -> None:
    value = value.replace("\x00", "")
    asked: Values = {"site_id": "a.example", "filters": value}
    assert f"filters={value}" in shlex.split(curl(STATS, asked, "https://a.example"))
    assert f"filters=={value}" in shlex.split(httpie(STATS, asked, "https://a.example"))
    compile(python(_named("aggregate"), asked, "https://a.example"), "example", "exec")


@given(st.text(max_size=40), st.booleans())
def test_python_says_what_the_body_says(value: str, is_on: bool) -> None:
    body = {"site_id": "a.example", "metrics": ["visitors"], "include": {value: is_on, "x": None}}
    text = python(replace(_named("v2_query"), body=body), {}, "https://a.example")
    (call,) = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and "query" in ast.unparse(node.func)
    )
    assert [ast.literal_eval(each) for each in call.args] == ["a.example", ["visitors"]]
    assert {each.arg: ast.literal_eval(each.value) for each in call.keywords} == {
        "include": body["include"]
    }


def test_python_names_what_is_deleted_by_its_number() -> None:
    goal = Parameter("goal_id", "path", "string", True, "", (), "", None)
    operation = replace(_named("goals_delete"), method="DELETE", parameters=(goal,))
    text = python(operation, {"site_id": "a.example"}, "https://a.example")
    assert text.endswith('\npawprint.delete_goal("a.example", 42)')


def _named(name: str) -> Operation:
    return Operation(name, "Stats", "GET", "/api/v1/stats/x", "", "", True, (), None, ())


@given(st.text())
def test_nothing_in_a_description_becomes_markup_of_its_own(text: str) -> None:
    bare = str(prose(f"<b>{text}</b>"))
    for tag in ("<p>", "</p>", "<code>", "</code>"):
        bare = bare.replace(tag, "")
    assert "<" not in bare and ">" not in bare


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`a` < `b`", "<code>a</code> &lt; <code>b</code>"),
        ("`<i>`", "<code>&lt;i&gt;</code>"),
        ("a ` b", "a ` b"),
    ],
)
def test_code_in_prose(text: str, html: str) -> None:
    assert inline(text) == html


def test_everything_that_can_be_asked_is_defined() -> None:
    assert set(definitions.METRICS) == set(Metric)
    assert set(definitions.DIMENSIONS) == set(DIMENSIONS) | {f"{PROP_PREFIX}NAME"}
    for each in (*definitions.METRICS.values(), *definitions.DIMENSIONS.values()):
        assert each.text and not each.text.endswith(".")
    assert all(each.unit for each in definitions.METRICS.values())
