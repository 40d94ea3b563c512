"""The page of the API: every operation is on it, and every example on it works as it stands."""

import contextlib
import io
import json
import re
import shlex
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from django.test import Client

import pawprint_client
from aggregates.clickhouse.definitions import DIMENSIONS, METRICS
from aggregates.redis.memory import MemoryMirror
from tests.web.conftest import FakeReader, holder_of, session_of
from webapp.accounts.models import User
from webapp.apidocs.page import context, operations
from webapp.apidocs.snippets import (
    CLIENT_METHODS,
    Snippet,
    about_site,
    curl,
    example_values,
    httpie,
    pairs,
    python,
)
from webapp.sites.models import Scope, Site
from webapp.sites.services import create_api_key
from webapp.teams.models import Team

pytestmark = pytest.mark.any_database

BASE_URL = "https://testserver"
NO_HARM_TWICE = ("custom_props_delete", "guests_delete")  # fine where there is none
OPERATIONS = {each.name: each for each in operations() if each.open_to_keys}
READS = sorted(name for name, each in OPERATIONS.items() if each.method == "GET")
OF_CLIENT = sorted(set(READS) | set(CLIENT_METHODS))


def _is_plain_read(name: str) -> bool:
    """It reads, what it names is there, and every key that reads may."""
    operation = OPERATIONS[name]
    may_be_refused = any(each.status == "403" for each in operation.answers)
    return operation.method == "GET" and "{" not in operation.path and not may_be_refused


@pytest.fixture
def key(team: Team) -> str:
    """One that may read whatever keys may read."""
    return create_api_key(team=team, name="k", scopes=[Scope.STATS_READ, Scope.SITES_READ])


@pytest.fixture
def page(db: None) -> str:
    response = Client().get("/api/docs/")
    assert response.status_code == 200
    return response.content.decode()


def test_every_operation_metric_and_property_is_on_the_page(page: str) -> None:
    for name in (each.name for each in operations()):
        assert f'<section class="op" id="{name}">' in page
        assert f'href="#{name}"' in page
    for name in (*METRICS, *DIMENSIONS):
        assert f"<td><code>{name}</code></td>" in page


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    targets = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_page_runs_and_loads_nothing_of_others(page: str) -> None:
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "<script>" not in page
    assert " style=" not in page
    assert not re.search(r"\son\w+=", page)


def test_who_is_logged_in_sees_a_site_of_theirs(alice: User, charlie: User, site: Site) -> None:
    assert f"site_id={site.domain}" in session_of(alice).get("/api/docs/").content.decode()
    theirs = session_of(charlie).get("/api/docs/")
    assert site.domain not in theirs.content.decode()
    assert "no-store" in theirs["Cache-Control"]


def _fill(rollups: FakeReader, name: str) -> None:
    """A funnel is one row, also where nobody came: visits and visitors of each of its steps."""
    if name == "funnel":
        rollups.rows = [(0, 0) * 3]


def words_of(command: str) -> list[str]:
    """As a shell has them: a backslash at the end of a line joins it to the next."""
    return shlex.split(command.replace("\\\n", ""))


def sent_by_curl(text: str) -> tuple[str, str, bytes]:
    """(method, address, body) that curl would make of a command, whose key is not looked at."""
    words = words_of(text)
    assert words.pop(0) == "curl"
    method, address, body, query = "", "", b"", list[tuple[str, str]]()
    while words:
        word = words.pop(0)
        if word in ("-G", "-N"):
            continue
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            assert words.pop(0) in (
                "Authorization: Bearer $PAWPRINT_API_KEY",
                "Content-Type: application/json",
            )
        elif word == "-d":
            body = words.pop(0).encode()
        elif word == "--data-urlencode":
            name, _, value = words.pop(0).partition("=")
            query.append((name, value))
        else:
            assert not address, f"{word} is no option of these"
            address = word
    return method or ("POST" if body else "GET"), f"{address}?{urlencode(query)}", body


def sent_by_httpie(text: str) -> tuple[str, str, bytes]:
    words = [word for word in words_of(text) if word != "--stream"]
    assert words[:5] == ["http", "-A", "bearer", "-a", "$PAWPRINT_API_KEY"]
    method, address, *items = words[5:]
    body = b""
    if "--raw" in items:
        at = items.index("--raw")
        body = items[at + 1].encode()
        del items[at : at + 2]
    query = [(name, value) for name, _, value in (item.partition("==") for item in items)]
    return method, f"{address}?{urlencode(query)}", body


