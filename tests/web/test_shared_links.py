"""Where a shared link leads, and what the page behind it may read."""

import json
import re
import time
from collections.abc import AsyncGenerator
from urllib.parse import quote

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client
from django.test.utils import override_settings
from pytest_django import Settings

from tests.web.conftest import FakeReader, session_of
from webapp.accounts import throttle
from webapp.accounts.models import User
from webapp.api import limits
from webapp.links.models import SharedLink
from webapp.links.passes import PASS_S, link_of_pass, make_pass
from webapp.links.selectors import url_of
from webapp.links.services import find_or_create_link, revoke_link
from webapp.live import views as live_views
from webapp.rates.limiter import Limiter
from webapp.rates.memory import MemoryWindows
from webapp.sites.models import Site
from webapp.sites.services import change_domain

SECRET = " four small words "
NUMBERS = "/api/v1/stats/aggregate?site_id={}&period=day"


@pytest.fixture
def link(site: Site) -> SharedLink:
    return find_or_create_link(site=site, name="Board")


@pytest.fixture
def locked(site: Site) -> SharedLink:
    return find_or_create_link(site=site, name="Press", password=SECRET)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter(MemoryWindows())
    monkeypatch.setattr(throttle, "limiter", lambda: limiter)


def path_of(link: SharedLink, more: str = "") -> str:
    """The address that the Sites API hands out, without its host."""
    return re.sub(r"^https?://[^/]+", "", url_of(link)) + more


def boot_of(html: str) -> dict[str, object]:
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    boot: dict[str, object] = json.loads(found[1])
    return boot


def pass_in(html: str) -> str:
    found = re.search(r'<meta name="shared-link" content="([^"]+)">', html)
    assert found
    return found[1]


def read(link_pass: str, domain: str = "alice.example", client: Client | None = None) -> int:
    """The status that the numbers of a site are answered with."""
    path = f"{NUMBERS.format(domain)}&link={quote(link_pass)}"
    return (client or Client()).get(path).status_code


def test_a_link_leads_to_the_dashboard_of_its_site(
    link: SharedLink, charlies_site: Site, rollups: FakeReader
) -> None:
    response = Client().get(path_of(link))
    page = response.content.decode()
    assert response.status_code == 200
    assert boot_of(page) == {
        "domain": "alice.example",
        "timezone": "UTC",
        "sites": [],
        "user": None,
        "collectorUrl": "",
        "isDemo": False,
        "shared": {"isEmbedded": False, "theme": None},
    }
    assert read(pass_in(page)) == 200
    assert read(pass_in(page), "charlie.example") == 401
    assert read(pass_in(page), "nobody.example") == 401


def test_the_slug_stays_with_who_has_it(link: SharedLink) -> None:
    response = Client().get(path_of(link))
    assert link.slug not in response.content.decode()
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies


@pytest.mark.usefixtures("charlies_site")
def test_what_is_no_link_is_the_same_404(link: SharedLink, site: Site) -> None:
    slug = link.slug
    elsewhere = find_or_create_link(site=site, name="Old")
    revoke_link(elsewhere)
    paths = [
        "/share/alice.example",
        "/share/alice.example?auth=",
        "/share/alice.example?auth=%00",
        f"/share/alice.example?auth={slug}x",
        f"/share/alice.example?auth={'x' * 5_000}",
        f"/share/alice.example?auth={elsewhere.slug}",
        f"/share/charlie.example?auth={slug}",
        f"/share/nobody.example?auth={slug}",
    ]
    answers = [Client().get(path) for path in paths]
    assert {(each.status_code, each.content) for each in answers} == {(404, answers[0].content)}
    assert Client().post(paths[-1], {"password": SECRET}).status_code == 404


def test_a_link_outlives_the_name_of_its_site(link: SharedLink, site: Site) -> None:
    path = path_of(link)
    change_domain(site, "renamed.example")
    assert boot_of(Client().get(path).content.decode())["domain"] == "renamed.example"


def test_a_person_sees_it_as_all_others_do(
    link: SharedLink, charlie: User, alice: User, rollups: FakeReader
) -> None:
    for person in (charlie, alice):
        client = session_of(person)
        page = client.get(path_of(link)).content.decode()
        assert boot_of(page)["user"] is None
        assert person.email not in page
        assert read(pass_in(page), client=client) == 200


