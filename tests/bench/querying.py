"""How long answers take: every panel of a dashboard, on the server and on a current engine.

Each question is put as the API puts it, and the time is that of the reader: the plan, the query and
the rows of its answer. The stores hold the sites of `stocking`; nothing is cached between questions
but what the engines and the system cache by themselves.
"""

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads, TooCostly
from aggregates.clickhouse.vocabulary import Metric
from aggregates.protocols import StoreUnavailable
from deploy.local.settings import DEFAULT_HOME
from tests.bench import plainer, stocking
from tests.bench.audience import Audience
from tests.bench.panels import filtered as filtered_by
from tests.bench.panels import panels, tabs, totals
from tests.bench.results import Result, at_most, percentile, ratio_at_most, result
from tests.bench.run import Bench
from tests.bench.stocking import END_MS, LARGE, MILLION, YEAR, start_ms
from tests.bench.storing import seconds_of_rows, storing
from tests.contract.aggregates.engines import CurrentEngine, Engine, MinutesOnly, ServerEngine
from tests.fresh import rollups

TIMEZONE: Final = "Europe/Berlin"  # whose days are no days of UTC
HOUR_S: Final = 3_600
TIMES: Final = 15  # of each question; p99 of so few is the longest
BROWSER_REQUESTS: Final = 6  # that a browser has open to one host at a time (HTTP/1.1)
CLIENTS: Final = (10, 50)
CLIENTS_S: Final = 10.0
MILLION_MS_MAX: Final = 90
ALL_PANELS_MS_MAX: Final = {"server": 1_000, "current": 300}
VERSIONS_RATIO_MAX: Final = 1.5
BYTES_RATIO_MAX: Final = 0.5
WRITING_S: Final = 20


def run(bench: Bench) -> Iterator[Result]:
    """Yields results as they come: first all of the server, then of the current engine."""
    with stocked_server(bench) as (engine, url, kept):
        yield from measured(bench, "server", engine)
        yield from compared(bench, "server", engine)
        yield from clients(bench, engine)
        yield from while_written(bench, engine, url)
    with stocked_current(bench, kept) as engine:
        yield from measured(bench, "current", engine)
        yield from compared(bench, "current", engine)


@contextmanager
def stocked_server(bench: Bench) -> Iterator[tuple[Engine, str, Path]]:
    """The server with all rows, its address, and the folder its parts are kept in."""
    wanted = stocking.stock(bench.quick)
    kept = DEFAULT_HOME / "bench-queries" / stocking.stock_name(wanted)
    with rollups(bench.servers["TEST_CLICKHOUSE_URL"], "queries") as url:
        engine = ServerEngine(url)
        if kept.exists():
            stocking.attach(engine, kept)
        else:
            bench.say("making months of rollups, kept for later runs: some ten minutes")
            kept.parent.mkdir(parents=True, exist_ok=True)
            stocking.fill(url, wanted, bench.say)
            stocking.seal(engine, bench.say)
            stocking.keep(engine, kept)
        try:
            yield engine, url, kept
        finally:
            engine.close()


@contextmanager
def stocked_current(bench: Bench, kept: Path) -> Iterator[Engine]:
    """A current engine with the same rows, each part of the server's an insert."""
    copied = kept.with_name(f"{kept.name}.current")
    folder = Path(tempfile.mkdtemp(prefix="pawprint-bench-"))
    engine = CurrentEngine(folder)
    try:
        if copied.exists():
            stocking.attach(engine, copied)
        else:
            bench.say("copying them to the current engine")
            stocking.copy(engine, kept)
            stocking.keep(engine, copied)
        yield engine
    finally:
        engine.close()
        shutil.rmtree(folder, ignore_errors=True)


def period(audience: Audience) -> Question:
    """The headline of all its days but the first, by its clock: it has rows on both sides."""
    return totals(
        audience.site_id,
        start_ms(audience) // 1_000 + 24 * HOUR_S - HOUR_S,
        END_MS // 1_000 - HOUR_S,
    )


def measured(bench: Bench, name: str, engine: Engine) -> Iterator[Result]:
    """Every panel at a million hits and at six million rows, filters, and a year's visitors."""
    times = bench.of(TIMES, 3)
    million = panels(period(MILLION), TIMEZONE) | tabs(period(MILLION))
    for panel in ("totals", "series", "pages", "sources"):
        yield from latency(f"{name}.million.{panel}", engine, million[panel], times, MILLION_MS_MAX)
    total = period(LARGE)
    large = panels(total, TIMEZONE)
    for panel, question in (large | tabs(total)).items():
        yield from latency(f"{name}.large.{panel}", engine, question, times)
    yield result(
        f"{name}.large.all_panels", all_panels_ms(engine, large.values(), name), "ms",
        target=at_most(ALL_PANELS_MS_MAX[name]),
    )  # fmt: skip
    by_minutes = all_panels_ms(MinutesOnly(engine), large.values(), name)
    yield result(f"{name}.large.all_panels.by_minutes", by_minutes, "ms")
    for what, dimension, value in (
        ("page", "event:page", "/blog/page-1"), ("source", "visit:source", "Google"),
    ):  # fmt: skip
        narrowed = panels(filtered_by(total, dimension, value), TIMEZONE)
        took_ms = all_panels_ms(engine, narrowed.values(), name)
        yield result(f"{name}.large.all_panels.by_{what}", took_ms, "ms")
    visitors = replace(period(YEAR), metrics=(Metric.VISITORS,))
    yield from latency(f"{name}.year.visitors", engine, visitors, times)


