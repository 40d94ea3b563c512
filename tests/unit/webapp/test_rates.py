"""Rate limits: the arithmetic of windows, and what happens while nothing can be counted."""

import logging

import pytest
from django.conf import settings as django_settings

from aggregates.protocols import StoreUnavailable
from webapp.rates.limiter import RETRY_S, Limiter, name, network
from webapp.rates.memory import MemoryWindows
from webapp.rates.windows import Quota, Spent

# For the whole run: the settings refuse to be read back while it is empty.
django_settings.SECRET_KEY = "for tests only " * 4

QUOTA = Quota(2, 3_600)


class Breaking(MemoryWindows):
    """Windows that can be away; counts how often they were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.asked = 0

    def spend(self, name: str, quota: Quota, now_s: float) -> Spent:
        self.asked += 1
        if self.is_away:
            raise StoreUnavailable("nobody listens")
        return super().spend(name, quota, now_s)

    def forget(self, name: str) -> None:
        if self.is_away:
            raise StoreUnavailable("nobody listens")
        super().forget(name)


@pytest.fixture
def now() -> list[float]:
    return [1_000_000.0]


@pytest.fixture
def windows() -> Breaking:
    return Breaking()


@pytest.fixture
def limiter(windows: Breaking, now: list[float]) -> Limiter:
    return Limiter(windows, clock=lambda: now[0], monotonic=lambda: now[0])


def test_without_a_store_all_are_let_in_and_it_is_logged_once(
    limiter: Limiter, windows: Breaking, now: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    # second   0     1     2   ... 5           10
    # store    away  (not asked)   asked: away  back
    windows.is_away = True
    with caplog.at_level(logging.WARNING, "webapp.rates"):
        for _ in range(3):
            assert limiter.spend("key", "1", QUOTA) is None
            now[0] += 1
        assert windows.asked == 1  # others do not wait for it
        now[0] += RETRY_S
        assert limiter.spend("key", "1", QUOTA) is None
        assert windows.asked == 2
        windows.is_away = False
        now[0] += RETRY_S
        found = limiter.spend("key", "1", QUOTA)
    assert found is not None and found.remaining == 1
    assert [record.getMessage() for record in caplog.records] == [
        "requests are not limited: nobody listens",
        "requests are limited again; 4 came uncounted",
    ]


def test_callers_do_not_share(limiter: Limiter) -> None:
    def allowed(kind: str, subject: str) -> bool:
        found = limiter.spend(kind, subject, QUOTA)
        return found is not None and found.allowed

    assert [allowed("key", "1") for _ in range(3)] == [True, True, False]
    assert allowed("key", "2")
    assert allowed("person", "1")
    limiter.forget("key", "1")
    assert allowed("key", "1")


def test_forgetting_without_a_store(limiter: Limiter, windows: Breaking) -> None:
    windows.is_away = True
    limiter.forget("key", "1")


def test_a_name_tells_nobody() -> None:
    found = name("address", "203.0.113.9")
    assert found.startswith("pawprint:rate:address:")
    assert "203.0" not in found
    assert found != name("address", "203.0.113.10")
    assert found != name("api", "203.0.113.9")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_what_counts_as_an_address(address: str, counted: str) -> None:
    assert network(address) == counted
