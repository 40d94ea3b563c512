"""Waiting for the workers, by what they say of their shards in Redis."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Final

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from schemas import redis_keys
from schemas.live import ShardStatus, decode_status
from streams.settings import Settings

WAIT_S_MAX: Final = 120.0
POLL_S: Final = 0.25
FRESH_MS: Final = 15_000  # a status that is older is of a worker that does not run


class ShardsAway(Exception):
    """The workers did not come so far in time; the text says which shards are missing."""


def wait_for_generation(settings: Settings, number: int, ends: Mapping[int, int]) -> None:
    """Until every shard is of generation `number` and has folded the log up to `ends`.

    `ends`: partition -> the offset of the record after. Raises `ShardsAway`.
    """

    def follows(shard: int, status: ShardStatus) -> bool:
        return status.generation == number and status.applied >= ends[shard] - 1

    _wait(settings, ends, follows, f"of generation {number} and up to date")


def wait_for_applied(settings: Settings, applied: Mapping[int, int]) -> None:
    """Until every shard has folded up to `applied` and stored every row. Raises `ShardsAway`."""

    def stored(shard: int, status: ShardStatus) -> bool:
        return status.stored >= applied[shard]

    _wait(settings, applied, stored, "so far")


def _wait(
    settings: Settings,
    shards: Collection[int],
    there: Callable[[int, ShardStatus], bool],
    what: str,
) -> None:
    redis = Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5)
    until = time.monotonic() + WAIT_S_MAX
    missing = sorted(shards)
    try:
        while time.monotonic() < until:
            statuses = _statuses(redis)
            missing = [each for each in missing if not _is(each, statuses, there)]
            if not missing:
                return
            time.sleep(POLL_S)
    finally:
        redis.close()
    raise ShardsAway(
        f"after {WAIT_S_MAX:.0f} s shards {missing} are not {what}: are the workers running? "
        "`./inv status` shows it"
    )


def _is(
    shard: int, statuses: Mapping[int, ShardStatus], there: Callable[[int, ShardStatus], bool]
) -> bool:
    status = statuses.get(shard)
    return status is not None and there(shard, status)


def _statuses(redis: Redis) -> dict[int, ShardStatus]:
    now_ms = time.time_ns() // 1_000_000
    try:
        found: Mapping[bytes, bytes] = redis.hgetall(redis_keys.PIPELINE)  # type: ignore[assignment]
    except RedisError:
        return {}
    statuses = {}
    for shard, value in found.items():
        try:
            status = decode_status(value)
        except msgspec.DecodeError:
            continue
        if now_ms - status.updated_at_ms < FRESH_MS:
            statuses[int(shard)] = status
    return statuses
