"""The live mirror of tests: the same promises as Redis's, kept in dictionaries."""

from collections.abc import Iterable, Mapping

from schemas.live import LiveShard, ShardStatus


class MemoryMirror:
    """`LiveMirror` in memory; `announced` holds the site ids in the order they were announced."""

    def __init__(self) -> None:
        self._live: dict[int, dict[int, LiveShard]] = {}
        self._statuses: dict[int, ShardStatus] = {}
        self.announced: list[int] = []

    async def write(self, shard: int, counters: Mapping[int, LiveShard]) -> None:
        for site_id, value in counters.items():
            shards = self._live.setdefault(site_id, {})
            if shard not in shards or shards[shard].applied <= value.applied:
                shards[shard] = value
                self.announced.append(site_id)

    async def read(self, site_id: int) -> dict[int, LiveShard]:
        return dict(self._live.get(site_id, {}))

    async def write_status(self, shard: int, status: ShardStatus) -> bool:
        is_new = shard not in self._statuses
        self._statuses[shard] = status
        return is_new

    async def read_statuses(self) -> dict[int, ShardStatus]:
        return dict(self._statuses)

    async def forget(self, site_ids: Iterable[int]) -> None:
        for site_id in site_ids:
            self._live.pop(site_id, None)

    async def close(self) -> None:
        """Nothing to close; what was written stays readable."""
