"""Files to batches of events, each with the place to go on from once it is acknowledged."""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from deploy.importing.files import LogFile, Splitter
from deploy.importing.lines import BadLine, Line, Parser, iso_ms
from deploy.importing.ordering import Moment, Sorter
from deploy.importing.pages import FOR_EVER_MS, PageRules
from deploy.importing.state import Place

BATCH_EVENTS_MAX: Final = 1_000  # of a request, by the contract
BATCH_BYTES: Final = 3_000_000  # a batch is sent from here on: under 4 MB with its last event
POLL_S: Final = 0.25
AHEAD_MAX_MS: Final = 300_000  # as the collector's rule; one such line would make all others late
FILE_LINES: Final = 1 << 40  # more than a file has: (file, line) as one number in order
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}", re.ASCII)


class Event(msgspec.Struct, omit_defaults=True):
    """An event of `POST /api/batch`."""

    name: str
    url: str
    timestamp: str
    ip: str
    event_id: str
    user_agent: str = ""
    referrer: str = ""
    visitor: str = ""
    props: dict[str, str] = {}


class Batch(NamedTuple):
    """Events in order of time. Without any it only says that there is nothing now."""

    events: list[bytes]  # JSON
    last: Moment
    place: Place  # to go on from, once this and all before it are acknowledged


@dataclass(slots=True)
class Skipped:
    """Lines of which nothing was sent, for one reason."""

    count: int = 0
    example: str = ""  # "file:line" of the first