def send(client: Client, method: str, address: str, body: bytes) -> Any:
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == BASE_URL
    return client.generic(
        method, f"{parts.path}?{parts.query}", body, content_type="application/json"
    )


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("tool", ["curl", "httpie"])
def test_commands_work(
    tool: str, name: str, key: str, site: Site, rollups: FakeReader, mirror: MemoryMirror
) -> None:
    operation = OPERATIONS[name]
    _fill(rollups, name)
    asked = example_values(operation, site.domain)
    if tool == "curl":
        method, address, body = sent_by_curl(curl(operation, asked, BASE_URL))
    else:
        method, address, body = sent_by_httpie(httpie(operation, asked, BASE_URL))
    assert method == operation.method
    assert parse_qsl(urlsplit(address).query) == pairs(asked)
    response = send(holder_of(key), method, address, body)
    documented = {each.status for each in operation.answers}
    if _is_plain_read(name):
        assert response.status_code == 200, response.content
    # What changes something may need a scope this key has not: then the page says so as well.
    assert str(response.status_code) in documented


class ToDjango(httpx.BaseTransport):
    """What a client sends, answered by the web application in this process."""

    def __init__(self, key: str) -> None:
        self.client = holder_of(key)
        self.statuses: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = send(self.client, request.method, str(request.url), request.read())
        self.statuses.append(response.status_code)
        # A live stream has no end.
        is_endless = response.streaming and request.url.path.startswith("/api/v1/live/")
        content = b"" if is_endless else response.getvalue()
        return httpx.Response(response.status_code, content=content)


@pytest.mark.parametrize("name", OF_CLIENT)
def test_python_works(
    name: str,
    team: Team,
    site: Site,
    rollups: FakeReader,
    mirror: MemoryMirror,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = create_api_key(team=team, name="all", scopes=list(Scope))
    operation, transport = about_site(OPERATIONS[name], site.domain), ToDjango(key)
    _fill(rollups, name)
    ours = pawprint_client.Pawprint
    monkeypatch.setenv("PAWPRINT_API_KEY", key)
    monkeypatch.setattr(
        "pawprint_client.Pawprint", lambda url, key: ours(url, key, transport=transport)
    )
    monkeypatch.setattr(httpx, "request", httpx.Client(transport=transport).request)
    text = python(operation, example_values(operation, site.domain), BASE_URL)
    # By a number or name that nothing has.
    is_named = "{" in operation.path and name in CLIENT_METHODS and name not in NO_HARM_TWICE
    refusal = (
        pytest.raises(pawprint_client.InvalidRequest) if is_named else contextlib.nullcontext()
    )
    with refusal, contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, name, "exec"), {})
    assert len(transport.statuses) == 1
    if is_named:
        assert transport.statuses == [404]
    elif "{" not in operation.path:
        assert transport.statuses[0] in (200, 201)


def shape(value: Any) -> Any:
    """Keys and kinds of a value; a number may be missing, and rows are like their first."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if value is None or isinstance(value, int | float) else type(value).__name__


@pytest.mark.parametrize(
    "name", ["realtime_visitors", "aggregate", "timeseries", "ledger", "sites"]
)
def test_answers_look_like_their_examples(
    name: str, key: str, site: Site, rollups: FakeReader, mirror: MemoryMirror
) -> None:
    if name == "ledger":
        rollups.rows = [("counted", 4), ("bot", 3), ("referrer_spam", 1)]
        rollups.base_rows = [("accepted", 8), ("malformed", 2)]
    operation = OPERATIONS[name]
    asked = example_values(operation, site.domain)
    found = send(holder_of(key), *sent_by_curl(curl(operation, asked, BASE_URL))).json()
    example = next(each.example for each in operation.answers if each.status == "200")
    assert shape(found) == shape(json.loads(example))


def test_examples_are_for_who_reads_them(db: None) -> None:
    (first, *_) = context("https://stats.example", "a.example")["first"].snippets
    assert isinstance(first, Snippet)
    assert "https://stats.example/api/v1/stats/aggregate" in first.text
    assert "site_id=a.example" in first.text
