"""Alice owns a team, Bob is in it, Charlie has one of his own. Runs on SQLite and PostgreSQL."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django_vite.core.asset_loader import DjangoViteAssetLoader
from pytest_django import Settings

from aggregates.clickhouse.questions import Answer, Question, Row
from aggregates.redis.memory import MemoryMirror
from webapp.accounts.models import User
from webapp.accounts.services import create_user
from webapp.rates.limiter import limiter
from webapp.sites.models import Scope, Site
from webapp.sites.publishing import redis_client
from webapp.sites.services import create_api_key, create_site
from webapp.stats import selectors
from webapp.teams.models import Role, Team
from webapp.teams.services import add_member, create_team

# For the whole run and not a test: the settings refuse to be read back while it is empty.
django_settings.SECRET_KEY = "for tests only " * 4

CaptureOnCommit = Callable[..., AbstractContextManager[list[Callable[[], None]]]]
ENTRIES = ("main.tsx", "site.ts", "docs.ts")
PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in real life: in memory it knows neither WAL nor several threads."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(autouse=True)
def built_pages(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the front end's build would leave, so that these tests do not wait for it."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        json.dumps({f"src/{name}": {"file": f"assets/{name}.js"} for name in ENTRIES})
    )
    settings.DJANGO_VITE = {"default": {"manifest_path": manifest}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


@pytest.fixture(autouse=True)
def environment(settings: Settings, tmp_path: Path) -> None:
    """Nothing of the developer's own: no Redis, no mails outside the test."""
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # nobody listens there
    settings.CLICKHOUSE_URL = "clickhouse://default@127.0.0.1:1/none"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    redis_client.cache_clear()
    selectors.reader.cache_clear()
    limiter.cache_clear()


@pytest.fixture
def real_redis(redis_url: str, settings: Settings) -> Iterator[str]:
    """An empty Redis behind the web application."""
    settings.REDIS_URL = redis_url
    redis_client.cache_clear()
    redis_client().flushdb()
    yield redis_url
    redis_client().flushdb()
    redis_client().close()
    redis_client.cache_clear()


@pytest.fixture
def alice(db: None) -> User:
    return create_user(email="alice@example.org", password=PASSWORD)


@pytest.fixture
def bob(db: None) -> User:
    return create_user(email="bob@example.org", password=PASSWORD)


@pytest.fixture
def charlie(db: None) -> User:
    return create_user(email="charlie@example.org", password=PASSWORD)


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    team = create_team(name="Alice's", owner=alice)
    add_member(team=team, user=bob, role=Role.EDITOR)
    return team


@pytest.fixture
def charlies_team(charlie: User) -> Team:
    return create_team(name="Charlie's", owner=charlie)


@pytest.fixture
def site(team: Team) -> Site:
    return create_site(team=team, domain="alice.example", timezone="UTC", spike_threshold=60)


@pytest.fixture
def charlies_site(charlies_team: Team) -> Site:
    return create_site(team=charlies_team, domain="charlie.example", timezone="UTC")


@pytest.fixture
def key(team: Team) -> str:
    return create_api_key(team=team, name="stats", scopes=[Scope.STATS_READ])


@pytest.fixture
def charlies_key(charlies_team: Team) -> str:
    return create_api_key(team=charlies_team, name="stats", scopes=[Scope.STATS_READ])


@pytest.fixture
def keyholder(team: Team, site: Site) -> Client:
    """A program with a key of Alice's team that may do everything."""
    return holder_of(create_api_key(team=team, name="all", scopes=list(Scope)))


def session_of(user: User) -> Client:
    """A browser that `user` is logged in with."""
    client = Client()
    client.force_login(user)
    return client


def holder_of(key: str) -> Client:
    """A program that sends `key`."""
    return Client(headers={"authorization": f"Bearer {key}"})


@dataclass
class FakeReader:
    """Rollups without any hit; remembers what they were asked, and fails if told to."""

    rows: list[tuple[object, ...]] | None = None
    error: Exception | None = None
    base_rows: list[tuple[object, ...]] | None = None  # of the base database
    row_count: int = 0  # what questions are said to have on all pages
    asked: list[Mapping[str, object]] = field(default_factory=list)

    def pinned(self) -> "FakeReader":
        return self

    def base(self) -> "FakeReader":
        return FakeReader(self.base_rows or [], self.error, asked=self.asked)

    def read(self, sql: str, params: Mapping[str, object]) -> list[tuple[object, ...]]:
        if "FROM day_seals" in sql and self.error is None:
            return []  # no day is sealed: every question is read by the minute
        self.asked.append(params)
        if self.error is not None:
            raise self.error
        if "AS row_count" in sql:
            return [(self.row_count,)]
        if self.rows is not None:
            return self.rows
        metrics = sql.count(" AS metric_")
        if metrics and "key_" in sql:
            return []
        # Grouped by nothing: always one row, of metrics or of a funnel's steps.
        columns = metrics or len(re.findall(r" AS (?:walker|visitor)s_\d", sql))
        return [(0,) * columns] if columns else []

    def stream(self, sql: str, params: Mapping[str, object]) -> Iterator[tuple[object, ...]]:
        yield from self.read(sql, params)


@pytest.fixture
def rollups(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    reader = FakeReader()
    monkeypatch.setattr(selectors, "reader", lambda: reader)
    return reader


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> MemoryMirror:
    mirror = MemoryMirror()
    monkeypatch.setattr(selectors, "RedisMirror", lambda url: mirror)
    return mirror


@dataclass
class FakeRollups:
    """Answers each question with the next of `rows`, and when there are none, with nothing."""

    rows: list[list[Row]] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    error: float = 0.0
    row_count: int = 0  # of each question on all pages
    counted: list[Question] = field(default_factory=list)

    def count_rows(self, reader: object, question: Question) -> int:
        self.counted.append(question)
        return self.row_count

    def ask(self, reader: object, question: Question) -> Answer:
        self.asked.append(question)
        if self.rows:
            return Answer(question, tuple(self.rows.pop(0)), self.error)
        is_total = not question.dimensions and question.bucket is None
        nothing = Row((), (0,) * len(question.metrics))
        return Answer(question, (nothing,) if is_total else ())


@pytest.fixture
def rollups_asked(monkeypatch: pytest.MonkeyPatch, rollups: FakeReader) -> FakeRollups:
    fake = FakeRollups()
    monkeypatch.setattr(selectors, "ask", fake.ask)
    monkeypatch.setattr(selectors, "count_rows", fake.count_rows)
    return fake
