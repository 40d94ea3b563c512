"""Rows written as a worker writes them at a busy time: once a second, all that changed in it."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.flush import confirm_rows, unconfirmed_rows
from aggregates.core.fold import fold
from aggregates.core.rows import Rows
from aggregates.core.state import Shard, ShardState
from tests.bench.stocking import END_MS, PARTITIONS
from tests.bench.workloads import PLAIN, batches

HITS_PER_S: Final = 5_000
BEFORE_END_MS: Final = 2 * 3_600_000  # inside the periods that are asked for


@dataclass(slots=True)
class Written:
    """What a writer came to, once it has ended."""

    hits_per_s: float = 0.0


def seconds_of_rows(seconds: int) -> list[Rows]:
    """The plain workload's rows at HITS_PER_S, second by second; its sites are 1 to 10."""
    workload = PLAIN.at_pace(HITS_PER_S)
    shard = Shard(ShardState(shard=PARTITIONS))  # of no partition that is there already
    start_ms = END_MS - BEFORE_END_MS
    found, cut_ms = [], start_ms
    log = batches(workload, 1, 0, 1, HITS_PER_S * seconds, start_ms)
    for offset, batch in enumerate(log):
        at_ms = batch.hits[-1].received_at_ms
        fold(shard, offset, batch, at_ms)
        if at_ms - cut_ms >= 1_000 - 1:
            cut_ms = at_ms
            found.append(unconfirmed_rows(shard, 2**62))
            confirm_rows(shard, found[-1])
    return found


@contextmanager
def storing(url: str, rows: Sequence[Rows]) -> Iterator[Written]:
    """Writes them, one a second, again from the beginning when there are no more."""
    ended, written = threading.Event(), Written()

    def write() -> None:
        store, began, count = ClickHouseStore(url), time.monotonic(), 0
        while not ended.is_set():
            store.insert(rows[count % len(rows)])
            count += 1
            ended.wait(max(0.0, began + count - time.monotonic()))
        written.hits_per_s = count * HITS_PER_S / (time.monotonic() - began)
        store.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        ended.set()
        writer.join()
