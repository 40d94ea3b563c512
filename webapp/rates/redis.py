"""`Windows` in Redis, shared by all processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from aggregates.protocols import StoreUnavailable
from webapp.rates.windows import PARTS, Quota, Spent, spent

SPEND: Final = (Path(__file__).parent / "spend.lua").read_text()
TIMEOUT_S: Final = 0.5  # every request of the API waits for it


class RedisWindows:
    """One script counts a request; threads share the connections."""

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """`url` is `redis://user:password@host:port/database`. Connects at the first use."""
        self._client = Redis.from_url(
            url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 1),  # once: Redis closed a connection that stood idle
        )
        self._spend = self._client.register_script(SPEND)

    def spend(self, name: str, quota: Quota, now_s: float) -> Spent:
        with _answered():
            answer = self._spend(
                keys=[name], args=[quota.part(now_s), PARTS, quota.requests_max, quota.ttl_s]
            )
        counted, requests, oldest = cast(list[int], answer)
        return spent(quota, now_s, counted=bool(counted), requests=requests, oldest=oldest)

    def forget(self, name: str) -> None:
        with _answered():
            self._client.delete(name)

    def close(self) -> None:
        self._client.close()


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise StoreUnavailable(f"Redis: {error}") from error
