"""API keys: made, shown once, limited, revoked; and the limits of requests."""

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from schemas.redis_keys import INGEST_KEYS
from schemas.sites import decode_ingest_key
from tests.web.conftest import FakeReader, holder_of, session_of
from webapp.accounts.models import User
from webapp.api import limits
from webapp.rates.limiter import Limiter
from webapp.rates.memory import MemoryWindows
from webapp.sites import keys, services
from webapp.sites.models import ApiKey, Scope, Site
from webapp.sites.publishing import publish, redis_client
from webapp.teams.models import Role, Team
from webapp.teams.services import add_member, create_team

URL = "/api/v1/keys"
SOON = "2099-01-01T00:00:00Z"


def _post(client: Client, **fields: Any) -> Any:
    body = {"name": "report", "scopes": ["stats:read"]} | fields
    return client.post(URL, body, content_type="application/json")


def test_a_key_is_made_shown_once_and_revoked(alice: User, site: Site) -> None:
    browser = session_of(alice)
    made = _post(browser, sites=[site.domain], expires_at=SOON, requests_per_hour=60)
    assert made.status_code == 201
    shown = made.json()
    text = shown.pop("key")
    assert shown == {
        "id": shown["id"],
        "name": "report",
        "prefix": text[:8],
        "team": {"id": site.team_id, "name": "Alice's"},
        "scopes": ["stats:read"],
        "sites": ["alice.example"],
        "requests_per_hour": 60,
        "created_at": shown["created_at"],
        "expires_at": SOON,
        "last_used_at": None,
    }
    assert browser.get(URL).json() == {"results": [shown]}
    assert holder_of(text).get("/api/v1/sites").status_code == 200
    used = browser.get(URL).json()["results"][0]
    assert used["last_used_at"] is not None
    assert browser.delete(f"{URL}/{shown['id']}").status_code == 204
    assert holder_of(text).get("/api/v1/sites").status_code == 401
    assert browser.get(URL).json() == {"results": []}


def test_without_limits_a_key_opens_all_sites_as_often_as_the_operator_allows(
    alice: User, site: Site, settings: Settings
) -> None:
    settings.API_REQUESTS_PER_HOUR = 77
    made = _post(session_of(alice)).json()
    assert (made["sites"], made["expires_at"], made["requests_per_hour"]) == (None, None, 77)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "name: This field may not be blank."),
        ({"name": "x" * 101}, "name: Ensure this field has no more than 100 characters."),
        ({"scopes": []}, "scopes: This list may not be empty."),
        ({"scopes": ["all"]}, 'scopes: 0: "all" is not a valid choice.'),
        ({"scopes": "stats:read"}, 'scopes: Expected a list of items but got type "str".'),
        ({"sites": []}, "sites: This list may not be empty."),
        ({"sites": ["charlie.example"]}, "sites: no site 'charlie.example' in this team"),
        ({"sites": ["nobody.example"]}, "sites: no site 'nobody.example' in this team"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at: must lie ahead"),
        ({"expires_at": "soon"}, "expires_at: Datetime has wrong format"),
        ({"requests_per_hour": 0}, "requests_per_hour: Ensure this value is greater than"),
        ({"requests_per_hour": 601}, "requests_per_hour: at most 600"),
        ({"requests_per_hour": 2**40}, "requests_per_hour: Ensure this value is less than"),
        ({"team": 987654}, "team: one of "),
    ],
)
def test_refusals_name_the_field(
    fields: dict[str, object], error: str, alice: User, site: Site, charlies_site: Site
) -> None:
    response = _post(session_of(alice), **fields)
    assert response.status_code == 400
    assert response.json()["error"].startswith(error)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b'"x"',
        b"\xff",
        b'{"name": NaN}',
        b'{"name": "a\\u0000b", "scopes": ["ingest"]}',
        b'{"name": "\\ud800", "scopes": ["ingest"]}',
        b'{"\\ud800": 1}',
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        b"9" * 5_000,
        b'{"name": "' + b"x" * 1_000_000 + b'"}',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_no_body_is_our_fault(body: bytes, alice: User, team: Team) -> None:
    response = session_of(alice).post(URL, body, content_type="application/json")
    assert response.status_code == 400
    assert set(response.json()) == {"error"}


def test_who_manages_several_teams_says_which(alice: User, site: Site) -> None:
    second = create_team(name="Second", owner=alice)
    browser = session_of(alice)
    refused = _post(browser)
    assert refused.json() == {
        "error": f"team: one of {site.team_id} (Alice's), {second.pk} (Second)"
    }
    assert _post(browser, team=second.pk).json()["team"] == {"id": second.pk, "name": "Second"}
    assert _post(browser, team=second.pk, sites=[site.domain]).status_code == 400


def test_a_member_of_two_teams_manages_only_their_own(
    alice: User, charlie: User, team: Team, charlies_team: Team
) -> None:
    add_member(team=team, user=charlie, role=Role.EDITOR)
    browser = session_of(charlie)
    assert _post(browser, team=team.pk).status_code == 400
    services.create_api_key(team=team, name="k", scopes=[Scope.INGEST])
    assert browser.get(URL).json() == {"results": []}


def test_a_team_has_only_so_many(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "KEYS_OF_TEAM_MAX", 1)
    services.create_api_key(team=team, name="k", scopes=[Scope.INGEST])
    with pytest.raises(ValidationError, match="at most 1 keys"):
        services.create_api_key(team=team, name="k", scopes=[Scope.INGEST])


