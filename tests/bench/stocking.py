"""Rollups of months, made once: by the real fold from a drawn audience, inserted as streams would.

Both partitions are folded in a process each, the sites side by side as their minutes pass. Rows are
taken after every minute of the log and so in all their versions; what is long past is inserted in
blocks of BLOCK_ROWS, the last hour in as small ones as streams write. Merges come as they do. Then
every day that is over is sealed, as streams do once nothing more is written of it.

The parts that come of it are kept in a folder named by the hash of what made them, and attached in
later runs. The current engine gets them one after the other, each as an insert.
"""

import datetime as dt
import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from aggregates.clickhouse import sealing
from aggregates.clickhouse.columns import ROLLUPS, SEALED_TABLES
from aggregates.clickhouse.migrate import MIGRATIONS_DIR
from aggregates.clickhouse.queries import QUERIES_DIR
from aggregates.clickhouse.sealing import seal_day, unsealed_days
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.flush import confirm_rows, joined, unconfirmed_rows
from aggregates.core.fold import fold
from aggregates.core.rows import Rows
from aggregates.core.state import Shard, ShardState
from schemas.rules import SESSION_GAP_S
from streams.garbage import spare_the_state
from tests.bench import audience
from tests.bench.audience import DAY_MS, MINUTE_MS, Audience, minutes
from tests.contract.aggregates.engines import Engine

END_MS: Final = int(dt.datetime(2026, 11, 10, tzinfo=dt.UTC).timestamp()) * 1_000
PARTITIONS: Final = 2
BLOCK_ROWS: Final = 20_000
SMALL_BLOCKS_MS: Final = 3_600_000  # before the end
LARGE: Final = Audience(1, 47_000, 30)  # 6 million rows of hits and visits
MILLION: Final = Audience(2, 14_100, 30)  # a million pageviews and events, reports beside them
YEAR: Final = Audience(3, 1_160, 365)
ALL_TABLES: Final = (*ROLLUPS, *SEALED_TABLES)
QUICK_SHARE: Final = 0.05
QUICK_DAYS_MAX: Final = 60
PROCESS_S_MAX: Final = 900


@dataclass(frozen=True, slots=True)
class Stock:
    """What is drawn, and under which seed."""

    audiences: tuple[Audience, ...]
    seed: int = 1


def stock(quick: bool) -> Stock:
    """The three sites; the same in small if `quick`."""
    if not quick:
        return Stock((LARGE, MILLION, YEAR))
    smaller = (
        Audience(each.site_id, each.visits_per_day * QUICK_SHARE, min(QUICK_DAYS_MAX, each.days))
        for each in (LARGE, MILLION, YEAR)
    )
    return Stock(tuple(smaller))


def start_ms(one: Audience) -> int:
    """When its log begins; all end at END_MS."""
    return END_MS - one.days * DAY_MS


def fill(url: str, wanted: Stock, say: Callable[[str], None]) -> int:
    """Fold and insert all of it; how many hits there were. Raises what a process raises."""
    spawn = get_context("spawn")
    began = time.monotonic()
    with ProcessPoolExecutor(PARTITIONS, mp_context=spawn) as pool:
        parts = [pool.submit(fold_partition, url, wanted, each) for each in range(PARTITIONS)]
        hits = sum(part.result(timeout=PROCESS_S_MAX) for part in parts)
    say(f"{hits:,} hits folded and stored in {time.monotonic() - began:.0f} s")
    return hits


