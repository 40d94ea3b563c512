"""What every bench is given: the servers, an empty pipeline on them, and how much to do."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import redis
from rich.console import Console

from streams.settings import Settings, read_settings
from tests.bench.results import Result
from tests.fresh import empty_topics, rollups
from tests.workers import Workers

N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Bench:
    """What a bench may use."""

    servers: Mapping[str, str]  # the TEST_* addresses; empty for benches that need none
    folder: Path  # for logs and scratch files
    quick: bool
    screen: Console

    def of(self, usual: N, quick: N) -> N:
        """How much to do."""
        return quick if self.quick else usual

    def say(self, text: str) -> None:
        """A line of progress for people."""
        self.screen.print(f"  {text}", style="dim", markup=False)


Run = Callable[[Bench], Iterator[Result]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Empty topics, rollups and Redis, and workers to start on them."""

    settings: Settings
    workers: Workers


@contextmanager
def pipeline(bench: Bench, name: str, partitions: int) -> Iterator[Pipeline]:
    """A pipeline with that many partitions; its workers' logs are in the folder `name`."""
    folder = bench.folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with rollups(bench.servers["TEST_CLICKHOUSE_URL"], "bench") as rollups_url:
        environment = os.environ | {
            "KAFKA_BROKER": bench.servers["TEST_KAFKA_BROKER"],
            "REDIS_URL": bench.servers["TEST_REDIS_URL"],
            "CLICKHOUSE_URL": rollups_url,
            "PAWPRINT_PARTITIONS": str(partitions),
            "PAWPRINT_DATA_DIR": str(folder / "data"),
        }
        settings = read_settings(environment)
        asyncio.run(empty_topics(settings))
        with redis.Redis.from_url(settings.redis_url) as store:
            store.flushdb()
        workers = Workers(environment, folder)
        try:
            yield Pipeline(settings, workers)
        finally:
            workers.end_all()
