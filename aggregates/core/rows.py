"""The rows of the rollups: what the fold hands to the store, column for column.

Every row is absolute, never a delta, and carries `row_key`, a 64-bit hash of what it is a row of
(dimensions, shard, clock and the offset that opened its window), and `version`, one more than the
offset of the record that last changed it. The same version always has the same content, so
writing a row twice, or an old one after a new one, changes nothing.
"""

from typing import NamedTuple

from schemas.events import Visit


class HitRow(NamedTuple):
    """Grain: site, minute, event name, hostname, path, props, currency, dimensions of the visit.

    The `session_*` arrays run parallel: one element for each session with a hit in the row. So do
    the `timing_*` ones: one for each number its hits reported.
    """

    site_id: int
    minute: int  # epoch seconds, UTC
    row_key: int
    version: int
    name: str
    hostname: str
    path: str
    prop_keys: tuple[str, ...]
    prop_values: tuple[str, ...]
    currency: str
    visit: Visit
    hits: int
    revenue_micros: int
    session_ids: tuple[int, ...]
    visitor_ids: tuple[int, ...]
    session_hits: tuple[int, ...]
    session_engaged_ms: tuple[int, ...]
    session_scroll_depths: tuple[int, ...]
    timing_names: tuple[int, ...]  # indexes into schemas.timings.TIMINGS, one for each value
    timing_values: tuple[int, ...]
    session_revenue_micros: tuple[int, ...]  # empty where no hit of the row has revenue


class VisitRow(NamedTuple):
    """Grain: site, minute the visit began, entry page, dimensions of the visit.

    The arrays run parallel: one element for each visit in the row; the exit page is among them, for
    it moves with every pageview. A row all of whose visits have moved to another entry page (their
    first pageview came after an event) has `visits` 0 and empty arrays.
    """

    site_id: int
    minute: int  # epoch seconds, UTC
    row_key: int
    version: int
    entry_hostname: str
    entry_page: str
    visit: Visit
    visits: int
    bounces: int
    duration_s: int
    pageviews: int
    events: int  # pageviews and custom events
    session_ids: tuple[int, ...]
    visitor_ids: tuple[int, ...]
    session_bounced: tuple[int, ...]  # 0 or 1
    session_durations_s: tuple[int, ...]
    session_pageviews: tuple[int, ...]
    session_events: tuple[int, ...]
    session_exit_hostnames: tuple[str, ...]
    session_exit_pages: tuple[str, ...]


class LedgerRow(NamedTuple):
    """Grain: site, minute, outcome. Where every hit of the log went."""

    site_id: int
    minute: int  # epoch seconds, UTC
    row_key: int
    version: int
    outcome: str  # "counted", or a DropReason
    hits: int


COUNTED = "counted"


class Rows(NamedTuple):
    """What one flush writes."""

    hits: list[HitRow]
    visits: list[VisitRow]
    ledger: list[LedgerRow]
