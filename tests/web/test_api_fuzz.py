"""The whole API against its own OpenAPI page, with drawn requests: what is answered is documented.

Requests are drawn from the page by schemathesis, good ones and bad ones. They go through the WSGI
handler, so that middleware and error pages take part, with a key that may do everything, or with
the session of an owner where keys are not let in.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings

from aggregates.redis.memory import MemoryMirror
from tests.openapi import CHECKS, likely
from tests.web.conftest import FakeReader, session_of
from webapp.accounts.models import User
from webapp.live import views as live_views
from webapp.sites.models import ApiKey, Scope, Site
from webapp.sites.services import create_api_key
from webapp.teams.models import Team

# Of each operation; more with TEST_API_EXAMPLES, once in a while.
EXAMPLES: Final = int(os.environ.get("TEST_API_EXAMPLES", "15"))
# What a drawn request names as often as anything else, so that it comes further than to a 401.
KNOWN: Final[Mapping[str, object]] = {
    "site_id": "alice.example",
    "domain": "alice.example",
    "key_id": 1,
}

# drf-spectacular's generator is not typed.
PAGE: Final = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
schema = schemathesis.openapi.from_dict(likely(PAGE, KNOWN))
schema.app = get_wsgi_application()


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A request must not close the connection whose transaction is the test's."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(
    one_connection: None,
    alice: User,
    site: Site,
    charlies_site: Site,
    charlies_team: Team,
    rollups: FakeReader,
    mirror: MemoryMirror,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> tuple[str, dict[str, str]]:
    """A key of all scopes, and the headers of an owner's browser."""
    settings.ALLOWED_HOSTS = ["localhost"]
    # An endless stream, and of an event loop: its frames are tested where they are made.
    monkeypatch.setattr(live_views, "_stream", lambda site_id: iter([b": nothing\n\n"]))
    key = create_api_key(team=site.team, name="k", scopes=list(Scope))
    browser = session_of(alice)
    token = "a" * 32
    cookies = {
        settings.SESSION_COOKIE_NAME: browser.session.session_key,
        settings.CSRF_COOKIE_NAME: token,
    }
    ApiKey.objects.filter(name="k").update(id=1)
    return key, {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": token,
    }


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_what_is_answered_is_documented(
    case: schemathesis.Case[Any], world: tuple[str, dict[str, str]]
) -> None:
    key, browser = world
    security = case.operation.definition.raw["security"]
    headers = {"Authorization": f"Bearer {key}"} if {"apiKey": []} in security else browser
    with transaction.atomic():
        case.call_and_validate(headers=headers, checks=CHECKS)
        transaction.set_rollback(True)