@pytest.mark.usefixtures("rollups")
def test_a_revoked_link_stops_at_once(link: SharedLink) -> None:
    link_pass = pass_in(Client().get(path_of(link)).content.decode())
    assert read(link_pass) == 200
    revoke_link(link)
    assert read(link_pass) == 401


@pytest.mark.usefixtures("rollups")
@pytest.mark.parametrize("field", ["slug", "password"])
def test_a_changed_link_stops_at_once(link: SharedLink, field: str) -> None:
    link_pass = make_pass(link)
    setattr(link, field, "changed")
    link.save()
    assert read(link_pass) == 401
    assert read(make_pass(link)) == 200


def test_a_pass_is_short_lived(link: SharedLink, monkeypatch: pytest.MonkeyPatch) -> None:
    link_pass, made_at = make_pass(link), time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: made_at + PASS_S - 5)
    assert link_of_pass(link_pass) == link
    monkeypatch.setattr("django.core.signing.time.time", lambda: made_at + PASS_S + 5)
    assert link_of_pass(link_pass) is None


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "\u00e9:1:2", "%00", "x" * 9_000, "W10:1:1"])
def test_a_pass_that_is_none(text: str, site: Site, alice: User) -> None:
    assert read(text) == 401
    assert read(text, client=session_of(alice)) == 401


def test_a_pass_is_signed(link: SharedLink) -> None:
    with override_settings(SECRET_KEY="somebody else's " * 4):
        forged = make_pass(link)
    assert link_of_pass(forged) is None
    assert link_of_pass(make_pass(link)) == link


def test_a_link_only_reads(link: SharedLink, site: Site) -> None:
    body = {"date": "2026-11-23", "text": "A release"}
    path = f"/api/v1/annotations?site_id={site.domain}&link={quote(make_pass(link))}"
    answer = Client().post(path, body, content_type="application/json")
    assert answer.status_code == 401
    assert not site.annotations.exists()


