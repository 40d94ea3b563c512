"""When live counters are written: at once, but by a shard that is behind only now and then."""

import asyncio
from typing import Any, Final, cast

from aggregates.redis.memory import MemoryMirror
from streams.protocol.mirroring import STATUS_S, mirror
from streams.protocol.ports import Worker
from streams.settings import read_settings
from streams.shards import BEHIND_MS, OwnedShard, Ownership
from tests.unit.streams.clocks import Clock
from tests.unit.streams.folding import SITE, fold_hit

NOT_ASKED: Final = cast(Any, None)


class Mirrored:
    """A worker with one shard, whose hits are `delay_ms` old."""

    def __init__(self, delay_ms: int, lag: int) -> None:
        self.clock, self.redis, self.delay_ms = Clock(), MemoryMirror(), delay_ms
        ownership = Ownership()
        self.owned: OwnedShard = ownership.take(0, {})
        self.owned.lag = lag
        self.worker = Worker(
            read_settings({}), ownership, self.clock, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED,
            self.redis, NOT_ASKED,
        )  # fmt: skip

    def after(self, seconds: float) -> int:
        """One more hit, and a tick that much later: the `applied` of what is in Redis then."""
        self.clock.at_s += seconds
        at_ms = self.clock.epoch_ms() - self.delay_ms
        fold_hit(self.owned, at_ms)
        asyncio.run(mirror(self.worker, self.owned, 0.1))
        return asyncio.run(self.redis.read(SITE))[0].applied


def test_every_tick_writes_what_changed() -> None:
    live = Mirrored(delay_ms=BEHIND_MS, lag=3)
    assert [live.after(0.2) for _ in range(4)] == [0, 1, 2, 3]


def test_a_shard_that_catches_up_writes_as_seldom_as_a_quiet_one() -> None:
    behind = Mirrored(delay_ms=BEHIND_MS + 1, lag=3)
    assert [behind.after(STATUS_S / 4) for _ in range(9)] == [0, 0, 0, 0, 4, 4, 4, 4, 8]


def test_its_last_record_is_shown_at_once() -> None:
    behind = Mirrored(delay_ms=BEHIND_MS + 1, lag=3)
    assert behind.after(0.2) == 0
    behind.owned.lag = 0
    assert behind.after(0.2) == 1
