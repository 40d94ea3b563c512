"""The pages: log-in, dashboard, errors, health."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.web.conftest import PASSWORD, session_of
from webapp.accounts import throttle
from webapp.accounts.models import User
from webapp.rates.limiter import Limiter
from webapp.rates.memory import MemoryWindows
from webapp.sites.models import Site


def _boot(html: str) -> dict[str, object]:
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    boot: dict[str, object] = json.loads(found[1])
    return boot


@pytest.mark.parametrize("email", ["alice@example.org", "Alice@Example.ORG "])
def test_log_in_and_out(alice: User, site: Site, email: str) -> None:
    client = Client()
    asked_for = client.get("/alice.example/", follow=True)
    assert asked_for.redirect_chain == [("/login/?next=/alice.example/", 302)]
    came_in = client.post(
        "/login/", {"username": email, "password": PASSWORD, "next": "/alice.example/"}
    )
    assert (came_in.status_code, came_in["Location"]) == (302, "/alice.example/")
    assert client.get("/alice.example/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert client.get("/alice.example/").status_code == 302


def test_a_link_does_not_log_out(alice: User) -> None:
    assert session_of(alice).get("/logout/").status_code == 405


def test_no_way_out_by_next(alice: User, team: object) -> None:
    form = {"username": alice.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/login/", form)["Location"] == "/"


def test_a_form_needs_its_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login/", {"username": alice.email, "password": PASSWORD})
    assert response.status_code == 403
    assert "not allowed" in response.content.decode()


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("a\x00b@c.de", "x"),
        ("", ""),
    ],
)
def test_log_in_refused(alice: User, email: str, password: str) -> None:
    response = Client().post("/login/", {"username": email, "password": password})
    assert response.status_code == 200
    assert "_auth_user_id" not in response.wsgi_request.session


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> MemoryWindows:
    """Where tries are counted."""
    windows = MemoryWindows()
    limiter = Limiter(windows)
    monkeypatch.setattr(throttle, "limiter", lambda: limiter)
    return windows


@pytest.mark.usefixtures("tries")
def test_an_account_can_be_tried_only_so_often(alice: User) -> None:
    wrong = {"username": "ALICE@example.org", "password": "wrong"}
    tries = [Client().post("/login/", wrong) for _ in range(throttle.ACCOUNT.tries_max + 1)]
    assert [each.status_code for each in tries] == [200] * throttle.ACCOUNT.tries_max + [429]
    assert tries[-1]["Retry-After"] == str(throttle.WINDOW_S)
    right = Client().post("/login/", {"username": alice.email, "password": PASSWORD})
    assert right.status_code == 429  # nor does the right password help to find out that it is


@pytest.mark.usefixtures("tries")
def test_an_address_can_try_only_so_often(alice: User) -> None:
    for number in range(throttle.ADDRESS.tries_max):
        Client().post("/login/", {"username": f"a{number}@example.org", "password": "wrong"})
    form = {"username": alice.email, "password": PASSWORD}
    assert Client().post("/login/", form).status_code == 429
    elsewhere = Client(headers={"x-forwarded-for": "203.0.113.9"})  # by a proxy that we trust
    assert elsewhere.post("/login/", form).status_code == 302


def test_the_throttle_stores_no_address(alice: User, tries: MemoryWindows) -> None:
    Client().post("/login/", {"username": alice.email, "password": "wrong"})
    stored = " ".join(tries.names())
    assert "log-in-account" in stored
    assert "alice" not in stored
    assert "127.0.0.1" not in stored


def test_log_in_works_without_redis(alice: User, team: object) -> None:
    """Nobody listens where the settings of the tests point to."""
    form = {"username": alice.email, "password": PASSWORD}
    assert Client().post("/login/", form).status_code == 302


@pytest.mark.parametrize("member", ["alice", "bob"])
def test_dashboard_boots_with_its_site(
    member: str, alice: User, bob: User, site: Site, charlies_site: Site, settings: Settings
) -> None:
    settings.COLLECTOR_URL = "https://hits.example"
    response = session_of({"alice": alice, "bob": bob}[member]).get("/alice.example/")
    assert _boot(response.content.decode()) == {
        "domain": "alice.example",
        "timezone": "UTC",
        "sites": [{"domain": "alice.example", "timezone": "UTC"}],
        "user": {"email": f"{member}@example.org", "initials": member[0].upper()},
        "collectorUrl": "https://hits.example",
        "isDemo": False,
    }
    assert "script-src" not in response["Content-Security-Policy"]
    assert "default-src 'self'" in response["Content-Security-Policy"]


def test_home_leads_to_the_first_site(alice: User, site: Site) -> None:
    response = session_of(alice).get("/")
    assert (response.status_code, response["Location"]) == (302, "/alice.example/")


def test_home_without_sites(charlie: User) -> None:
    response = session_of(charlie).get("/")
    assert response.status_code == 200
    assert _boot(response.content.decode())["domain"] is None


@pytest.mark.parametrize("path", ["/alice.example/", "/nobody.example/", "/no/such/page"])
def test_not_found_looks_the_same(charlie: User, site: Site, path: str) -> None:
    response = session_of(charlie).get(path)
    assert response.status_code == 404
    assert "There is no such page." in response.content.decode()


def test_a_fault_of_ours_is_a_page_too(
    alice: User, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(user: User) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("webapp.dashboard.views.sites_of_user", fail)
    client = session_of(alice)
    client.raise_request_exception = False
    response = client.get("/alice.example/")
    assert response.status_code == 500
    assert "our fault" in response.content.decode()
    assert "broken" not in response.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "a b", "x" * 300])
def test_an_unknown_host_is_refused(host: str) -> None:
    assert Client(headers={"host": host}).get("/login/").status_code == 400


def test_health_names_what_is_away(db: None) -> None:
    response = Client().get(reverse("healthz"))
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "redis": "unreachable",
        "clickhouse": "unreachable",
    }


def test_a_session_cookie_may_hold_anything(db: None, settings: Settings) -> None:
    client = Client()
    for cookie in ("x" * 5_000, '"abcdefgh\\000"', "\u00e9" * 8, "'; DROP TABLE"):
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        assert client.get("/").status_code in (302, 400)
