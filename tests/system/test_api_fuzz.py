"""The API of the running stack against its own OpenAPI page: real server, real stores.

Only what reads: nothing may be in the way of the tests that count.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from tests.openapi import CHECKS, likely
from tests.system.conftest import Stack

EXAMPLES: Final = int(os.environ.get("TEST_API_EXAMPLES", "10"))  # of each operation
ENDLESS: Final = "live_stream"
WRITES: Final = ("PUT", "PATCH", "DELETE")


@pytest.fixture
def login() -> dict[str, str]:
    """The demo's site and keys."""
    found: dict[str, str] = json.loads(Path(os.environ["TEST_STACK_LOGIN"]).read_text())
    return found


@pytest.fixture
def page(stack: Stack, login: dict[str, str]) -> Any:
    """The stack's page, with its demo site in place of most."""
    text = httpx.get(f"{stack.webapp}/api/schema/?format=json", timeout=30).json()
    schema = schemathesis.openapi.from_dict(likely(text, {"site_id": login["domain"]}))
    schema.config.update(base_url=stack.webapp)
    return (
        schema.exclude(operation_id=ENDLESS).exclude(method=list(WRITES)).exclude(_is_for_persons)
    )


def _is_for_persons(context: Any) -> bool:
    return {"apiKey": []} not in context.operation.definition.raw["security"]


schema = schemathesis.pytest.from_fixture("page")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_what_is_answered_is_documented(
    case: schemathesis.Case[Any], login: dict[str, str]
) -> None:
    headers = {"Authorization": f"Bearer {login['stats_key']}"}
    case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)
