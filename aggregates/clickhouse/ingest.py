"""The collectors' own ledger in ClickHouse: what they received, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from aggregates.clickhouse.buckets import MINUTE_S
from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.reader import Reads
from schemas.records import ACCEPTED, IngestCount

TIMEOUT_S: Final = 30.0
COLUMNS: Final = ("site_id", "minute", "collector_id", "outcome", "events")


class IngestStore:
    """Where the counts are kept; threads may share it.

    Replay: the highest count of each (site, minute, collector, outcome) counts, and they only grow.
    """

    def __init__(self, url: str) -> None:
        """`url` of the base database. Connects at the first use."""
        self._clients = ClientPool(url, TIMEOUT_S, {})

    def insert(self, counts: Sequence[IngestCount]) -> None:
        """Returns once the server confirmed all of them. Blocking.

        Raises `StoreUnavailable` if any of it is not confirmed.
        """
        rows = [
            (each.site_id, each.minute, each.collector_id, each.outcome, each.events)
            for each in counts
        ]
        self._clients.insert("ingest_rows", COLUMNS, rows)

    def close(self) -> None:
        self._clients.close()


@dataclass(frozen=True, slots=True)
class Ingest:
    """received = accepted + refused, by `DropReason`."""

    accepted: int
    refused: dict[str, int]

    @property
    def received(self) -> int:
        return self.accepted + sum(self.refused.values())


def read_ingest(base: Reads, site_id: int, start_s: int, end_s: int) -> Ingest:
    """What was received in every minute that [start, end), in epoch seconds, touches.

    `base` reads the base database. Raises `TooCostly`, `StoreUnavailable`.
    """
    params = {"site_id": site_id, "start_s": start_s // MINUTE_S * MINUTE_S, "end_s": end_s}
    rows = base.read(read_query("ingest_count"), params)
    events = dict(cast("list[tuple[str, int]]", rows))
    return Ingest(accepted=events.pop(ACCEPTED, 0), refused=events)
