"""Files an operator may supply: data centres, referrer spammers, a table of cities.

Each is read at the start and again when it changed. One that cannot be read is named in the log,
and what was read before goes on: a collector that stopped for it would lose hits.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Generic, TypeVar

from collector.cities import Cities, open_cities
from collector.networks import Network, Networks, parse_network
from collector.settings import Settings
from collector.spam import SPAMMERS, entries, is_spammer

LINES_MAX: Final = 1_000_000
LINE_CHARS_MAX: Final = 1_000
CHECK_INTERVAL_S: Final = 5.0

T = TypeVar("T")
Signature = tuple[int, int, int]

log = logging.getLogger(__name__)


def read_lines(path: Path) -> Iterator[str]:
    """Raises `OSError`, `ValueError` for what is no text or over a limit."""
    with path.open(encoding="utf-8") as file:
        number = 0
        while line := file.readline(LINE_CHARS_MAX + 1):
            number += 1
            if number > LINES_MAX or len(line) > LINE_CHARS_MAX:
                raise ValueError(f"line {number} is over a limit")
            yield line


def read_networks(path: Path) -> Networks:
    """One address or CIDR block a line. Raises `OSError`, `ValueError` for a line that is none."""
    found: list[Network] = [parse_network(text) for text in entries(read_lines(path))]
    everything = [network for network in found if network.prefixlen == 0]
    if everything:
        raise ValueError(f"{everything[0]} is everybody")
    return Networks(found)


def read_spammers(path: Path) -> frozenset[str]:
    """One domain a line, beside those that are built in. Raises `OSError`, `ValueError`."""
    return SPAMMERS | {text.lower() for text in entries(read_lines(path))}


class Watched(Generic[T]):
    """What a file says, as of its last version that could be read."""

    def __init__(self, path: Path | None, read: Callable[[Path], T], without: T) -> None:
        self._path = path
        self._read = read
        self._seen: Signature | None = None
        self.value = without

    def refresh(self) -> bool:
        """Whether a new version was taken over. Blocking."""
        if self._path is None:
            return False
        try:
            stat = self._path.stat()
            signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if signature == self._seen:
                return False
            self._seen = signature
            self.value = self._read(self._path)
        except (OSError, ValueError) as error:
            fields = {"file": self._path.name, "error": type(error).__name__}
            log.warning("file cannot be read", extra={"fields": fields})
            return False
        log.info("file read", extra={"fields": {"file": self._path.name}})
        return True


class OperatorFiles:
    """`run` keeps them fresh; it never ends and never raises but `CancelledError`."""

    def __init__(self, settings: Settings) -> None:
        self._data_centres = Watched(settings.data_centres_file, read_networks, Networks())
        self._spammers = Watched(settings.spammers_file, read_spammers, SPAMMERS)
        self._cities: Watched[Cities | None] = Watched(
            settings.cities_file, lambda path: open_cities(path, settings.data_dir), None
        )

    def in_data_centre(self, packed_address: bytes) -> bool:
        return packed_address in self._data_centres.value

    def is_spammer(self, host: str) -> bool:
        return is_spammer(host, self._spammers.value)

    def cities(self) -> Cities | None:
        return self._cities.value

    def refresh(self) -> None:
        """Read what changed. Blocking."""
        self._data_centres.refresh()
        self._spammers.refresh()
        self._cities.refresh()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            await asyncio.to_thread(self.refresh)
