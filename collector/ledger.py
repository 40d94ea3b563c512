"""What became of everything received: per site and minute, accepted or turned away by reason.

    received = accepted + refused by reason

Accepted is what was stored, whether a rule leaves it out of the counts or not: that and what the
fold makes of it stands in the fold's own ledger. What was answered with 503 is neither: it was not
received, and comes again. Minutes are those of the collector's clock when the event came.

Counts are absolute and of this process alone, whose id nobody had before and nobody will have: they
only ever grow, so that the highest is the last, and writing one again changes nothing.
"""

from collections.abc import Callable, Sequence
from itertools import islice, takewhile
from typing import Final, NamedTuple

from schemas.drop_reasons import DropReason
from schemas.events import Hit
from schemas.records import ACCEPTED, IngestCount

MINUTE_MS: Final = 60_000
NO_SITE_ID: Final = 0  # of no site that is known here
# A minute is counted on until the last of its hits is stored, which takes seconds.
KEEP_MS: Final = 2 * MINUTE_MS
# While Kafka is away: a day of 30 busy sites. Beyond it the oldest are given up, and counted.
COUNTS_MAX: Final = 100_000
WRITE_COUNTS_MAX: Final = 2_000


class Key(NamedTuple):
    minute: int  # epoch seconds of its start
    site_id: int
    outcome: str


class Ledger:
    """Counts until they are written. Not a hit's identity, page or property is in it."""

    def __init__(
        self, collector_id: str, now_ms: Callable[[], int], counts_max: int = COUNTS_MAX
    ) -> None:
        self._collector_id = collector_id
        self._now_ms = now_ms
        self._counts_max = counts_max
        self._counts: dict[Key, int] = {}  # in order of their first event
        self._changed: dict[Key, None] = {}
        self.lost = 0  # events whose count was given up before it was written

    def accept(self, hits: list[Hit]) -> None:
        """Count hits that were stored."""
        counts: dict[tuple[int, int], int] = {}  # most hits of a record are of few
        for hit in hits:
            place = (hit.received_at_ms // MINUTE_MS, hit.site_id)
            counts[place] = counts.get(place, 0) + 1
        for (minute, site_id), count in counts.items():
            self._add(Key(minute * 60, site_id, ACCEPTED), count)

    def refuse(self, reason: DropReason, site_id: int = NO_SITE_ID) -> None:
        """Count an event that was turned away just now."""
        self._add(Key(self._now_ms() // MINUTE_MS * 60, site_id, reason.value), 1)

    def _add(self, key: Key, events: int) -> None:
        count = self._counts.get(key)
        if count is None:
            count = 0
            if len(self._counts) >= self._counts_max:
                self._give_up_oldest()
        self._counts[key] = count + events
        self._changed[key] = None

    def _give_up_oldest(self) -> None:
        key = next(iter(self._counts))
        count = self._counts.pop(key)
        if key in self._changed:
            del self._changed[key]
            self.lost += count

    def unwritten(self) -> list[IngestCount]:
        """Counts that changed since they were written, some at a time."""
        return [
            IngestCount(key.site_id, key.minute, self._collector_id, key.outcome, self._counts[key])
            for key in islice(self._changed, WRITE_COUNTS_MAX)
        ]

    def written(self, counts: Sequence[IngestCount]) -> None:
        """Those are stored; what has changed since then is not."""
        for count in counts:
            key = Key(count.minute, count.site_id, count.outcome)
            if self._counts.get(key) == count.events:
                self._changed.pop(key, None)

    def forget(self) -> None:
        """Let go of minutes that are over and written."""
        ended = (self._now_ms() - KEEP_MS) // 1000
        over = takewhile(lambda key: key.minute < ended, self._counts)
        for key in [key for key in over if key not in self._changed]:
            del self._counts[key]
