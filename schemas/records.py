"""Records of the smaller topics, one JSON object each."""

import enum
from typing import Final, TypeVar

import msgspec


class SiteMinute(msgspec.Struct, frozen=True):
    """A minute of a site that one shard has closed. Absolute: reading it twice changes nothing."""

    site_id: int
    minute: int  # epoch seconds of its start
    shard: int
    opened_at: int  # offset that opened the window; a late window of the same minute adds to it
    pageviews: int
    visitors: int


class AlertState(enum.StrEnum):
    OPENED = "opened"
    RESOLVED = "resolved"


class Alert(msgspec.Struct, frozen=True):
    """A spike opened or resolved. (site_id, opened_minute) names it: a repeat changes nothing."""

    site_id: int
    opened_minute: int  # epoch seconds of the minute that crossed the threshold
    state: AlertState
    minute: int  # the minute this was decided on
    pageviews: int
    threshold: int


ACCEPTED: Final = "accepted"


class IngestCount(msgspec.Struct, frozen=True):
    """What one collector did with events it received for a site in a minute.

    Absolute, and of one collector's life: the highest of (site, minute, collector, outcome) counts.
    """

    site_id: int  # 0: of no site that is known
    minute: int  # epoch seconds of its start, by the collector's clock
    collector_id: str  # of one process; a new one has a new id
    outcome: str  # ACCEPTED: stored in the log; else the DropReason it was refused for
    events: int


def letter_key(topic: str, partition: int, offset: int) -> str:
    """What names the dead letter of a record."""
    return f"{topic}/{partition}/{offset}"


class DeadLetter(msgspec.Struct, frozen=True):
    """A record, or hits of one, that could not be folded: the bytes (base64 in JSON) and why.

    (topic, partition, offset) names it: written again it is the same letter.
    """

    topic: str
    partition: int
    offset: int
    error: str
    value: bytes  # the record as it was; of one that was folded but for some hits, those hits
    appended_ms: int = 0  # the broker's time of the record, epoch milliseconds
    replayed_ms: int = 0  # when it was last sent again (`./inv dead replay`), epoch milliseconds

    @property
    def key(self) -> str:
        return letter_key(self.topic, self.partition, self.offset)


Record = SiteMinute | Alert | DeadLetter | IngestCount
R = TypeVar("R", SiteMinute, Alert, DeadLetter, IngestCount)


def encode(record: Record) -> bytes:
    return msgspec.json.encode(record)


def decode(value: bytes, as_type: type[R]) -> R:
    """Raises `msgspec.DecodeError` for bytes that are no such record."""
    return msgspec.json.decode(value, type=as_type)
