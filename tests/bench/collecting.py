"""The collector under load: real HTTP, the full pipeline, 202 after Kafka's acknowledgement.

Hits by seconds of processor time of its processes, against the same server that answers the same
requests with a constant, in the same run.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis

from collector.script_file import Scripts
from schemas import redis_keys
from schemas.sites import SiteSettings, encode
from tests.bench.pounding import Pounded, Pounding, pounded
from tests.bench.results import Result, at_most, ratio_at_least, result
from tests.bench.run import Bench
from tests.contract.collector import kafka_topics
from tests.fresh import free_port
from tests.workers import ROOT

CONNECTIONS: Final = 64
WARM_S: Final = 2.0
SECONDS: Final = 15.0
SECONDS_QUICK: Final = 5.0
OVERLOAD: Final = 10  # times as many connections
PARTITIONS: Final = 4
READY_S_MAX: Final = 30.0
STOP_S_MAX: Final = 20.0
SITES: Final = (1, 1_000, 100_000)
# Route -> the result's name, and gzipped bytes at most.
SCRIPTS: Final = {
    "/js/script.js": ("script.gzipped", 2_048),
    "/js/pa.js": ("script.snippet_gzipped", 2_816),
    "/js/script.pageview-props.js": ("script.attributes_gzipped", 3_072),
}
P99_MS_MAX: Final = 50.0
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Running:
    """A server and the processes it is made of."""

    port: int
    pid: int

    @property
    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, children.split())]

    def cpu_s(self) -> float:
        """Of all its processes and threads (proc(5): utime, stime)."""
        ticks = 0
        for pid in self._pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS_PER_S

    def memory_bytes(self) -> int:
        """Resident, of the process that serves."""
        return int(Path(f"/proc/{self._pids[-1]}/statm").read_text().split()[1]) * _PAGE_BYTES


@dataclass(frozen=True, slots=True)
class Measured:
    """One load and what it cost."""

    load: Pounded
    cpu_s: float

    @property
    def hits_per_core_s(self) -> float:
        """Raises RuntimeError when not all was accepted: then it is no measure of anything."""
        if set(self.load.statuses) != {"202"}:
            raise RuntimeError(f"answers were {self.load.statuses}")
        return self.load.accepted / self.cpu_s


def run(bench: Bench) -> Iterator[Result]:
    """Speed, latency, bytes and memory."""
    seconds = bench.of(SECONDS, SECONDS_QUICK)
    closed = Pounding(CONNECTIONS, seconds)
    bench.say("collector: the server alone, which answers a constant")
    with constant(bench.folder) as server:
        alone = measured(server, closed)
    with topic(bench) as name, collector(bench, name, 1) as server:
        bench.say("collector: the full pipeline")
        full = measured(server, closed)
        rate = full.load.accepted / full.load.wall_s / 2
        bench.say(f"collector: half of that, {rate:,.0f} hit/s")
        half = measured(server, Pounding(CONNECTIONS, seconds, rate))
        size = _topic_bytes(bench, name)
        hits = accepted_so_far(server)
        before = server.memory_bytes()
        bench.say(f"collector: {OVERLOAD} times the connections")
        over = pounded(server.port, Pounding(OVERLOAD * CONNECTIONS, seconds))
        grown = server.memory_bytes() - before
    yield result(
        "collector.hits", full.hits_per_core_s, "hit/s/core",
        alone.hits_per_core_s, ratio_at_least(0.5),
    )  # fmt: skip
    yield result("collector.wall", full.load.accepted / full.load.wall_s, "hit/s")
    yield result("collector.half_rate", half.load.accepted / half.load.wall_s, "hit/s")
    yield result("collector.p50", half.load.p50_ms, "ms")
    yield result("collector.p99", half.load.p99_ms, "ms", target=at_most(P99_MS_MAX))
    yield result("collector.longest", half.load.longest_ms, "ms")
    yield result("collector.bytes_per_hit", size / hits, "byte")
    yield result("collector.overload.memory_grown", grown / 2**20, "MB")
    yield result("collector.overload.accepted", over.accepted / over.wall_s, "hit/s")
    others = sum(over.statuses.values()) - over.accepted
    yield result("collector.overload.turned_away", others / over.wall_s, "hit/s")


def sites(bench: Bench) -> Iterator[Result]:
    """What a hit costs when so many sites are known, and hits are of up to 100 of them."""
    for count in SITES:
        bench.say(f"sites: {count:,}")
        domains = tuple(_domain(number * count // 100) for number in range(100))
        load = Pounding(CONNECTIONS, SECONDS_QUICK, domains=domains)
        with topic(bench) as name, collector(bench, name, count) as server:
            found = measured(server, load)
            yield result(f"sites.{count}", found.hits_per_core_s, "hit/s/core")
            yield result(f"sites.{count}.memory", server.memory_bytes() / 2**20, "MB")


def script(bench: Bench) -> Iterator[Result]:
    """The tracking script as it goes over the wire, and its variants for Plausible's pages."""
    scripts = Scripts()
    for route, (name, limit) in SCRIPTS.items():
        found = scripts.find(route)
        if found is None:
            raise RuntimeError("the script is not built: ./inv build")
        yield result(name, len(found.gzip), "byte", target=at_most(limit))


