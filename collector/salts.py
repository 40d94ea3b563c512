"""The salts of visitor ids, kept in memory and shared between collectors through Redis.

A day's salt is 16 random bytes, set once by whichever collector asks first (`SET NX EX`), an hour
before its day begins, so that no hit ever waits for one. 48 hours later Redis forgets it, and so
do we. A Redis that was emptied gets it again from whoever still has it: two collectors with
different salts would take one visitor for two, and count a retry that reaches the other one.

An import has salts of its own, one for each UTC day of its events: its visitors cannot be linked
with live ones, nor from day to day (beyond one session), and its past days' salts need not have
been kept. They lie in one Redis hash, because several collectors may take batches of the same
import and must agree, and are deleted when it is finished. Nobody finishes: they end with the TTL.
"""

import datetime as dt
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from redis.asyncio import Redis

from collector.steps.identity import DAY_MS, utc_day
from schemas import redis_keys

SALT_BYTES: Final = 16
AHEAD_MS: Final = 3_600_000  # tomorrow's salt is made an hour ahead, so it outlives tomorrow
IMPORT_SALTS_MAX: Final = 4_096  # in memory: 11 years of one import
# What another collector finished must not live on here: after this it is read from Redis again.
IMPORT_MEMORY_MS: Final = 600_000
_DAY: Final = dt.timedelta(days=1)
_EPOCH: Final = dt.date(1970, 1, 1)

ImportDay = tuple[int, str, dt.date]  # site id, import name, UTC day


def _ends_ms(day: dt.date) -> int:
    """When the salt of `day` is forgotten: SALT_TTL_S after it was made, an hour ahead."""
    return (day - _EPOCH).days * DAY_MS - AHEAD_MS + redis_keys.SALT_TTL_S * 1000


class Salts:
    """Salts in memory. Only `refresh`, `load_import` and `forget_import` talk to Redis.

    Those raise `redis.RedisError` or `OSError`; what is in memory stays as it was then.
    """

    def __init__(self, redis: Redis, now_ms: Callable[[], int]) -> None:
        self._redis = redis
        self._now_ms = now_ms
        self._days: dict[dt.date, bytes] = {}
        self._imports: OrderedDict[ImportDay, tuple[bytes, int]] = OrderedDict()

    def salt(self, day: dt.date) -> bytes | None:
        """The salt of a UTC day of live traffic, if it is in memory."""
        return self._days.get(day)

    def import_salt(self, site_id: int, import_name: str, day: dt.date) -> bytes | None:
        """The salt of a day of an import, if `load_import` brought it lately."""
        found = self._imports.get((site_id, import_name, day))
        return found[0] if found else None

    async def refresh(self) -> None:
        """Make the salts that are due, agree on them with the other collectors, drop old ones."""
        now = self._now_ms()
        today = utc_day(now)
        self._days = {day: salt for day, salt in self._days.items() if _ends_ms(day) > now}
        for day in sorted({today, utc_day(now + AHEAD_MS), *self._days}):
            self._days[day] = await self._share(day, now)
        yesterday = today - _DAY
        if yesterday not in self._days and _ends_ms(yesterday) > now:  # read, and never made
            yesterdays = await self._redis.get(redis_keys.salt(yesterday))
            if isinstance(yesterdays, bytes):
                self._days[yesterday] = yesterdays

    async def _share(self, day: dt.date, now_ms: int) -> bytes:
        """The one salt of `day`: ours if Redis has none, else the one that is there."""
        key, salt = redis_keys.salt(day), self._days.get(day) or secrets.token_bytes(SALT_BYTES)
        left_s = max(1, (_ends_ms(day) - now_ms) // 1000)
        before = await self._redis.set(key, salt, nx=True, ex=left_s, get=True)
        return before if isinstance(before, bytes) else salt

    async def load_import(self, site_id: int, import_name: str, days: Iterable[dt.date]) -> None:
        """Bring the salts of these days of an import into memory, making those that are new."""
        stale_ms = self._now_ms() - IMPORT_MEMORY_MS
        missing = []
        for day in days:
            found = self._imports.get((site_id, import_name, day))
            if found is None or found[1] < stale_ms:
                missing.append(day)
        if not missing:
            return
        key = redis_keys.import_salts(site_id, import_name)
        fields = [day.isoformat() for day in missing]
        async with self._redis.pipeline(transaction=True) as pipe:
            for field in fields:
                pipe.hsetnx(key, field, secrets.token_bytes(SALT_BYTES))
            pipe.expire(key, redis_keys.SALT_TTL_S)
            pipe.hmget(key, fields)
            salts = (await pipe.execute())[-1]
        for day, salt in zip(missing, salts, strict=True):
            self._imports[site_id, import_name, day] = (salt, self._now_ms())
            self._imports.move_to_end((site_id, import_name, day))
        while len(self._imports) > IMPORT_SALTS_MAX:
            self._imports.popitem(last=False)

    async def forget_import(self, site_id: int, import_name: str) -> None:
        """Throw an import's salts away, here and in Redis."""
        for key in [key for key in self._imports if key[:2] == (site_id, import_name)]:
            del self._imports[key]
        await self._redis.delete(redis_keys.import_salts(site_id, import_name))