def seal(engine: Engine, say: Callable[[str], None]) -> None:
    """Every day there is, as streams do beside all else."""
    days = unsealed_days(engine, END_MS // 1_000)
    began = time.monotonic()
    for day in days:
        seal_day(engine, day, SESSION_GAP_S)
    say(f"{len(days)} days sealed in {time.monotonic() - began:.0f} s")


def fold_partition(url: str, wanted: Stock, partition: int) -> int:
    """All hits of one partition into the store; how many there were."""
    spare_the_state()
    store = ClickHouseStore(url)
    hits = waiting_hits = 0
    waiting: list[Rows] = []
    for at_ms, rows, new_hits in partition_rows(wanted, partition):
        hits += new_hits
        waiting.append(rows)
        is_recent = at_ms > END_MS - SMALL_BLOCKS_MS
        waiting_hits += len(rows.hits)
        if is_recent or at_ms == END_MS or waiting_hits >= BLOCK_ROWS:
            store.insert(joined(waiting))
            waiting, waiting_hits = [], 0
    store.close()
    return hits


def partition_rows(wanted: Stock, partition: int) -> Iterator[tuple[int, Rows, int]]:
    """The minute's end (epoch ms), all rows that changed in it, and how many hits came."""
    shard, offset = Shard(ShardState(shard=partition)), 0
    logs = [
        (start_ms(one), minutes(one, wanted.seed, start_ms(one), PARTITIONS))
        for one in wanted.audiences
    ]
    for at_ms in range(min(start for start, _ in logs), END_MS, MINUTE_MS):
        count = 0
        for start, log in logs:
            if at_ms >= start:
                batch = next(log)[partition]
                fold(shard, offset, batch, at_ms + MINUTE_MS)
                offset += 1
                count += len(batch.hits)
        rows = unconfirmed_rows(shard, 2**62)
        confirm_rows(shard, rows)
        yield at_ms + MINUTE_MS, rows, count


def stock_name(wanted: Stock) -> str:
    """Changes with all that the parts are made from."""
    whole = hashlib.sha256(repr((wanted, END_MS, PARTITIONS, BLOCK_ROWS)).encode())
    made_by = [Path(__file__), Path(audience.__file__), Path(sealing.__file__)]
    made_by += [*sorted(MIGRATIONS_DIR.glob("*.sql")), *sorted(QUERIES_DIR.glob("day_*.sql"))]
    core = Path(__file__).parents[2] / "aggregates" / "core"
    for path in (*made_by, *sorted(core.glob("*.py"))):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def keep(engine: Engine, folder: Path) -> None:
    """Copy the parts of the engine's tables into `folder`, whole or not at all."""
    being_made = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(being_made, ignore_errors=True)
    for table in ALL_TABLES:
        engine.execute(f"SYSTEM STOP MERGES {table}")
    for table in ALL_TABLES:
        for name, path in parts(engine, table):
            shutil.copytree(path, being_made / table / name)
    for table in ALL_TABLES:
        engine.execute(f"SYSTEM START MERGES {table}")
    being_made.rename(folder)


def attach(engine: Engine, folder: Path) -> None:
    """Give the engine's empty tables the parts that were kept."""
    for table in ALL_TABLES:
        detached = data_path(engine, table) / "detached"
        for part in sorted((folder / table).iterdir()):
            shutil.copytree(part, detached / part.name)
            engine.execute(f"ALTER TABLE {table} ATTACH PART '{part.name}'")


def parts(engine: Engine, table: str) -> list[tuple[str, Path]]:
    """Name and folder of each active part, in the order they were made."""
    found = engine.read(
        "SELECT name, path FROM system.parts WHERE active AND database = currentDatabase()"
        " AND table = %(table)s ORDER BY partition, min_block_number",
        {"table": table},
    )
    return [(str(name), Path(str(path))) for name, path in found]


def data_path(engine: Engine, table: str) -> Path:
    """Where the table's parts lie: servers say so under one name or the other."""
    of_table = "WHERE database = currentDatabase() AND name = %(table)s"
    columns = engine.read(
        "SELECT name FROM system.columns WHERE database = 'system' AND table = 'tables'"
        " AND name LIKE 'data_path%%'",
        {},
    )
    column = "data_paths[1]" if ("data_paths",) in columns else "data_path"
    ((path,),) = engine.read(f"SELECT {column} FROM system.tables {of_table}", {"table": table})
    return Path(str(path))


def copy(engine: Engine, source: Path) -> None:
    """Insert kept parts, one after the other, into another engine's tables."""
    for table in ALL_TABLES:
        engine.execute(f"CREATE TABLE kept_{table} AS {table}")
    for table in ALL_TABLES:
        if table == SEALED_TABLES[0]:  # the server counted these inserts; the seals hold at another
            engine.execute(f"TRUNCATE TABLE {table}")
        detached = data_path(engine, f"kept_{table}") / "detached"
        for part in sorted((source / table).iterdir()):
            shutil.copytree(part, detached / part.name)
            engine.execute(f"ALTER TABLE kept_{table} ATTACH PART '{part.name}'")
        for name, _ in parts(engine, f"kept_{table}"):
            engine.execute(f"INSERT INTO {table} SELECT * FROM kept_{table} WHERE _part = '{name}'")
        engine.execute(f"DROP TABLE kept_{table}")