@dataclass(slots=True)
class Counts:
    """What one run read."""

    lines: int = 0
    events: int = 0
    skipped: dict[str, Skipped] = field(default_factory=dict)

    def skip(self, reason: str, path: Path, number: int) -> None:
        """Count a line; only where the first one stands is kept, for lines hold addresses."""
        found = self.skipped.setdefault(reason, Skipped(example=f"{path.name}:{number}"))
        found.count += 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the logs is to be sent, and as what."""

    domain: str
    import_name: str
    rules: PageRules
    window_ms: int  # how far out of order lines may be


class Reader:
    """The one walk through the files of an import. Not for two threads at the same time."""

    def __init__(
        self,
        logs: list[LogFile],
        parser: Parser,
        wanted: Wanted,
        begin: Place,
        acknowledged: Moment,
        *,
        follow: bool = False,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """`logs[0]` is the file of `begin`. With `follow` the last one is read on as it grows."""
        self.logs = logs
        self.counts = Counts()
        self.stop = threading.Event()  # no more is waited for: come to an end
        self.ended: dict[int, tuple[int, int]] = {}  # file -> (bytes, lines) when it ended
        self._parser, self._wanted = parser, wanted
        self._acknowledged = acknowledged
        self._follow, self._now_ms = follow, now_ms
        self._sorter: Sorter[tuple[Place, bytes]] = Sorter(wanted.window_ms, begin.floor_ms)
        self._file, self._offset, self._number = begin.file, begin.offset, begin.line
        self._begin_file = begin.file
        self._before_bytes = 0
        self._pack: list[bytes] = []
        self._pack_bytes, self._last = 0, acknowledged
        self._import_id = hashlib.sha256(wanted.import_name.encode()).hexdigest()[:16]
        parser.header = begin.header or parser.header

    @property
    def bytes_done(self) -> int:
        """Bytes of all files read so far, packed."""
        at = self._file - self._begin_file
        return self._before_bytes + (self.logs[at].bytes_done if at < len(self.logs) else 0)

    def files(self) -> Iterator[tuple[int, LogFile]]:
        """The files read until now, each with its number in the import."""
        last = self._file - self._begin_file
        yield from enumerate(self.logs[: last + 1], self._begin_file)

    def batches(self, flush: Callable[[], bool]) -> Iterator[Batch]:
        """To the end of the last file. What may still be overtaken comes last, if `flush` says."""
        try:
            for is_idle in self._lines():
                # A quiet log is not waited for: what has waited its time goes out.
                yield from self._ready(self._now_ms() - self._wanted.window_ms if is_idle else 0)
                if is_idle:
                    yield self._take_pack()
            if flush():
                yield from self._ready(FOR_EVER_MS)
            yield self._take_pack()
        finally:
            for log in self.logs:
                log.close()

    def _ready(self, before_ms: int) -> Iterator[Batch]:
        """Pack what nothing can overtake or is older than `before_ms`; full packs come out."""
        while found := self._sorter.next(before_ms):
            self._last, (_, event) = found
            self._pack.append(event)
            self._pack_bytes += len(event)
            if len(self._pack) >= BATCH_EVENTS_MAX or self._pack_bytes >= BATCH_BYTES:
                yield self._take_pack()

    def _take_pack(self) -> Batch:
        held = self._sorter.first_of_place()
        batch = Batch(self._pack, self._last, held[0] if held else self._place())
        self._pack, self._pack_bytes = [], 0
        return batch

    def _place(self) -> Place:
        return Place(
            self._file, self._offset, self._number, self._sorter.floor_ms, self._parser.header
        )

    def _lines(self) -> Iterator[bool]:
        """Take in line after line; True each time there are no more for now."""
        at = 0
        while at < len(self.logs) and not self.stop.is_set():
            log, splitter = self.logs[at], Splitter()
            log.skip_to(self._offset)
            for chunk in self._chunks(log, is_last=at == len(self.logs) - 1):
                for raw, size in splitter.feed(chunk):
                    self._take(log, raw, size)
                    yield False
                if not chunk:
                    yield True
            if self.stop.is_set():
                return  # what has no end yet is read next time
            for raw, size in splitter.end():
                if self._is_cut(raw):  # it may be written to its end still
                    self.counts.skip("cut", log.path, self._number + 1)
                    break
                self._take(log, raw, size)
                yield False
            self.ended[self._file] = (self._offset, self._number)
            at += 1
            if at < len(self.logs):
                self._before_bytes += log.bytes_done
                self._file, self._offset, self._number = self._file + 1, 0, 0
            log.close()

    def _chunks(self, log: LogFile, *, is_last: bool) -> Iterator[bytes]:
        """A file's bytes; b"" while a followed one has no more."""
        while not self.stop.is_set():
            chunk = log.read()
            if chunk:
                yield chunk
            elif not (self._follow and is_last):
                return
            elif log.is_replaced():
                while chunk := log.read():  # written between our last look and the rename
                    yield chunk
                self.logs.append(LogFile(log.path))
                return
            else:
                yield b""
                self.stop.wait(POLL_S)

    def _is_cut(self, raw: bytes) -> bool:
        try:
            self._parser.parse(0, raw)
        except BadLine:
            return True
        return False

    def _take(self, log: LogFile, raw: bytes, size: int) -> None:
        place = self._place()
        self._offset += size
        self._number += 1
        self.counts.lines += 1
        try:
            line = self._parser.parse(self._number, raw)
        except BadLine as error:
            self.counts.skip(f"unreadable: {error}", log.path, self._number)
            return
        reason = self._skip_reason(line)
        if line is None or reason:
            self.counts.skip(reason, log.path, self._number)
            return
        moment = Moment(line.at_ms, self._file * FILE_LINES + self._number)
        if self._sorter.is_late(line.at_ms):
            self.counts.skip("late", log.path, self._number)
        elif moment > self._acknowledged:  # else it is read again, as something before it waits
            self._sorter.add(moment, (place, self._event(line)))
            self.counts.events += 1

    def _skip_reason(self, line: Line | None) -> str:
        if line is None:
            return "comment"
        reason = self._wanted.rules.skip_reason(line)
        if not reason and line.at_ms > self._now_ms() + AHEAD_MAX_MS:
            return "in_future"
        return reason

    def _event(self, line: Line) -> bytes:
        """The id is made of place alone: of the import's name, the file's number and the line's."""
        wanted = self._wanted
        host = line.host if _HOST.fullmatch(line.host) else wanted.domain
        event = Event(
            name="pageview",
            url=f"https://{host}{line.target}",
            timestamp=iso_ms(line.at_ms),
            ip=line.address,
            event_id=f"{self._import_id}:{self._file}:{line.number}",
            user_agent=line.agent,
            referrer=line.referrer,
        )
        if line.status == 404:
            event.name, event.props = "404", {"path": line.target.partition("?")[0]}
        if not self._parser.names_agents:
            event.visitor = line.address  # else all would be robots: none names its agent
        return _encoder.encode(event)


_encoder: Final = msgspec.json.Encoder()