def test_a_link_has_a_limit_at_each_address(
    link: SharedLink,
    locked: SharedLink,
    rollups: FakeReader,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limiter = Limiter(MemoryWindows())
    monkeypatch.setattr(limits, "limiter", lambda: limiter)
    settings.API_PERSON_REQUESTS_PER_HOUR = 2
    assert [read(make_pass(link)) for _ in range(3)] == [200, 200, 429]
    assert read(make_pass(locked)) == 200
    elsewhere = Client(headers={"x-forwarded-for": "203.0.113.9"})
    assert read(make_pass(link), client=elsewhere) == 200


def test_a_password_is_asked_for_once(locked: SharedLink, rollups: FakeReader) -> None:
    client, path = Client(), path_of(locked)
    asked = client.get(path)
    page = asked.content.decode()
    assert asked.status_code == 200
    assert 'id="boot"' not in page
    assert 'name="shared-link"' not in page
    assert '<label for="id_password">' in page
    # With "no-referrer" a browser would send the form with `Origin: null`.
    assert asked["Referrer-Policy"] == "strict-origin"
    came_in = client.post(path, {"password": SECRET})
    assert (came_in.status_code, came_in["Location"]) == (302, path)
    cookie = came_in.cookies[f"pawprint_link_{locked.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", PASS_S)
    shown = client.get(path).content.decode()
    assert read(pass_in(shown)) == 200
    assert pass_in(shown) == cookie.value  # it gets no older by being used
    assert 'name="shared-link"' not in Client().get(path).content.decode()


@pytest.mark.parametrize("password", ["", "wrong", SECRET.strip(), "a\0b", "x" * 200])
def test_a_wrong_password(locked: SharedLink, password: str) -> None:
    response = Client().post(path_of(locked), {"password": password})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'aria-invalid="true"' in page
    assert 'name="shared-link"' not in page
    assert not [name for name in response.cookies if name.startswith("pawprint_link")]


def test_a_password_opens_its_own_link_only(locked: SharedLink, site: Site) -> None:
    other = find_or_create_link(site=site, name="Others", password="another one")
    client = Client()
    client.post(path_of(locked), {"password": SECRET})
    client.cookies[f"pawprint_link_{other.pk}"] = make_pass(locked)
    assert "Password of the link" in client.get(path_of(other)).content.decode()


def test_a_changed_password_is_asked_for_again(locked: SharedLink) -> None:
    client = Client()
    client.post(path_of(locked), {"password": SECRET})
    locked.password = make_password("a new one")
    locked.save()
    assert "Password of the link" in client.get(path_of(locked)).content.decode()


def test_the_form_needs_its_token(locked: SharedLink) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(path_of(locked), {"password": SECRET}).status_code == 403


@pytest.mark.usefixtures("tries")
def test_an_address_can_try_only_so_often(locked: SharedLink) -> None:
    path, wrong = path_of(locked), {"password": "wrong"}
    found = [Client().post(path, wrong) for _ in range(throttle.LINK_ADDRESS.tries_max + 1)]
    statuses = [each.status_code for each in found]
    assert statuses == [200] * throttle.LINK_ADDRESS.tries_max + [429]
    assert found[-1]["Retry-After"] == str(throttle.WINDOW_S)
    assert Client().post(path, {"password": SECRET}).status_code == 429
    elsewhere = Client(headers={"x-forwarded-for": "203.0.113.9"})
    assert elsewhere.post(path, {"password": SECRET}).status_code == 302


@pytest.mark.usefixtures("tries")
def test_a_link_can_be_tried_only_so_often(locked: SharedLink) -> None:
    path = path_of(locked)
    for number in range(throttle.LINK.tries_max):
        elsewhere = Client(headers={"x-forwarded-for": f"203.0.113.{number}"})
        assert elsewhere.post(path, {"password": "wrong"}).status_code == 200
    assert Client().post(path, {"password": SECRET}).status_code == 429


def may_be_framed(path: str) -> bool:
    response = Client().get(path)
    ancestors = "frame-ancestors *" in response["Content-Security-Policy"]
    assert ancestors == ("X-Frame-Options" not in response)
    assert ancestors or "frame-ancestors 'none'" in response["Content-Security-Policy"]
    return ancestors


def test_only_an_open_link_that_asks_for_it_is_embedded(
    link: SharedLink, locked: SharedLink
) -> None:
    assert may_be_framed(path_of(link, "&embed=true"))
    assert not may_be_framed(path_of(link))
    assert not may_be_framed(path_of(link, "&embed=1"))
    assert not may_be_framed(path_of(locked, "&embed=true"))
    assert not may_be_framed("/login/?embed=true")
    assert not may_be_framed(f"/share/alice.example?auth={link.slug}x&embed=true")


@pytest.mark.parametrize(
    ("more", "is_embedded", "theme"),
    [
        ("&embed=true", True, None),
        ("&embed=true&theme=dark", True, "dark"),
        ("&embed=true&theme=light", True, "light"),
        ("&embed=true&theme=%3Cb%3E", True, None),
        ("&theme=dark", False, None),
    ],
)
def test_what_an_embedded_page_is_told(
    link: SharedLink, more: str, is_embedded: bool, theme: str | None
) -> None:
    page = Client().get(path_of(link, more)).content.decode()
    assert boot_of(page)["shared"] == {"isEmbedded": is_embedded, "theme": theme}
    # Read by theme.js, before the first paint.
    found = re.search(r'<html [^>]*data-theme="([^"]*)"', page)
    assert (found[1] if found else None) == theme


class FakeHub:
    """Events as fast as they are read, of which the second revokes the link."""

    is_full = False

    def __init__(self, link: SharedLink) -> None:
        self._link = link
        self.hears_alerts = True

    async def watch(self, site_id: int, *, hears_alerts: bool = True) -> AsyncGenerator[bytes]:
        self.hears_alerts = hears_alerts
        yield b"first"
        await sync_to_async(revoke_link)(self._link)
        yield b"second"
        yield b"third"


@pytest.mark.django_db(transaction=True)
async def test_a_live_stream_ends_with_its_link(
    link: SharedLink, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = FakeHub(link)
    monkeypatch.setattr(live_views, "hub", lambda: hub)
    monkeypatch.setattr(live_views, "LINK_CHECK_S", 0.0)
    path = f"/api/v1/live/stream?site_id={site.domain}&link={quote(make_pass(link))}"
    response = await AsyncClient().get(path)
    assert isinstance(response, StreamingHttpResponse)
    assert response.status_code == 200
    assert [event async for event in aiter(response)] == [b"first"]
    assert not hub.hears_alerts
    again = await AsyncClient().get(path)
    assert again.status_code == 401
    # PostgreSQL drops no database that the thread of these calls is still connected to.
    await sync_to_async(connections.close_all)()
