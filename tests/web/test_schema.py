"""The OpenAPI page: complete, valid, and from our own files."""

from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from tests.web.test_access import OF_SITE, OWN, ROUTES


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    response = Client().get("/api/schema/")
    loaded: dict[str, Any] = yaml.safe_load(response.content)
    return loaded


def test_no_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    assert capsys.readouterr().out.startswith("openapi:")


def test_every_operation_is_there(schema: dict[str, Any]) -> None:
    assert set(schema["paths"]) == {ROUTES[name] for name in OF_SITE.keys() | OWN}


def test_every_parameter_says_what_it_is(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        for parameter in operations["get"].get("parameters", []):
            assert parameter["description"], (path, parameter)
            assert parameter["examples"], (path, parameter)


def test_every_operation_says_how_to_be_let_in(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        assert {"apiKey": []} in operations["get"]["security"], path
        assert "401" in operations["get"]["responses"], path


def test_the_page_loads_nothing_from_elsewhere(db: None) -> None:
    page = Client().get("/api/docs/").content.decode()
    assert "swagger-ui-bundle.js" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page  # the content security policy would not run it
    script = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
    assert Client().get(script).status_code == 200
