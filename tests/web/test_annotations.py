"""Annotations: noted, changed, listed by day, deleted; bad ones refused with the field named."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import session_of
from webapp.accounts.models import User
from webapp.annotations import services
from webapp.annotations.models import Annotation
from webapp.sites.models import Site
from webapp.teams.models import Role
from webapp.teams.services import add_member

URL = "/api/v1/annotations"
SITE = "?site_id=alice.example"
RELEASE = {"date": "2026-11-23", "time": "09:30", "text": " Version 2 🎉 "}


def _send(client: Client, method: str, path: str, fields: Any) -> tuple[int, Any]:
    answer = getattr(client, method)(f"{URL}{path}", fields, content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


def test_from_the_first_to_the_last(alice: User, site: Site, key: str) -> None:
    browser = session_of(alice)
    status, made = _send(browser, "post", SITE, RELEASE)
    assert (status, made) == (
        201,
        {
            "id": Annotation.objects.get().pk,
            "date": "2026-11-23",
            "time": "09:30:00",
            "text": "Version 2 🎉",
            "author": "alice@example.org",
        },
    )
    day = {"date": "2026-11-24", "text": "Later"}
    path = f"/{made['id']}{SITE}"
    assert _send(browser, "put", path, day)[1] == made | {**day, "time": None}
    assert browser.get(f"{URL}{SITE}").json() == {"results": [made | {**day, "time": None}]}
    assert _send(browser, "delete", path, {}) == (204, None)
    assert _send(browser, "delete", path, {})[0] == 404
    assert _send(browser, "put", f"/{10**30}{SITE}", day)[0] == 404


def test_listed_by_day(alice: User, site: Site, charlies_site: Site, charlie: User) -> None:
    browser = session_of(alice)
    for day in ("2026-11-01", "2026-11-30", "2026-11-15"):
        _send(browser, "post", SITE, {"date": day, "text": day})
    _send(session_of(charlie), "post", "?site_id=charlie.example", RELEASE)
    days = {
        "": ["2026-11-30", "2026-11-15", "2026-11-01"],
        "&date_from=2026-11-15": ["2026-11-30", "2026-11-15"],
        "&date_from=2026-11-02&date_to=2026-11-29": ["2026-11-15"],
        "&date_from=2026-11-29&date_to=2026-11-02": [],
    }
    for query, expected in days.items():
        found = browser.get(f"{URL}{SITE}{query}").json()["results"]
        assert [each["text"] for each in found] == expected
    refused = browser.get(f"{URL}{SITE}&date_to=soon")
    assert (refused.status_code, refused.json()["error"][:8]) == (400, "date_to:")


def test_a_key_writes_without_an_author(keyholder: Client) -> None:
    status, made = _send(keyholder, "post", SITE, RELEASE)
    assert (status, made["author"]) == (201, None)


def test_a_viewer_only_reads(site: Site, charlie: User) -> None:
    add_member(team=site.team, user=charlie, role=Role.VIEWER)
    browser = session_of(charlie)
    assert browser.get(f"{URL}{SITE}").status_code == 200
    assert _send(browser, "post", SITE, RELEASE)[0] == 403


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"date": None}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"time": "25:00"}, "time"),
        ({"text": ""}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"text": "a\x1bb"}, "text"),
        ({"text": ["a"]}, "text"),
    ],
)
def test_a_bad_one_is_refused(fields: dict[str, Any], field: str, keyholder: Client) -> None:
    status, body = _send(keyholder, "post", SITE, RELEASE | fields)
    assert status == 400
    assert body["error"].startswith(f"{field}: ")


def test_there_is_a_limit(keyholder: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "ANNOTATIONS_MAX", 1)
    assert _send(keyholder, "post", SITE, RELEASE)[0] == 201
    assert _send(keyholder, "post", SITE, RELEASE)[0] == 400


_values = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("2026-11-23")


@given(st.dictionaries(st.sampled_from(sorted(RELEASE)), _values | st.lists(_values, max_size=2)))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_body_is_our_fault(keyholder: Client, fields: dict[str, Any]) -> None:
    assert _send(keyholder, "post", SITE, fields)[0] in (201, 400)
