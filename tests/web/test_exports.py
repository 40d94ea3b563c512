"""Exports: what is in them, what is not, and that they begin before they end."""

import csv
import gzip
import io
import json
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import AsyncClient

from aggregates.clickhouse.exports import COLUMNS, export_hits
from aggregates.clickhouse.reader import Reader
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import HitRow, Rows
from aggregates.protocols import StoreUnavailable
from schemas.events import VISIT_DIMENSIONS, Visit
from tests.fresh import rollups as fresh_rollups
from tests.web.conftest import FakeReader, holder_of
from webapp.sites.models import Site
from webapp.stats import exporting

AT_S = 1_795_521_600
ADDRESS = "/api/v1/exports?site_id=alice.example&period=day&date=2026-11-24"
VISITED = ("",) * len(VISIT_DIMENSIONS)


def exported(path: str = "/", keys: tuple[str, ...] = (), revenue: int = 0) -> tuple[object, ...]:
    """A row as ClickHouse gives it."""
    currency = "EUR" if revenue else ""
    return (
        AT_S, "pageview", "x.org", path, keys, keys, *VISITED, 2, 1, 1, 0.5, currency, revenue,
    )  # fmt: skip


def _text(response: object) -> str:
    assert isinstance(response, StreamingHttpResponse)
    return response.getvalue().decode()


def test_csv(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [exported("/a,b", ("plan",), -9_900_000), exported('=HYPERLINK("x")')]
    response = holder_of(key).get(ADDRESS)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="alice.example.csv"'
    head, first, second = csv.reader(io.StringIO(_text(response)))
    assert head == list(COLUMNS)
    row = dict(zip(head, first, strict=True))
    assert row["minute"] == "2026-11-24T12:00Z"
    assert (row["path"], row["props"], row["revenue"]) == ("/a,b", '{"plan":"plan"}', "-9.9")
    assert second[head.index("path")] == '\'=HYPERLINK("x")'
    assert second[head.index("revenue")] == ""
    assert rollups.asked[0]["site_id"] == site.pk


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(sign: str) -> None:
    row: list[object] = [AT_S, *[f"{sign}1"] * (len(COLUMNS) - 1)]
    lines = list(
        csv.reader(io.StringIO(b"".join(exporting.csv_pieces([row])).decode(), newline=""))
    )
    assert lines[1][1:] == [f"'{sign}1"] * (len(COLUMNS) - 1)


def test_json_lines_packed(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [exported("=1", ("a",)), exported("/é")]
    response = holder_of(key).get(f"{ADDRESS}&type=jsonl&compress=gzip")
    assert response["Content-Type"] == "application/gzip"
    assert isinstance(response, StreamingHttpResponse)
    text = gzip.decompress(b"".join(response.streaming_content)).decode()
    first, second = map(json.loads, text.splitlines())
    assert tuple(first) == COLUMNS
    assert (first["path"], first["props"], second["path"]) == ("=1", {"a": "a"}, "/é")


def test_nothing_is_a_head(site: Site, key: str, rollups: FakeReader) -> None:
    assert _text(holder_of(key).get(ADDRESS)) == ",".join(COLUMNS) + "\r\n"
    assert _text(holder_of(key).get(f"{ADDRESS}&type=jsonl")) == ""


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("&type=xml", "type: no 'xml'; one of csv, jsonl"),
        ("&compress=zip", "compress: no 'zip'; one of none, gzip"),
        ("&period=custom&date=2020-01-01,2026-01-01", "period: at most 366 days"),
    ],
)
def test_refusals(query: str, named: str, site: Site, key: str, rollups: FakeReader) -> None:
    response = holder_of(key).get(f"{ADDRESS}{query}")
    assert response.status_code == 400
    assert response.json()["error"].startswith(named)


def test_a_store_that_is_away(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.error = StoreUnavailable("away")
    assert holder_of(key).get(ADDRESS).status_code == 503


class Long(FakeReader):
    """Counts the rows that were taken of a long stream."""

    taken = 0

    def pinned(self) -> "Long":
        return self

    def stream(self, sql: str, params: object) -> Iterator[tuple[object, ...]]:
        for self.taken in range(1, 100 * exporting.ROWS_PER_PIECE):
            yield exported()


@pytest.mark.parametrize("more", ["", "&compress=gzip"])
def test_it_begins_before_it_ends(
    more: str, site: Site, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below ASGI, of many rows: the first piece comes when few were taken."""
    reader = Long()
    monkeypatch.setattr("webapp.stats.selectors.reader", lambda: reader)

    async def some() -> bytes:
        bearer = {"authorization": f"Bearer {key}"}
        response = await AsyncClient().get(f"{ADDRESS}{more}", headers=bearer)
        assert isinstance(response, StreamingHttpResponse)
        return await anext(aiter(response))

    first = async_to_sync(some)()
    assert first
    assert reader.taken <= 3 * exporting.ROWS_PER_PIECE


def test_from_the_real_server(clickhouse_url: str) -> None:
    """Every row of the site once, at its newest version, over two days."""
    with fresh_rollups(clickhouse_url, "exports") as url:
        store, reader = ClickHouseStore(url), Reader(url)
        rows = [hit(number, 7 + number // 4) for number in range(6)]
        store.insert(Rows(rows, [], []))
        store.insert(Rows([rows[0]._replace(version=2, hits=5)], [], []))
        found = list(export_hits(reader, 7, AT_S, AT_S + 2 * 86_400))
        store.close()
        reader.close()
    assert [row[0] for row in found] == sorted(row.minute for row in rows[:4])
    assert {row[3]: row[COLUMNS.index("hits")] for row in found} == {
        "/0": 5, "/1": 2, "/2": 2, "/3": 2,
    }  # fmt: skip
    assert found[0][4] == {"plan": "pro"}
    assert found[0][COLUMNS.index("revenue")] == 9.9
    assert found[0][COLUMNS.index("visitors")] == 1
    assert found[0][COLUMNS.index("visits")] == 2


def hit(number: int, site_id: int) -> HitRow:
    """Two visits of one visitor."""
    return HitRow(
        site_id=site_id,
        minute=AT_S + 43_200 * number,
        row_key=number,
        version=1,
        name="Buy",
        hostname="x.org",
        path=f"/{number}",
        prop_keys=("plan",),
        prop_values=("pro",),
        currency="EUR",
        visit=Visit(country="DE"),
        hits=2,
        revenue_micros=9_900_000,
        session_ids=(number, number + 99),
        visitor_ids=(5, 5),
        session_hits=(1, 1),
        session_engaged_ms=(0, 0),
        session_scroll_depths=(0, 0),
        timing_names=(),
        timing_values=(),
        session_revenue_micros=(9_900_000, 0),
    )
