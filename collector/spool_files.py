"""The spool on disk: segments of one process in a directory of its own. Blocking; one thread.

    spool/a1b2.lock                             held (flock) as long as the process a1b2 lives
    spool/a1b2/1770000000000000000-a1b2.seg     records (`spool_format`), only ever appended to
    spool/a1b2/1770000000000000000-a1b2.pos     how far it was replayed
    spool/1769990000000000000-77aa.damaged      bytes that are no records: kept for a person

Segments are read in the order of their names, which is that of the time they were begun. What a
dead process left is moved here, one file after the other, keeping its name: a crash on the way
leaves each file in one of two places, both of which are looked at again. A position is a hint that
needs no sync: an older one replays some records twice.
"""

import bisect
import fcntl
import logging
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.spool_format import (
    VALUE_BYTES_MAX,
    Record,
    Rest,
    encode_record,
    parse,
    size_of,
)

SEGMENT_BYTES_MAX: Final = 8 * 2**20
# One look: more than one record's bytes at most, and what the sink takes at once.
READ_BYTES_MAX: Final = 2 * VALUE_BYTES_MAX
NAME_DIGITS: Final = 19  # nanoseconds since 1970
SEGMENT: Final = ".seg"
POSITION: Final = ".pos"
DAMAGED: Final = ".damaged"
LOCK: Final = ".lock"

log = logging.getLogger(__name__)


class SpoolFull(Exception):
    """More than the spool may take."""


@dataclass(slots=True)
class Segment:
    """A file, what is in it for certain, and how far that was replayed, in bytes."""

    path: Path
    size: int
    position: int = 0


