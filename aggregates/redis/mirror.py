"""The live counters in Redis, where every dashboard reads them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar, cast

import msgspec
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from aggregates.protocols import StoreUnavailable
from schemas import redis_keys
from schemas.live import (
    LiveShard,
    ShardStatus,
    decode_live,
    decode_status,
    encode_live,
    encode_status,
)

TIMEOUT_S: Final = 3.0  # of one call; Redis answers within milliseconds or is in trouble
LIVE_TTL_S: Final = 2 * 3600  # a site that fell silent is forgotten; its history is 30 minutes
SITES_PER_CALL_MAX: Final = 500  # Redis serves nobody else while the script runs
WRITE_LIVE: Final = (Path(__file__).parent / "write_live.lua").read_text()

T = TypeVar("T")
V = TypeVar("V")


class RedisMirror:
    """`LiveMirror` on Redis, for one event loop: connections belong to the loop that opened them.

    Replay: values are set, never incremented, and an older one (by `applied`) is not written, so
    writing again or late changes nothing.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """`url` is `redis://user:password@host:port/database`. Connects at the first use.

        Every call ends within `timeout_s`.
        """
        self._timeout_s = timeout_s
        self._client = redis.asyncio.Redis.from_url(
            url,
            # Shorter than the whole, so that redis-py notices itself and closes the connection.
            socket_timeout=timeout_s / 3,
            socket_connect_timeout=timeout_s / 3,
            retry=Retry(NoBackoff(), 1),  # once: Redis closed a connection that stood idle
        )
        self._write_live = self._client.register_script(WRITE_LIVE)

    async def write(self, shard: int, counters: Mapping[int, LiveShard]) -> None:
        """Set the counters of `shard` for some sites and announce each on `LIVE_CHANGED`."""
        async with _confirmed(self._timeout_s):
            for chunk in _chunks(counters.items(), SITES_PER_CALL_MAX):
                keys = [redis_keys.live(site_id) for site_id, _ in chunk]
                args: list[int | str | bytes] = [shard, LIVE_TTL_S, redis_keys.LIVE_CHANGED]
                for site_id, value in chunk:
                    args += [site_id, value.applied, encode_live(value)]
                await self._write_live(keys=keys, args=args)  # sends the script if Redis lost it

    async def read(self, site_id: int) -> dict[int, LiveShard]:
        """The counters of one site: shard -> counters."""
        async with _confirmed(self._timeout_s):
            fields = await self._fields(redis_keys.live(site_id))
        return _readable(fields, decode_live)

    async def write_status(self, shard: int, status: ShardStatus) -> bool:
        """Returns whether there was none of `shard`: Redis is new, or was emptied."""
        async with _confirmed(self._timeout_s):
            value = encode_status(status).decode()
            return bool(await self._client.hset(redis_keys.PIPELINE, str(shard), value))

    async def read_statuses(self) -> dict[int, ShardStatus]:
        """All shards' statuses."""
        async with _confirmed(self._timeout_s):
            fields = await self._fields(redis_keys.PIPELINE)
        return _readable(fields, decode_status)

    async def forget(self, site_ids: Iterable[int]) -> None:
        """Remove all counters of these sites."""
        async with _confirmed(self._timeout_s):
            for chunk in _chunks(site_ids, SITES_PER_CALL_MAX):
                await self._client.unlink(*(redis_keys.live(site_id) for site_id in chunk))

    async def close(self) -> None:
        await self._client.aclose()

    async def _fields(self, key: str) -> dict[bytes, bytes]:
        """A whole hash, as bytes: redis-py's types allow for clients that decode."""
        return cast(dict[bytes, bytes], await self._client.hgetall(key))


@asynccontextmanager
async def _confirmed(timeout_s: float) -> AsyncIterator[None]:
    """Whatever keeps Redis from answering in time becomes `StoreUnavailable`."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"Redis: {error or 'no answer in time'}") from error


def _readable(fields: Mapping[bytes, bytes], decode: Callable[[bytes], V]) -> dict[int, V]:
    """Shard -> value. One of another version counts as absent until it is written anew."""
    values: dict[int, V] = {}
    for shard, value in fields.items():
        with suppress(msgspec.DecodeError, ValueError):
            values[int(shard)] = decode(value)
    return values


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
