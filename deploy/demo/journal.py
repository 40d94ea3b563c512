"""HOME/demo/live.jsonl: every live hit, before it is sent and after it was answered.

One JSON object a line; `page` counts from 0 through the live part in play order, times are epoch
milliseconds:

    {"start": ms}                                        a run of the player began
    {"page", "round", "from_ms"}                         about to be sent for the first time
    {"page", "round", "from_ms", "to_ms", "dropped"?}    answered; the hit counts somewhere between
    {"minute": s, "round", "pages": [a, b]}              pages a to b-1, wholly within that minute

A hit without an answer, because the player was killed, may or may not have counted, at any time
until the next start: it is never sent again, so it can't count twice.

A hit takes about 120 bytes, 52 MB a day at 5 hits a second. When the file passes
`JOURNAL_BYTES_MAX`, answered hits are merged into runs of pages: about 70 bytes a minute, 36 MB a
year at any rate.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, Self

import msgspec

JOURNAL_BYTES_MAX: Final = 8_000_000
MINUTE_MS: Final = 60_000


class Position(NamedTuple):
    """A page of the live part, in one of the rounds through it. Ordered as they are played."""

    round: int
    page: int


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A line of the journal; which fields it has says which kind it is."""

    start: int | None = None
    page: int | None = None
    round: int = 0
    from_ms: int | None = None
    to_ms: int | None = None
    dropped: str | None = None  # the reason the collector gave for not counting it
    minute: int | None = None
    pages: tuple[int, int] | None = None

    def last_position(self) -> Position | None:
        """The last page this line tells of."""
        if self.pages is not None:
            return Position(self.round, self.pages[1] - 1)
        return None if self.page is None else Position(self.round, self.page)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)


class DamagedJournal(ValueError):
    """A line of the journal is not one that a player wrote."""


class Journal:
    """The open journal of one running player. Lines reach the kernel before a call returns."""

    def __init__(self, path: Path, *, bytes_max: int = JOURNAL_BYTES_MAX) -> None:
        """Open or make it. Raises DamagedJournal; a torn last line is cut off."""
        self._path = path
        entries = _read_and_mend(path)
        begun = [position for entry in entries if (position := entry.last_position())]
        self.last_begun: Position | None = max(begun, default=None)
        self._bytes_max = bytes_max
        self._file = path.open("ab", buffering=0)

    def start(self, at_ms: int) -> None:
        """A run begins: what was begun and not answered before never will be."""
        self._append(Entry(start=at_ms))

    def begin(self, at: Position, from_ms: int) -> None:
        """The hit at a position is about to be sent."""
        self._append(Entry(page=at.page, round=at.round, from_ms=from_ms))
        self.last_begun = at

    def done(self, at: Position, from_ms: int, to_ms: int, dropped: str | None) -> None:
        """The collector answered."""
        entry = Entry(page=at.page, round=at.round, from_ms=from_ms, to_ms=to_ms, dropped=dropped)
        self._append(entry)
        if self._file.tell() > self._bytes_max:
            self._compact()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _append(self, entry: Entry) -> None:
        self._file.write(_encoder.encode(entry) + b"\n")

    def _compact(self) -> None:
        merged = compact(_read_and_mend(self._path))
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(_encoder.encode_lines(merged))
            file.flush()
            os.fsync(file.fileno())
        self._file.close()
        fresh.replace(self._path)
        self._file = self._path.open("ab", buffering=0)
        # What can't be merged must not make every further hit merge again.
        self._bytes_max = max(self._bytes_max, 2 * self._file.tell())


def _read_and_mend(path: Path) -> list[Entry]:
    """All lines. One without its end was being written when the player was killed: cut it off."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    try:
        return _decoder.decode_lines(whole)
    except msgspec.DecodeError as error:
        raise DamagedJournal(f"{path} is damaged: {error}") from error


def compact(entries: Iterable[Entry]) -> list[Entry]:
    """The same journal with hits that lie within one minute merged into runs of pages."""
    kept: list[Entry] = []
    open_hits: dict[Position, Entry] = {}
    within: dict[tuple[int, int], list[tuple[int, int]]] = {}  # (minute, round) -> runs
    for entry in entries:
        if entry.pages is not None and entry.minute is not None:
            within.setdefault((entry.minute, entry.round), []).append(entry.pages)
        elif entry.page is None or entry.from_ms is None:
            kept.append(entry)
        elif entry.to_ms is None:
            open_hits[Position(entry.round, entry.page)] = entry
        else:
            open_hits.pop(Position(entry.round, entry.page), None)
            minute = entry.from_ms // MINUTE_MS
            if minute == entry.to_ms // MINUTE_MS:
                runs = within.setdefault((minute * 60, entry.round), [])
                runs.append((entry.page, entry.page + 1))
            else:
                kept.append(entry)
    for (minute, round_number), runs in within.items():
        for run in _joined(runs):
            kept.append(Entry(minute=minute, round=round_number, pages=run))
    return [*kept, *open_hits.values()]


def _joined(runs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(runs):
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined
