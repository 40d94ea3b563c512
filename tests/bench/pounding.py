"""The load: requests on connections that stay open, in a process of its own.

python -m tests.bench.pounding PORT '{"connections": 64, ...}' sends one request at a time on each
connection and prints one JSON object, a `Pounded`. Without a rate each connection sends the next
request when it has its answer; with one, requests are due at fixed times, and a request's latency
counts from when it was due: one that finds no free connection is late, not left out.
"""

import asyncio
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Final, cast

import msgspec
import uvloop

from tests.bench.requests import requests

SEED: Final = 5
DRAWN: Final = 20_000  # then they begin again: other visitors would need other bytes
TICK_S: Final = 0.001
LAST_ANSWERS_S: Final = 20.0
HEAD_END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length: "


class Pounding(msgspec.Struct, frozen=True):
    """What to send. `rate_per_s` 0 is as much as goes through."""

    connections: int
    seconds: float
    rate_per_s: float = 0.0
    domains: tuple[str, ...] = ("example.com",)


class Pounded(msgspec.Struct, frozen=True):
    """What came back."""

    statuses: dict[str, int]
    wall_s: float
    p50_ms: float
    p99_ms: float
    longest_ms: float

    @property
    def accepted(self) -> int:
        return self.statuses.get("202", 0)


@dataclass
class Load:
    """One run."""

    given: Pounding
    drawn: list[bytes]
    statuses: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    idle: deque["Connection"] = field(default_factory=deque)
    sent: int = 0
    until_s: float = 0.0

    def next_request(self) -> bytes:
        self.sent += 1
        return self.drawn[self.sent % len(self.drawn)]

    def answered(self, connection: "Connection", status: str, latency_s: float) -> None:
        self.statuses[status] += 1
        self.latencies_s.append(latency_s)
        if not self.given.rate_per_s and time.perf_counter() < self.until_s:
            connection.send(self.next_request(), time.perf_counter())
        else:
            self.idle.append(connection)


class Connection(asyncio.Protocol):
    """One request at a time; knows no more HTTP than where an answer ends."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._answer = b""
        self._due_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its type

    def send(self, request: bytes, due_s: float) -> None:
        self._due_s = due_s
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(HEAD_END)
        if end and len(body) >= int(head[head.lower().index(LENGTH) + len(LENGTH) :].split()[0]):
            status, self._answer = self._answer[9:12].decode(), b""
            self._load.answered(self, status, time.perf_counter() - self._due_s)


async def pound(port: int, given: Pounding) -> Pounded:
    load = Load(given, requests(SEED, DRAWN, list(given.domains)))
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: Connection(load), "127.0.0.1", port))[1]
        for _ in range(given.connections)
    ]
    load.idle.extend(connections)
    began_s = time.perf_counter()
    load.until_s = began_s + given.seconds
    if given.rate_per_s:
        await _at_rate(load, began_s)
    else:
        for _ in range(given.connections):
            load.idle.popleft().send(load.next_request(), time.perf_counter())
        await asyncio.sleep(given.seconds)
    wall_s = time.perf_counter() - began_s
    async with asyncio.timeout(LAST_ANSWERS_S):
        while len(load.idle) < given.connections:
            await asyncio.sleep(0.01)
    ordered = sorted(load.latencies_s)
    return Pounded(
        dict(load.statuses), wall_s, 1000 * ordered[len(ordered) // 2],
        1000 * ordered[len(ordered) * 99 // 100], 1000 * ordered[-1],
    )  # fmt: skip


async def _at_rate(load: Load, began_s: float) -> None:
    rate, begun = load.given.rate_per_s, 0
    while (now_s := time.perf_counter()) < load.until_s:
        while load.idle and begun < (now_s - began_s) * rate:
            load.idle.popleft().send(load.next_request(), began_s + begun / rate)
            begun += 1
        await asyncio.sleep(TICK_S)


def pounded(port: int, given: Pounding) -> Pounded:
    """Run it in a process of its own."""
    command = (
        sys.executable, "-P", "-m", "tests.bench.pounding",
        str(port), msgspec.json.encode(given).decode(),
    )  # fmt: skip
    seconds = given.seconds + LAST_ANSWERS_S + 30
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=seconds)
    return msgspec.json.decode(done.stdout, type=Pounded)


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.argv[2], type=Pounding)
    print(msgspec.json.encode(uvloop.run(pound(int(sys.argv[1]), wanted))).decode())
