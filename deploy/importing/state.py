"""What of an import the collector has acknowledged: one small file each, replaced as a whole.

It holds no line, address or agent. The head of a file is kept as a scrypt hash, so that even of a
file of one line the address cannot be found by trying them all (a try takes 50 ms).
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from deploy.importing.ordering import Moment

VERSION: Final = 1
HEAD_BYTES_MAX: Final = 4_096
FILES_MAX: Final = 400  # of one import, the oldest forgotten: more than a year of daily rotation


class DamagedState(ValueError):
    """A state file cannot be read; the message says which."""


class Head(msgspec.Struct, frozen=True):
    """What tells one log from another under any name, packed or not: its first bytes."""

    size: int  # bytes, at most HEAD_BYTES_MAX: a file may have been shorter when it was first seen
    digest: str


class KnownFile(msgspec.Struct):
    """A file of an import."""

    path: str
    head: Head
    bytes_read: int = 0  # unpacked, when its end was reached; 0 until then
    lines_read: int = 0


class Place(msgspec.Struct, frozen=True):
    """A line to go on from, and what was known before it."""

    file: int = 0  # its number in the import, from 0
    offset: int = 0  # unpacked bytes before it
    line: int = 0  # lines before it in its file
    floor_ms: int = 0  # `Sorter.floor_ms`
    header: str = ""  # `Parser.header`


class State(msgspec.Struct, kw_only=True):
    """One import of one site."""

    version: int = VERSION
    domain: str
    import_name: str
    files: dict[int, KnownFile] = {}
    place: Place = Place()
    acknowledged: Moment = Moment(-1, -1)  # everything up to it, in order of time
    sent: int = 0
    accepted: int = 0
    dropped: dict[str, int] = {}
    finished: bool = False


@lru_cache(maxsize=64)
def digest(head: bytes) -> str:
    """Slow on purpose."""
    return hashlib.scrypt(head, salt=b"pawprint log head", n=2**14, r=8, p=1, dklen=16).hex()


def head_of(first: bytes) -> Head:
    """The head of a file that begins with `first`."""
    return Head(len(first[:HEAD_BYTES_MAX]), digest(first[:HEAD_BYTES_MAX]))


def is_same(known: Head, first: bytes) -> bool:
    """Whether a file that begins with `first` is, or has grown from, the one with that head."""
    return len(first) >= known.size > 0 and digest(first[: known.size]) == known.digest


class Running(RuntimeError):
    """Another process is at this import."""


class StateFolder:
    """The states of all imports of one home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of_site(self, domain: str) -> list[State]:
        """Every import of a site, newest first. Raises DamagedState."""
        if not self._path.is_dir():
            return []
        paths = sorted(self._path.glob("*.json"), key=lambda each: -each.stat().st_mtime_ns)
        return [state for state in map(_read, paths) if state.domain == domain]

    @contextmanager
    def alone(self, state: State) -> Iterator[None]:
        """One process an import: two would overtake each other. The kernel frees it when we die.

        Raises Running.
        """
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._path / _file_name(state)).with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Running(f"the import {state.import_name} is running already") from None
            yield

    def write(self, state: State) -> None:
        """Replace the state as a whole; a crash leaves the old or the new one."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        while len(state.files) > FILES_MAX:
            del state.files[min(state.files)]
        path = self._path / _file_name(state)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(state), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _read(path: Path) -> State:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=State)
    except msgspec.DecodeError as error:
        raise DamagedState(f"{path} is damaged: {error}") from error
    if found.version != VERSION:
        raise DamagedState(f"{path} is of version {found.version}, this one knows {VERSION}")
    return found


def _file_name(state: State) -> str:
    """Readable, and its own for each site and import."""
    own = hashlib.sha256(f"{state.domain}\0{state.import_name}".encode()).hexdigest()[:12]
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{state.domain}-{state.import_name}")[:100]
    return f"{readable}-{own}.json"
