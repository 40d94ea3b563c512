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
from hypothesis import HealthCheck, given, settings

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


def test_what_is_answered_is_documented(page: Any, login: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {login['stats_key']}"}
    operations = [result.ok() for result in page.get_all_operations()]
    assert len(operations) > 5
    for operation in operations:
        _hold(operation, headers)


def _hold(operation: Any, headers: dict[str, str]) -> None:
    """Draw requests to one operation. Raises what schemathesis finds."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def hold(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)

    hold()