def measured(server: Running, load: Pounding) -> Measured:
    """After a warm-up that is not counted."""
    warm = Pounding(load.connections, WARM_S, load.rate_per_s, load.domains)
    pounded(server.port, warm)
    before_s = server.cpu_s()
    found = pounded(server.port, load)
    return Measured(found, server.cpu_s() - before_s)


def accepted_so_far(server: Running) -> float:
    """Hits in the log, those that a rule leaves out as well."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    names = ("pawprint_collector_hits_accepted_total", "pawprint_collector_hits_left_out_total")
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(names))


@contextmanager
def topic(bench: Bench) -> Iterator[str]:
    name, broker = kafka_topics.new_name(), bench.servers["TEST_KAFKA_BROKER"]
    asyncio.run(kafka_topics.create(broker, name, PARTITIONS))
    try:
        yield name
    finally:
        asyncio.run(kafka_topics.delete(broker, name))


def _topic_bytes(bench: Bench, name: str) -> int:
    """What its segments take on the broker's disk."""
    data = bench.folder.parent / "kafka" / "data"
    return sum(path.stat().st_size for path in data.glob(f"{name}-*/*.log"))


def _domain(number: int) -> str:
    return "example.com" if number == 0 else f"site-{number}.example"


@contextmanager
def collector(bench: Bench, topic_name: str, site_count: int) -> Iterator[Running]:
    """`python -m collector` that knows so many sites."""
    url = bench.servers["TEST_REDIS_URL"]
    with redis.Redis.from_url(url) as store:
        store.flushdb()
        names = [_domain(number) for number in range(site_count)]
        known = {name: encode(SiteSettings(at + 1, name)) for at, name in enumerate(names)}
        for start in range(0, site_count, 10_000):
            store.hset(redis_keys.SITES, mapping=dict(list(known.items())[start : start + 10_000]))
    environment = {
        "KAFKA_BROKER": bench.servers["TEST_KAFKA_BROKER"],
        "REDIS_URL": url,
        "PAWPRINT_HITS_TOPIC": topic_name,
        "PAWPRINT_ROUTE_SECRET": secrets.token_hex(16),
        "PAWPRINT_DATA_DIR": str(bench.folder / f"data-{topic_name}"),
    }
    with serving(bench.folder, "collector", environment, "PAWPRINT_COLLECTOR_PORT") as server:
        yield server


@contextmanager
def constant(folder: Path) -> Iterator[Running]:
    with serving(folder, "tests.bench.constant", {}, "") as server:
        yield server


@contextmanager
def serving(
    folder: Path, module: str, environment: dict[str, str], port_variable: str
) -> Iterator[Running]:
    """`python -m module` until it answers, with its port in that variable or as an argument."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    given = {port_variable: str(port)} if port_variable else {}
    arguments = () if port_variable else (str(port),)
    path = os.environ.get("PYTHONPATH") or str(ROOT)
    with (folder / f"{module}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            cwd=ROOT,
            env=os.environ | environment | given | {"PYTHONPATH": path},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_ready(port)
        yield Running(port, process.pid)
    finally:
        process.terminate()
        process.wait(STOP_S_MAX)


def _wait_ready(port: int) -> None:
    until = time.monotonic() + READY_S_MAX
    while time.monotonic() < until:
        with suppress(OSError):  # not listening yet, or 503
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        time.sleep(0.1)
    raise TimeoutError("the server is not ready")