def test_a_key_to_some_sites_does_not_grow(site: Site, team: Team, charlies_site: Site) -> None:
    key = services.create_api_key(team=team, name="k", scopes=[Scope.STATS_READ], sites=[site])
    services.create_site(team=team, domain="later.example", timezone="UTC")
    answer = holder_of(key).get("/api/v1/sites").json()
    assert [each["domain"] for each in answer["sites"]] == ["alice.example"]
    site.delete()
    assert holder_of(key).get("/api/v1/sites").json()["sites"] == []
    with pytest.raises(ValidationError, match="belong to the key's team"):
        services.create_api_key(team=team, name="k", scopes=[], sites=[charlies_site])


@pytest.mark.integration
def test_ingest_keys_are_published_with_their_limits(
    site: Site, team: Team, real_redis: str
) -> None:
    services.create_site(team=team, domain="second.example", timezone="UTC")
    limited = services.create_api_key(team=team, name="k", scopes=[Scope.INGEST], sites=[site])
    gone = services.create_api_key(team=team, name="k", scopes=[Scope.INGEST])
    at = now() - dt.timedelta(seconds=1)
    ApiKey.objects.filter(digest=keys.digest(gone)).update(expires_at=at)
    publish()
    published = cast(dict[bytes, bytes], redis_client().hgetall(INGEST_KEYS))
    assert {digest.decode() for digest in published} == {keys.digest(limited)}
    [value] = published.values()
    assert decode_ingest_key(value).site_ids == (site.pk,)


# ---- How many requests


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Requests are counted in memory; the list holds the time it is."""
    clock = [1_764_000_000.0]
    made = Limiter(MemoryWindows(), clock=lambda: clock[0])
    monkeypatch.setattr(limits, "limiter", lambda: made)
    yield clock


def _limits(response: Any) -> tuple[int, ...]:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return (response.status_code, *(int(response[name]) for name in names))


def test_a_key_is_told_what_is_left(
    counted: list[float], team: Team, site: Site, rollups: FakeReader
) -> None:
    text = services.create_api_key(
        team=team, name="k", scopes=[Scope.STATS_READ], requests_per_hour=2
    )
    client = holder_of(text)
    own = f"/api/v1/stats/aggregate?site_id={site.domain}"
    assert _limits(client.get(own)) == (200, 2, 1, 3_660)
    assert _limits(client.get("/api/v1/stats/aggregate")) == (400, 2, 0, 3_660)
    counted[0] += 30
    for path in (own, "/api/v1/stats/aggregate?site_id=nobody.example", "/api/v1/sites", URL):
        refused = client.get(path)  # whatever it asks for
        assert _limits(refused) == (429, 2, 0, 3_630)
        assert refused["Retry-After"] == "3630"
        assert refused.json() == {
            "error": "Too many API requests. The limit is 2 per hour. Try again in 3630 seconds."
        }
    stream = client.get(f"/api/v1/live/stream?site_id={site.domain}")
    assert _limits(stream) == (429, 2, 0, 3_630)
    assert stream["Retry-After"] == "3630"
    counted[0] += 3_630
    assert client.get(own).status_code == 200


def test_each_caller_has_a_limit_of_its_own(
    counted: list[float], key: str, alice: User, bob: User, site: Site, settings: Settings
) -> None:
    settings.API_REQUESTS_PER_HOUR = 11
    settings.API_PERSON_REQUESTS_PER_HOUR = 12
    settings.API_ADDRESS_REQUESTS_PER_HOUR = 2
    url = "/api/v1/sites"
    assert _limits(holder_of(key).get(url))[:3] == (200, 11, 10)
    assert _limits(session_of(alice).get(url))[:3] == (200, 12, 11)
    assert _limits(session_of(alice).get(url))[:3] == (200, 12, 10)
    assert _limits(session_of(bob).get(url))[:3] == (200, 12, 11)
    # Who sends no key and who sends a wrong one: the same address, unless a proxy names another.
    assert _limits(Client().get(url))[:3] == (401, 2, 1)
    assert _limits(holder_of("pp_wrong").get(url))[:3] == (401, 2, 0)
    assert _limits(holder_of("pp_wrong").get(url))[:3] == (429, 2, 0)
    assert Client().get(f"/api/v1/live/stream?site_id={site.domain}").status_code == 429
    elsewhere = Client(headers={"x-forwarded-for": "203.0.113.9"})
    assert _limits(elsewhere.get(url))[:3] == (401, 2, 1)


def test_no_limit(counted: list[float], key: str, site: Site, settings: Settings) -> None:
    settings.API_REQUESTS_PER_HOUR = 0
    response = holder_of(key).get("/api/v1/sites")
    assert response.status_code == 200
    assert "RateLimit-Limit" not in response


def test_without_redis_all_are_answered(
    key: str, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody listens where the settings of the tests point to."""
    with caplog.at_level(logging.WARNING, "webapp.rates"):
        answers = [holder_of(key).get("/api/v1/sites") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [record.name for record in caplog.records] == ["webapp.rates.limiter"]
    assert "127.0.0.1" not in caplog.text.replace("connecting to 127.0.0.1:1", "")


@pytest.mark.integration
def test_counted_in_redis_under_names_that_tell_nothing(
    real_redis: str, key: str, alice: User, site: Site
) -> None:
    assert _limits(holder_of(key).get("/api/v1/sites"))[:3] == (200, 600, 599)
    Client(headers={"x-forwarded-for": "203.0.113.9"}).get("/api/v1/sites")
    names = [name.decode() for name in cast(list[bytes], redis_client().keys("*"))]
    assert sorted(name.rsplit(":", 1)[0] for name in names) == [
        "pawprint:rate:api-address",
        "pawprint:rate:api-key",
    ]
    assert not [name for name in names if "203.0" in name or key in name]


def test_a_key_that_is_used_remembers_when(key: str, site: Site) -> None:
    used = site.team.api_keys.get()
    assert used.last_used_at is None
    holder_of(key).get("/api/v1/sites")
    used.refresh_from_db()
    assert used.last_used_at is not None
