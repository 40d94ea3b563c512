"""Generations of the rollups: which one is served, and in which database each lies.

A generation is the fold of the whole log with rules of its own (schemas/rules.py). The first lies
in the base database, the one of the URL that every process is given; generation n in `<base>_g<n>`.
The table `generations` of the base database says which one is served. Only `./inv rebuild` writes
it; where it has no row, or is not there yet, the first generation is served, without rules.
"""

import enum
import threading
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Final
from urllib.parse import urlsplit

from aggregates.clickhouse.clients import ClientPool, Gone
from aggregates.clickhouse.queries import read_query
from schemas.rules import NO_RULES, Rules, decode_rules, encode_rules

FIRST: Final = 1
POINTER_AGE_S_MAX: Final = 1.0  # how long a reader may go on with the generation of before


class State(enum.StrEnum):
    """BUILDING may be a rebuild that was killed; DROPPED keeps the number from being used again."""

    BUILDING = "building"
    READY = "ready"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Generation:
    """A row of the table, column for column."""

    number: int
    rules_json: str = encode_rules(NO_RULES).decode()
    state: State = State.READY
    made_s: int = 0  # epoch seconds
    activation: int = 0  # of the ready ones the highest is served
    version: int = 0

    @property
    def rules(self) -> Rules:
        """Raises `msgspec.ValidationError` for rules a newer Pawprint wrote."""
        return decode_rules(self.rules_json.encode())


def database_url(url: str, number: int) -> str:
    """Where generation `number` lies, for the base database's URL."""
    if number == FIRST:
        return url
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path.rstrip('/')}_g{number}").geturl()


def database_name(url: str) -> str:
    return urlsplit(url).path.strip("/")


def active_of(generations: Iterable[Generation]) -> Generation:
    """The one that is served."""
    ready = [each for each in generations if each.state == State.READY]
    return max(ready, key=lambda each: each.activation, default=Generation(FIRST))


def list_generations(clients: ClientPool) -> list[Generation]:
    """All there ever were, by number; the first alone where none was written.

    `clients` are of the base database. Raises `StoreUnavailable`.
    """
    try:
        rows = clients.execute(read_query("generations_list"))
    except Gone:
        rows = []
    found = [
        Generation(number, rules, State(state), made_s, activation, version)
        for number, rules, state, made_s, activation, version in rows
    ]
    return found or [Generation(FIRST)]


def write_generation(clients: ClientPool, generation: Generation) -> None:
    """Write a row; `generation.version` must be above all others'. Raises `StoreUnavailable`.

    Written again, it changes nothing.
    """
    columns = ("number", "rules", "state", "made_at", "activation", "version")
    clients.insert("generations", columns, [astuple(generation)])


class Pointer:
    """The number of the served generation, asked for at most once a second; threads share it."""

    def __init__(self, clients: ClientPool) -> None:
        self._clients = clients
        self._asking = threading.Lock()
        self._number: int | None = None
        self._asked_at = 0.0  # monotonic seconds

    def number(self) -> int:
        """While one thread asks, the others keep what was known. Raises `StoreUnavailable`."""
        known = self._number
        if known is None:
            with self._asking:
                return self._ask() if self._number is None else self._number
        is_fresh = time.monotonic() - self._asked_at < POINTER_AGE_S_MAX
        if is_fresh or not self._asking.acquire(blocking=False):
            return known
        try:
            return self._ask()
        finally:
            self._asking.release()

    def number_now(self) -> int:
        """As it is at this moment. Raises `StoreUnavailable`."""
        with self._asking:
            return self._ask()

    def _ask(self) -> int:
        self._number = active_of(list_generations(self._clients)).number
        self._asked_at = time.monotonic()
        return self._number
