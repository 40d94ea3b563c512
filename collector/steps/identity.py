"""Step "identity": ids of visitor and event, and the partition, from what is then thrown away."""

import datetime as dt
import os
import struct
from collections.abc import Iterator
from typing import Final, Protocol

import msgspec

from collector import identity
from collector.errors import Unavailable, malformed, over_limit
from collector.pipeline import Draft, Step

EVENT_ID_CHARS_MAX: Final = 64
SESSION_GAP_MS: Final = 1_800_000  # a session may reach this far back over midnight
DAY_MS: Final = 86_400_000
RANDOM_IDS: Final = 512  # asked for at a time
_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()

_content = msgspec.json.Encoder(order="deterministic")


class SaltSource(Protocol):
    """Salts in memory."""

    def salt(self, day: dt.date) -> bytes | None:
        """Of a UTC day of live traffic."""

    def import_salt(self, site_id: int, import_name: str, day: dt.date) -> bytes | None:
        """Of a UTC day of one import."""


def utc_day(at_ms: int) -> dt.date:
    return dt.date.fromordinal(_EPOCH_ORDINAL + at_ms // DAY_MS)


def _salt(salts: SaltSource, draft: Draft, day: dt.date) -> bytes | None:
    if draft.import_name:
        return salts.import_salt(draft.site.site_id, draft.import_name, day)
    return salts.salt(day)


def _make_random_ids() -> Iterator[int]:
    """64 random bits each; asking the system for every one of them costs more than all hashes."""
    while True:
        yield from struct.unpack(f"{RANDOM_IDS}Q", os.urandom(8 * RANDOM_IDS))


_random_ids: Final = _make_random_ids()


def read_event_id(draft: Draft, secret: bytes) -> int:
    """The sender's own id, else for an import one made of what it is, else a random one."""
    raw = draft.body.get("event_id")
    if raw is None:
        if not draft.import_name:
            return next(_random_ids)
        try:
            content = _content.encode(draft.body)
        except RecursionError as error:  # read just within the interpreter's stack, not beyond it
            raise malformed("event", "is nested too deeply") from error
        return identity.import_event_id(
            secret, draft.site.site_id, draft.import_name, draft.position, content
        )
    if not isinstance(raw, str) or not raw:
        raise malformed("event_id", "must be a string")
    if len(raw) > EVENT_ID_CHARS_MAX:
        raise over_limit("event_id", f"should be at most {EVENT_ID_CHARS_MAX} character(s)")
    return identity.event_id(secret, draft.site.site_id, raw)


def identity_step(salts: SaltSource, route_secret: bytes) -> Step:
    """Raises `Unavailable` (in the step) while there is no salt for today."""

    def identify(draft: Draft) -> Draft:
        site_id, client = draft.site.site_id, draft.client
        person = identity.who(draft.address, client.agent, client.visitor)
        day = utc_day(draft.at_ms)
        salt = _salt(salts, draft, day)
        if salt is None and not draft.import_name:
            # A server's event of late yesterday whose salt has gone: one made of today's.
            todays = salts.salt(utc_day(draft.received_at_ms))
            salt = todays and identity.stand_in_salt(todays, draft.at_ms // DAY_MS)
        if salt is None:
            raise Unavailable("salt")
        draft.visitor_id = identity.visitor_id(salt, site_id, person)
        if draft.at_ms % DAY_MS < SESSION_GAP_MS:
            yesterdays = _salt(salts, draft, day - dt.timedelta(days=1))
            if yesterdays is not None:
                draft.prev_visitor_id = identity.visitor_id(yesterdays, site_id, person)
        draft.route = identity.route(route_secret, site_id, person)
        draft.event_id = read_event_id(draft, route_secret)
        return draft

    return identify
