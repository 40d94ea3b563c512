"""What counts the requests of callers: the fake and Redis do the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from aggregates.protocols import StoreUnavailable
from tests.forwarder import before, through
from webapp.rates.memory import MemoryWindows
from webapp.rates.redis import RedisWindows
from webapp.rates.windows import Quota, Spent, Windows

START_S = 1_764_000_000.0  # a multiple of 3,600, so parts and hours begin here
HOUR = Quota(5, 3_600)  # parts of a minute
KEY = "test:rate:somebody"


@pytest.fixture
def redis_windows(redis_url: str) -> Iterator[RedisWindows]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
    windows = RedisWindows(redis_url)
    yield windows
    windows.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def windows(request: pytest.FixtureRequest) -> Windows:
    if request.param == "memory":
        return MemoryWindows()
    found: Windows = request.getfixturevalue("redis_windows")
    return found


def _spend(windows: Windows, *at_s: float, quota: Quota = HOUR) -> list[Spent]:
    return [windows.spend(KEY, quota, START_S + each) for each in at_s]


def test_a_quota_is_used_up_and_grows_again(windows: Windows) -> None:
    # minute     0     1          60         61    62
    # spent      xxx   xx (full)  refused    xxx x (what the first minute held is gone)
    spent = _spend(windows, 0, 10, 59.9, 60, 61)
    assert [each.allowed for each in spent] == [True] * 5
    assert [each.remaining for each in spent] == [4, 3, 2, 1, 0]
    assert [each.reset_s for each in spent] == [3_660, 3_650, 3_600, 3_600, 3_599]
    [refused] = _spend(windows, 3_659)
    assert (refused.allowed, refused.remaining, refused.reset_s) == (False, 0, 1)
    later = _spend(windows, 3_660, 3_661, 3_662, 3_663)
    assert [each.allowed for each in later] == [True, True, True, False]
    assert later[-1].reset_s == 3_720 - 3_663


def test_who_waits_as_told_is_let_in(windows: Windows) -> None:
    _spend(windows, *[7.0] * 5)
    [refused] = _spend(windows, 8.0)
    assert not refused.allowed
    assert not _spend(windows, 8.0 + refused.reset_s - 1)[0].allowed
    assert _spend(windows, 8.0 + refused.reset_s)[0].allowed


def test_refused_requests_do_not_count(windows: Windows) -> None:
    _spend(windows, *[0.0] * 5, *[30.0 * n for n in range(100)])
    assert _spend(windows, 3_660)[0].remaining == 4


def test_a_quota_may_change(windows: Windows) -> None:
    _spend(windows, *[0.0] * 5)
    [found] = _spend(windows, 1, quota=Quota(7, 3_600))
    assert (found.allowed, found.remaining) == (True, 1)
    [found] = _spend(windows, 2, quota=Quota(3, 3_600))
    assert (found.allowed, found.remaining) == (False, 0)


def test_a_clock_that_goes_back(windows: Windows) -> None:
    """Two processes' clocks never agree to the millisecond."""
    _spend(windows, 60.0, 59.9, 60.1)
    assert _spend(windows, 59.0)[0].remaining == 1


def test_forgotten(windows: Windows) -> None:
    _spend(windows, *[0.0] * 5)
    windows.forget(KEY)
    assert _spend(windows, 1)[0].remaining == 4


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(st.integers(0, 1_500), max_size=60),
    most=st.integers(1, 8),
)
def test_no_hour_ever_holds_more(windows: Windows, steps: list[int], most: int) -> None:
    """Wherever it begins; and nobody is refused who kept still for an hour and a minute."""
    windows.forget(KEY)
    quota = Quota(most, 3_600)
    counted: list[float] = []
    now = 0.0
    for step in steps:
        now += step
        [found] = _spend(windows, now, quota=quota)
        if found.allowed:
            counted.append(now)
        else:
            assert sum(at > now - 3_660 for at in counted) == most
        recent = [at for at in counted if at > now - 3_600]
        assert len(recent) <= most
        assert found.remaining <= most - len(recent)


@pytest.mark.integration
def test_side_by_side_nobody_slips_through(redis_windows: RedisWindows) -> None:
    quota = Quota(40, 3_600)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: redis_windows.spend(KEY, quota, START_S), range(120)))
    assert sum(each.allowed for each in found) == 40
    assert sorted(each.remaining for each in found if each.allowed) == list(range(40))


@pytest.mark.integration
def test_redis_forgets_by_itself(redis_windows: RedisWindows, redis_url: str) -> None:
    for minute in range(200):
        redis_windows.spend(KEY, Quota(1_000_000, 3_600), START_S + 60 * minute)
    with Redis.from_url(redis_url) as client:
        assert client.hlen(KEY) == 61
        assert 3_600 < client.ttl(KEY) <= 3_660


@pytest.mark.integration
def test_redis_away_is_said(redis_url: str, redis_windows: RedisWindows) -> None:
    with before(redis_url) as forwarder:
        windows = RedisWindows(through(forwarder, redis_url), timeout_s=0.2)
        assert windows.spend(KEY, HOUR, START_S).allowed
        forwarder.cut()
        with pytest.raises(StoreUnavailable):
            windows.spend(KEY, HOUR, START_S)
        windows.close()
