"""The OpenAPI page: complete, valid, and from our own files."""

from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from tests.web.routes import ROUTES
from tests.web.tenancy import ROWS

pytestmark = pytest.mark.any_database


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    response = Client().get("/api/schema/")
    loaded: dict[str, Any] = yaml.safe_load(response.content)
    return loaded


def test_no_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    assert capsys.readouterr().out.startswith("openapi:")


def _operations(schema: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """By path and method."""
    return {
        (path, method.upper()): operation
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    }


def test_every_operation_is_there(schema: dict[str, Any]) -> None:
    lines = {(ROUTES[name].documented_path, method) for name, method in ROWS if _is_operation(name)}
    assert _operations(schema).keys() == lines


def _is_operation(name: str) -> bool:
    return ROUTES[name].is_api and name not in ("schema", "docs", "try")


def test_every_parameter_says_what_it_is(schema: dict[str, Any]) -> None:
    for call, operation in _operations(schema).items():
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (call, parameter)
            assert parameter["in"] == "path" or parameter["examples"], (call, parameter)


def test_every_operation_says_how_to_be_let_in(schema: dict[str, Any]) -> None:
    for call, operation in _operations(schema).items():
        ways = operation["security"]
        assert {"cookieAuth": []} in ways, call
        assert {"401", "429"} <= operation["responses"].keys(), call


def test_every_operation_names_its_scope(schema: dict[str, Any]) -> None:
    operations = _operations(schema)
    assert "the scope `stats:read`" in operations["/api/v1/stats/ledger", "GET"]["description"]
    for call, operation in operations.items():
        is_for_keys = "An API key needs the scope `" in operation["description"]
        assert is_for_keys == ({"apiKey": []} in operation["security"]), call


def test_the_page_loads_nothing_from_elsewhere(db: None) -> None:
    page = Client().get("/api/try/").content.decode()
    assert "swagger-ui-bundle.js" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page  # the content security policy would not run it
    script = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
    assert Client().get(script).status_code == 200
