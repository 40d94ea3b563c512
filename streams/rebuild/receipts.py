"""What an erasure did and how that was checked: for whoever asked for it, and for people."""

import datetime as dt
from pathlib import Path
from typing import Final

import msgspec

from aggregates.clickhouse.erasure import Held

LOG_NOTE: Final = (
    "The log of hits is append-only and still holds these hits, under a visitor id that is a keyed "
    "hash. The key (a day's salt) is deleted after 48 hours; from then on nobody can tell whose id "
    "it was. No address and no user agent was ever written. Every fold of the log leaves them out."
)


class Checked(msgspec.Struct, frozen=True):
    """The served generation against the whole log folded once more with its rules."""

    until: str  # ISO 8601: of minutes before this; later ones may still change
    served_checksum: str
    folded_checksum: str

    @property
    def equal(self) -> bool:
        return self.served_checksum == self.folded_checksum


class Receipt(msgspec.Struct, frozen=True):
    """Times are UTC, ISO 8601."""

    site: str
    site_id: int
    visitor_id: str  # decimal, as JSON numbers lose digits; "" for the whole site
    erased_at: str
    generation_before: int
    generation: int
    checksum_before: str
    checksum: str
    held_before: Held  # by the generation that was served
    held: dict[int, Held]  # by every generation that is kept now, superseded rows included
    live_counters: int  # of the whole site in Redis, which name nobody; a visitor's site has some
    dead_letters: list[str]  # keys of letters that hold hits of theirs
    checked: Checked
    log: str = LOG_NOTE

    @property
    def holds(self) -> bool:
        """Whether everything that was asked says that it is gone."""
        left = [each for each in self.held.values() if each != Held()]
        return self.checked.equal and not left and not (self.live_counters and not self.visitor_id)


def write_receipt(receipt: Receipt, folder: Path) -> Path:
    """The path of the new file."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = receipt.erased_at.replace(":", "").replace("-", "")
    path = folder / f"erasure-{receipt.site_id}-{stamp}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(receipt)) + b"\n")
    return path


def utc(at_s: float) -> str:
    return dt.datetime.fromtimestamp(at_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
