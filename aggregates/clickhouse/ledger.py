"""Where the hits of a period went: every one that was accepted, by its outcome."""

from dataclasses import dataclass
from typing import cast

from aggregates.clickhouse.buckets import MINUTE_S
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.reader import Reads
from aggregates.core.rows import COUNTED


@dataclass(frozen=True, slots=True)
class Ledger:
    """accepted = counted + all that was left out, by `DropReason`."""

    counted: int
    left_out: dict[str, int]

    @property
    def accepted(self) -> int:
        return self.counted + sum(self.left_out.values())


def read_ledger(reader: Reads, site_id: int, start_s: int, end_s: int) -> Ledger:
    """The ledger of every minute that [start, end), in epoch seconds, touches.

    Raises `TooCostly`, `StoreUnavailable`.
    """
    params = {"site_id": site_id, "start_s": start_s // MINUTE_S * MINUTE_S, "end_s": end_s}
    rows = reader.read(read_query("ledger_count"), params)
    hits = dict(cast("list[tuple[str, int]]", rows))
    return Ledger(counted=hits.pop(COUNTED, 0), left_out=hits)