class SpoolFiles:
    """The segments of this process. Methods raise `OSError` when the disk does."""

    def __init__(self, root: Path, bytes_max: int) -> None:
        self._root = root
        self._bytes_max = bytes_max
        self._name = secrets.token_hex(6)
        self._lock = -1
        self._segments: list[Segment] = []
        self._writing: Segment | None = None
        self._file = -1
        self._named_ns = 0
        self._reading: Segment | None = None
        self._read_to = 0
        self._rest = Rest.NOTHING
        self.damaged = 0  # segments set aside since the start

    @property
    def bytes(self) -> int:
        """On disk, replayed or not."""
        return sum(segment.size for segment in self._segments)

    @property
    def empty(self) -> bool:
        return not self._segments

    @property
    def _folder(self) -> Path:
        return self._root / self._name

    def write(self, records: list[Record]) -> None:
        """Append in order; on disk for good when it returns. Raises `SpoolFull`, `OSError`.

        When it raises, none of them is there; after an error of the disk the file that had it is
        not written to again, as what a failed sync left in memory counts as written from then on.
        """
        size = sum(size_of(record) for record in records)
        if self.bytes + size > self._bytes_max:
            raise SpoolFull
        segment = self._segment_with_room()
        place, parts = segment.size, []
        for record in records:
            parts.append(encode_record(record, place))
            place += len(parts[-1])
        try:
            _write_all(self._file, b"".join(parts))
            os.fsync(self._file)
        except OSError:
            self._give_up_writing(segment)
            raise
        segment.size = place

    def read(self) -> list[Record]:
        """The next records to replay, none if there are none. They come again until `replayed`."""
        while self._segments:
            segment = self._reading = self._segments[0]
            parsed = parse(_read(segment, READ_BYTES_MAX), segment.position)
            self._read_to = segment.position + parsed.size
            cut = bool(parsed.records) and segment.size > segment.position + READ_BYTES_MAX
            self._rest = Rest.NOTHING if cut else parsed.rest
            if parsed.records:
                return parsed.records
            self._end(segment, self._rest is Rest.DAMAGED)
        return []

    def replayed(self) -> None:
        """What was read last is in the log: it is not read again."""
        segment, self._reading = self._reading, None
        if segment is None:
            return
        segment.position = self._read_to
        if segment.position >= segment.size or self._rest is not Rest.NOTHING:
            self._end(segment, self._rest is Rest.DAMAGED)
        else:
            _note_position(segment)

    def adopt(self) -> int:
        """Take over what dead processes left. Returns the number of segments."""
        if not self._root.is_dir():
            return 0
        taken = 0
        for folder in sorted(self._root.iterdir()):
            if not folder.is_dir() or folder.name == self._name:
                continue
            lock = _lock(self._root / f"{folder.name}{LOCK}")
            if lock >= 0:
                try:
                    taken += self._move_from(folder)
                    _remove_folder(folder)
                finally:
                    os.close(lock)
        return taken

    def close(self) -> None:
        """Let go of the directory; what is in it is for whoever comes next."""
        self._stop_writing()
        if self._lock >= 0:
            if self.empty:
                _remove_folder(self._folder)
            os.close(self._lock)
            self._lock = -1

    def _move_from(self, folder: Path) -> int:
        paths = sorted(folder.glob(f"{'[0-9]' * NAME_DIGITS}-*{SEGMENT}"))
        for path in paths:
            self._own_folder()
            new = self._folder / path.name
            position = path.with_suffix(POSITION)
            if position.exists():
                position.rename(new.with_suffix(POSITION))
            path.rename(new)
            segment = Segment(new, new.stat().st_size)
            segment.position = _noted_position(segment)
            bisect.insort(self._segments, segment, key=lambda each: each.path.name)
        if paths:
            _sync_folder(self._folder)
        return len(paths)

    def _own_folder(self) -> None:
        """Locked before it can be seen, so that nobody takes it for a dead process's."""
        if self._lock >= 0 and self._folder.is_dir():
            return
        self._root.mkdir(parents=True, exist_ok=True)
        if self._lock < 0:
            self._lock = _lock(self._root / f"{self._name}{LOCK}")
        self._folder.mkdir(exist_ok=True)
        _sync_folder(self._root)

    def _segment_with_room(self) -> Segment:
        if self._writing is not None and self._writing.size < SEGMENT_BYTES_MAX:
            return self._writing
        self._stop_writing()
        self._own_folder()
        path = self._folder / f"{self._next_stem()}{SEGMENT}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        _sync_folder(self._folder)
        self._writing = Segment(path, 0)
        self._segments.append(self._writing)
        return self._writing

    def _next_stem(self) -> str:
        """After all that are here, also when the clock was set back."""
        names = [segment.path.name for segment in self._segments]
        latest = max((int(name[:NAME_DIGITS]) for name in names), default=0)
        self._named_ns = max(time.time_ns(), self._named_ns + 1, latest + 1)
        return f"{self._named_ns:0{NAME_DIGITS}}-{self._name}"

    def _give_up_writing(self, segment: Segment) -> None:
        """Cut off what may have been written of records nobody is told are stored."""
        try:
            os.ftruncate(self._file, segment.size)
        except OSError:
            log.warning("spool segment cannot be cut", exc_info=True)
        try:
            self._stop_writing()
        except OSError:  # closed all the same
            log.warning("spool segment cannot be closed", exc_info=True)
        if not segment.size:
            self._end(segment, damaged=False)

    def _stop_writing(self) -> None:
        file, self._file, self._writing = self._file, -1, None
        if file >= 0:
            os.close(file)

    def _end(self, segment: Segment, damaged: bool) -> None:
        """Forget a segment whose whole records are all replayed."""
        if segment is self._writing:
            self._stop_writing()
        self._segments.remove(segment)
        if damaged:
            self.damaged += 1
            log.error("spool segment is damaged", extra={"fields": {"segment": segment.path.name}})
            segment.path.rename(self._root / f"{segment.path.stem}{DAMAGED}")
        else:
            segment.path.unlink(missing_ok=True)
        segment.path.with_suffix(POSITION).unlink(missing_ok=True)


def _lock(path: Path) -> int:
    """An open file that holds the lock, -1 if another process has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return -1
    return file


def _remove_folder(folder: Path) -> None:
    """Folder and lock, in this order: a folder without a lock would be somebody's who is dead."""
    for path in folder.glob(f"*{POSITION}"):
        path.unlink(missing_ok=True)
    folder.rmdir()
    (folder.parent / f"{folder.name}{LOCK}").unlink(missing_ok=True)


def _read(segment: Segment, bytes_max: int) -> bytes:
    size = min(segment.size - segment.position, bytes_max)
    with segment.path.open("rb") as file:
        file.seek(segment.position)
        return file.read(size)


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _sync_folder(folder: Path) -> None:
    """Makes the names in it as durable as what they name."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _note_position(segment: Segment) -> None:
    segment.path.with_suffix(POSITION).write_bytes(b"%020d" % segment.position)


def _noted_position(segment: Segment) -> int:
    """0 where it cannot be read: all is replayed again, and counts once."""
    try:
        text = segment.path.with_suffix(POSITION).read_bytes()
    except OSError:
        return 0
    position = int(text) if len(text) == 20 and text.isdigit() else 0
    return position if position <= segment.size else 0
