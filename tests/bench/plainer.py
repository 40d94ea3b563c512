"""The same numbers kept in plainer ways, to compare with: rows without versions, and raw hits."""

from collections.abc import Mapping
from typing import Final

from aggregates.clickhouse.columns import HIT_ROWS, VISIT_ROWS
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Rows
from schemas.events import VISIT_DIMENSIONS
from tests.bench.panels import BREAKDOWNS, TABS
from tests.contract.aggregates.engines import Engine, MinutesOnly

TABLES: Final = (HIT_ROWS.name, VISIT_ROWS.name)
STEP_S: Final = 3 * 86_400
_COLUMNS: Final = (
    "site_id", "name", "hostname", "path", "prop_keys", "prop_values", "currency",
    *VISIT_DIMENSIONS, "timing_names", "timing_values",
)  # fmt: skip
# One row a hit, of all that is known of it; the second is drawn, as rollups know minutes.
_UNFOLD: Final = f"""
CREATE TABLE raw_hits ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (site_id, at)
AS SELECT minute + cityHash64(session_id, path, nth) % 60 AS at, {", ".join(_COLUMNS)},
    session_id, visitor_id, engaged_ms, scroll_depth, revenue_micros,
    arrayJoin(range(repeats)) AS nth
FROM hit_rows FINAL
ARRAY JOIN session_ids AS session_id, visitor_ids AS visitor_id, session_hits AS repeats,
    session_engaged_ms AS engaged_ms, session_scroll_depths AS scroll_depth
WHERE 0
"""
_FROM: Final = """FROM raw_hits WHERE site_id = %(site_id)s AND at >= toDateTime(%(start_s)s)
    AND at < toDateTime(%(end_s)s) AND name != 'engagement'"""
_COUNTS: Final = "uniqExact(visitor_id), uniqExact(session_id), sum(if(name = 'pageview', 1, 0))"


def _top(column: str, rows: int) -> str:
    return (
        f"SELECT {column}, uniqExact(visitor_id) AS visitors {_FROM}"
        f" GROUP BY {column} ORDER BY visitors DESC LIMIT {rows}"
    )


# By panel. Bounces and durations would need the hits put together by session: they are left out.
RAW: Final[Mapping[str, str]] = {
    "totals": f"SELECT {_COUNTS} {_FROM}",
    "series": f"SELECT toDate(at + 3600) AS day, {_COUNTS} {_FROM} GROUP BY day ORDER BY day",
    "pages": _top("path", BREAKDOWNS["pages"][1]),
    "sources": _top("source", TABS["sources"][1]),
}


class Unversioned:
    """Reads the rows that have no versions, minute by minute: of them no day is sealed."""

    def __init__(self, engine: Engine) -> None:
        self._reader = MinutesOnly(engine)

    def read(self, sql: str, params: Mapping[str, object]) -> Rows:
        for table in TABLES:
            sql = sql.replace(f"{table} FINAL", f"plain_{table}")
        return self._reader.read(sql, params)


def make(engine: Engine) -> None:
    """The tables, some days after the other, as an insert may take only so much memory."""
    for table in TABLES:
        engine.execute(
            f"CREATE TABLE plain_{table} AS {table} ENGINE = MergeTree"
            " PARTITION BY toYYYYMM(minute) ORDER BY (site_id, minute, row_key)"
        )
    engine.execute(_UNFOLD)
    unfold = _UNFOLD[_UNFOLD.index("SELECT") : _UNFOLD.index("WHERE")]
    ((first_s, last_s),) = engine.read(
        "SELECT toUnixTimestamp(min(minute)), toUnixTimestamp(max(minute)) FROM hit_rows", {}
    )
    assert isinstance(first_s, int) and isinstance(last_s, int)
    for start_s in range(first_s, last_s + 1, STEP_S):
        within = f"minute >= toDateTime({start_s}) AND minute < toDateTime({start_s + STEP_S})"
        for table in TABLES:
            engine.execute(f"INSERT INTO plain_{table} SELECT * FROM {table} FINAL WHERE {within}")
        engine.execute(f"INSERT INTO raw_hits {unfold} WHERE {within}")


def drop(engine: Engine) -> None:
    """What `make` made."""
    for table in ("raw_hits", *(f"plain_{table}" for table in TABLES)):
        engine.execute(f"DROP TABLE {table}")


def raw_params(question: Question) -> dict[str, object]:
    return {
        "site_id": question.site_id, "start_s": question.start_s, "end_s": question.end_s,
    }  # fmt: skip


def sizes(engine: Engine) -> tuple[int, int, int]:
    """How many hits there are; bytes on disk of all rollups without versions, and of raw hits."""
    ((hits,),) = engine.read("SELECT count() FROM raw_hits", {})

    def disk_bytes(tables: str) -> int:
        sql = (
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active"
            f" AND database = currentDatabase() AND match(table, '{tables}')"
        )
        ((found,),) = engine.read(sql, {})
        assert isinstance(found, int)
        return found

    assert isinstance(hits, int)
    return hits, disk_bytes("^(plain_.*|ledger_rows|day_.*|row_writes)$"), disk_bytes("^raw_hits$")
