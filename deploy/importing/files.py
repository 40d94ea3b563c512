"""Log files as raw lines: plain, gzip, bzip2 or xz, from a pipe, growing, rotated.

A followed file is read to its end again and again. When its path names another file (renamed away,
a new one made) the old one is read to its end first; when it became shorter (copied and cut off)
reading begins anew.
"""

import bz2
import gzip
import lzma
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import Final, cast

from deploy.importing.lines import LINE_BYTES_MAX
from deploy.importing.state import HEAD_BYTES_MAX

CHUNK_BYTES: Final = 65_536
STDIN: Final = Path("-")
_DAMAGED: Final = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


class CannotRead(OSError):
    """A file cannot be opened or read; the message says which and why."""


class Splitter:
    """Chunks of bytes in, lines out; of one that is too long only as much as shows that it is."""

    def __init__(self) -> None:
        self._rest = b""
        self._cut_bytes = 0

    def feed(self, chunk: bytes) -> list[tuple[bytes, int]]:
        """The lines that end in this chunk, without their end, with the bytes each takes there."""
        parts = (self._rest + chunk).split(b"\n")
        self._rest = parts.pop()
        lines = [(part, len(part) + 1) for part in parts]
        if lines and self._cut_bytes:
            lines[0] = (lines[0][0], lines[0][1] + self._cut_bytes)
            self._cut_bytes = 0
        if len(self._rest) > LINE_BYTES_MAX + 1:
            self._cut_bytes += len(self._rest) - LINE_BYTES_MAX - 1
            self._rest = self._rest[: LINE_BYTES_MAX + 1]
        return lines

    def end(self) -> list[tuple[bytes, int]]:
        """The last line, if nothing ended it."""
        rest, size = self._rest, len(self._rest) + self._cut_bytes
        self._rest, self._cut_bytes = b"", 0
        return [(rest, size)] if rest else []


def split_lines(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """All lines of a file with the bytes each takes."""
    splitter = Splitter()
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.end()


class LogFile:
    """One log, open for reading, unpacked. Raises CannotRead."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw = _open(path)
        self._file, self.is_packed = _unpacked(self._raw)
        self.first = self._read_first()  # read, and not yet given: the format is told by it
        # These two are read by others while this file is: plain values, renewed by `read`.
        self.head = self.first[:HEAD_BYTES_MAX]  # its first bytes, unpacked, as many as it has
        self.bytes_done = 0  # of the file on disk, packed
        self._given = 0  # bytes given to the reader, unpacked
        self.damaged = ""  # why it cannot be read to its end

    def _read_first(self) -> bytes:
        first = b""
        while len(first) < HEAD_BYTES_MAX:
            chunk = self._chunk()
            if not chunk:
                break
            first += chunk
        return first

    def _chunk(self) -> bytes:
        """The next bytes, b"" at the end and where the packing is damaged."""
        try:
            return self._file.read1(CHUNK_BYTES)  # what is there: a pipe may trickle
        except _DAMAGED as error:
            self.damaged = f"cannot be unpacked to its end ({type(error).__name__})"
            return b""
        except OSError as error:
            raise CannotRead(f"{self.path}: {error.strerror or error}") from error

    def skip_to(self, offset: int) -> None:
        """Begin at an offset (unpacked). Raises CannotRead where there is less than that."""
        self._given = 0
        if not self.is_packed and self._raw.seekable():
            self._raw.seek(offset)
            self._given = offset
            self.first = b""
            return
        while self._given < offset:
            chunk = self.read()
            if not chunk:
                raise CannotRead(f"{self.path} is shorter than when it was read before")
            if self._given > offset:
                keep = self._given - offset
                self.first = chunk[len(chunk) - keep :]
                self._given = offset

    def read(self) -> bytes:
        """The next bytes; b"" when there are none now."""
        chunk, self.first = (self.first, b"") if self.first else (self._chunk(), b"")
        self._given += len(chunk)
        self.bytes_done = self._raw.tell() if self._raw.seekable() else self._given
        if len(self.head) < HEAD_BYTES_MAX and not self.is_packed and self._raw.seekable():
            self.head = os.pread(self._raw.fileno(), HEAD_BYTES_MAX, 0)  # it has grown
        return chunk

    @property
    def size(self) -> int | None:
        """Bytes on disk; None for a pipe."""
        return os.fstat(self._raw.fileno()).st_size if self._raw.seekable() else None

    def is_replaced(self) -> bool:
        """Whether its path names another file now, or this one was cut off."""
        ours = os.fstat(self._raw.fileno())
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False  # renamed; the new one is not there yet
        is_other = (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)
        return is_other or there.st_size < self._raw.tell()

    def close(self) -> None:
        """Give the file back."""
        if self.path != STDIN:
            self._raw.close()


def _open(path: Path) -> BufferedReader:
    if path == STDIN:
        return cast(BufferedReader, sys.stdin.buffer)
    try:
        if path.is_dir():
            raise CannotRead(f"{path} is a folder: name the files in it, oldest first")
        return path.open("rb")
    except CannotRead:
        raise
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror or error}") from error


def _unpacked(raw: BufferedReader) -> tuple[BufferedIOBase, bool]:
    """(what reads the unpacked bytes, whether they are packed at all), by the file's magic."""
    magic = raw.peek(6)[:6]
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw), True
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(raw), True
    if magic.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(raw), True
    return raw, False


def rotated_siblings(path: Path) -> list[Path]:
    """What a log's rotation made of it, oldest first: access.log.2.gz, access.log.1, ..."""
    found = [each for each in path.parent.glob(f"{path.name}?*") if each.is_file()]
    return sorted(found, key=lambda each: each.stat().st_mtime_ns)
