"""The same over real connections: the server before the collector must stand all of it too."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx

from deploy.local.memory import family, megabytes, parents
from tests.fresh import free_port
from tests.fuzz.run import FAILURES_MAX, Report
from tests.fuzz.wire import Talk, make_talk

ROOT: Final = Path(__file__).parents[2]
START_S_MAX: Final = 20.0
CONNECTIONS: Final = 24
# Half a second for a body, and as much again for a machine that does other things.
STALL_S_MAX: Final = 5.0
QUIET_S_MAX: Final = 1.0  # an answer that is none of our business to wait for longer
HEALTH_S_MAX: Final = 2.0  # others are served meanwhile
HEALTH_EVERY_S: Final = 0.1
GROWTH_MB_MAX: Final = 64.0
WORDS_OF_FAILURE: Final = ("unexpected error", "unreadable record", "Traceback", "panicked")


@contextlib.contextmanager
def served() -> Iterator[tuple[int, int, Path]]:
    """(port, process id, log) of a collector on a log in memory."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.fuzz.server", str(port)],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait(port)
            yield port, process.pid, log
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait(port: int) -> None:
    until = time.monotonic() + START_S_MAX
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the collector did not start")


async def _first_line(port: int, talk: Talk) -> bytes:
    """The answer's first line, b"" for a connection that was closed. Raises `TimeoutError`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(STALL_S_MAX):
            writer.write(talk.data)
            await writer.drain()
            if talk.half_closed:
                writer.write_eof()
            async with asyncio.timeout(STALL_S_MAX if talk.stalls else QUIET_S_MAX):
                return await reader.readline()
    except TimeoutError:
        raise
    except OSError:  # closed before all was written
        return b""
    finally:
        writer.transport.abort()


async def talk_to(port: int, talk: Talk) -> str:
    """What is wrong with the answer, "" for nothing."""
    try:
        line = await _first_line(port, talk)
    except TimeoutError:
        return "no answer to a body that never ends" if talk.stalls else ""
    except ValueError:  # no end of line within 64 KB
        return "no line"
    return f"answered {line!r}" if line.startswith(b"HTTP/1.1 5") else ""


async def _watch_health(port: int, slowest: list[float]) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        while True:
            began = time.monotonic()
            status = (await client.get("/healthz", timeout=HEALTH_S_MAX)).status_code
            slowest.append(time.monotonic() - began if status == 200 else HEALTH_S_MAX)
            await asyncio.sleep(HEALTH_EVERY_S)


async def _all(
    port: int, first: int, count: int, report: Report, step: Callable[[int], None]
) -> None:
    seeds = iter(range(first, first + count))

    async def one_connection() -> None:
        for seed in seeds:
            problem = await talk_to(port, make_talk(seed))
            report.cases += 1
            step(report.cases)
            if problem:
                report.failures.append(f"seed {seed}: {problem}\n  {make_talk(seed)!r:.3000}")
            if len(report.failures) >= FAILURES_MAX:
                return

    waits: list[float] = []
    health = asyncio.create_task(_watch_health(port, waits))
    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    if health.done() or max(waits, default=HEALTH_S_MAX) >= HEALTH_S_MAX:
        report.failures.append("/healthz did not answer in time beside the others")
    health.cancel()
    await asyncio.gather(health, return_exceptions=True)
    report.slowest_s = max(waits, default=0.0)


def run_sockets(first: int, count: int, step: Callable[[int], None]) -> Report:
    """Talks to a collector of its own; the first quarter warms its caches up."""
    report = Report()
    with served() as (port, pid, log):
        asyncio.run(_all(port, first, count // 4, report, step))
        warm = megabytes(family(pid, parents()))
        asyncio.run(_all(port, first + count // 4, count - count // 4, report, step))
        report.growth_bytes = int((megabytes(family(pid, parents())) - warm) * 2**20)
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        text = log.read_text("utf-8", "replace")
    if report.growth_bytes > GROWTH_MB_MAX * 2**20:
        report.failures.append(f"memory grew by {report.growth_bytes / 2**20:.0f} MB")
    if "pawprint_collector_errors_total{" in metrics:
        report.failures.append("errors of our own were counted")
    for line in text.splitlines():
        if any(word in line for word in WORDS_OF_FAILURE):
            report.failures.append(f"logged {line[:1_000]}")
    return report