def latency(
    name: str, engine: Engine, question: Question, times: int, p50_ms_max: float | None = None
) -> Iterator[Result]:
    """The median, and the longest, of one question asked again and again."""
    took = times_ms(partial(ask, engine, question), times)
    target = None if p50_ms_max is None else at_most(p50_ms_max)
    yield result(f"{name}.p50", statistics.median(took), "ms", target=target)
    yield result(f"{name}.p99", percentile([(ms, 1) for ms in took], 0.99), "ms")


def median_ms(what: Callable[[], object], times: int) -> float:
    return statistics.median(times_ms(what, times))


def times_ms(what: Callable[[], object], times: int) -> list[float]:
    return [timed_ms(what) for _ in range(times)]


def timed_ms(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return (time.perf_counter() - began) * 1_000


def all_panels_ms(engine: Reads, questions: Iterable[Question], name: str) -> float:
    """Until the last is answered, as a browser asks them; the median of three times.

    The engine in process answers one question after the other.
    """
    asked = list(questions)
    workers = BROWSER_REQUESTS if name == "server" else 1
    with ThreadPoolExecutor(workers) as pool:

        def all_of_them() -> None:
            list(pool.map(partial(ask, engine), asked))

        return median_ms(all_of_them, 3)


def compared(bench: Bench, name: str, engine: Engine) -> Iterator[Result]:
    """What exactness costs: the same on rows without versions. What rollups gain: on raw hits."""
    bench.say("the same rows without versions, and hit by hit")
    plainer.make(engine)
    total, times = period(LARGE), bench.of(5, 3)
    questions = panels(total, TIMEZONE) | tabs(total)
    unversioned = plainer.Unversioned(engine)
    for panel in ("totals", "series", "pages", "sources"):
        question = questions[panel]
        ours = median_ms(partial(ask, engine, question), times)
        plain = median_ms(partial(ask, unversioned, question), times)
        target = ratio_at_most(VERSIONS_RATIO_MAX)
        yield result(f"{name}.versions.{panel}", ours, "ms", plain, target)
        sql, params = plainer.RAW[panel], plainer.raw_params(total)
        raw = median_ms(partial(engine.read, sql, params), times)
        yield result(f"{name}.against_raw.{panel}", ours, "ms", raw)
    hits, stored, raw_bytes = plainer.sizes(engine)
    target = ratio_at_most(BYTES_RATIO_MAX)
    yield result(f"{name}.bytes_per_hit", stored / hits, "byte", raw_bytes / hits, target)
    plainer.drop(engine)


def clients(bench: Bench, engine: Engine) -> Iterator[Result]:
    """Many dashboards of the site of a million hits at once."""
    total = period(MILLION)
    asked = list((panels(total, TIMEZONE) | tabs(total)).values())
    for count in CLIENTS:
        bench.say(f"{count} clients at once")
        until = time.monotonic() + bench.of(CLIENTS_S, 3.0)
        with ThreadPoolExecutor(count) as pool:
            runs = list(pool.map(partial(client, engine, asked, until), range(count)))
        took = [(ms, 1) for answered, _ in runs for ms in answered]
        refused = sum(refusals for _, refusals in runs)
        if took:
            yield result(f"server.clients_{count}.p50", percentile(took, 0.5), "ms")
            yield result(f"server.clients_{count}.p99", percentile(took, 0.99), "ms")
        yield result(f"server.clients_{count}.answered", len(took), "question")
        yield result(f"server.clients_{count}.refused", refused, "question")


def client(
    engine: Engine, asked: list[Question], until: float, seed: int
) -> tuple[list[float], int]:
    """One question after the other: how long each took (ms), and how many were refused."""
    draw, took, refused = random.Random(seed), list[float](), 0
    while time.monotonic() < until:
        question = draw.choice(asked)
        try:
            took.append(timed_ms(partial(ask, engine, question)))
        except (TooCostly, StoreUnavailable):
            refused += 1
    return took, refused


def while_written(bench: Bench, engine: Engine, url: str) -> Iterator[Result]:
    """All panels while a worker's rows come in, second by second, some of them of that site."""
    rows = seconds_of_rows(bench.of(WRITING_S, 5))
    bench.say(f"{len(rows)} seconds of writing")
    with storing(url, rows) as written:
        questions = panels(period(LARGE), TIMEZONE).values()
        took_ms = all_panels_ms(engine, questions, "server")
    yield result("server.written.all_panels", took_ms, "ms")
    yield result("server.written.hits", written.hits_per_s, "hit/s")
