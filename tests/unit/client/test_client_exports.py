"""Exports as rows and as files: whole or not at all, with little in memory."""

import asyncio
import gzip
import itertools
import json
import tracemalloc
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import httpx
import pytest

from pawprint_client import AsyncPawprint, InvalidRequest, PawprintError, Unavailable
from pawprint_client.wire import LINE_BYTES_MAX, LineReader, Unpacker
from tests.unit.client.test_client import Server, client_of, json_answer, waits

__all__ = ["waits"]

ROWS = [{"minute": "2026-11-24T12:00Z", "path": "/é", "hits": n} for n in range(3)]
TEXT = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in ROWS)
PACKED = gzip.compress(TEXT.encode())


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes piece by piece, and may break off; `taken` counts the pieces."""

    def __init__(self, pieces: Iterator[bytes], error: Exception | None = None) -> None:
        self.pieces, self.error, self.taken = pieces, error, 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece
        if self.error is not None:
            raise self.error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def bytewise(packed: bytes) -> Iterator[bytes]:
    return (packed[at : at + 1] for at in range(len(packed)))


def of(stream: Pieces) -> Server:
    return Server(httpx.Response(200, stream=stream))


def test_rows_however_they_are_cut() -> None:
    server = of(Pieces(bytewise(PACKED)))
    assert list(client_of(server).export_rows("a.example", period="30d")) == ROWS
    assert server.asked[0].url.path == "/api/v1/exports"
    assert server.query == {
        "site_id": "a.example",
        "dialect": "pawprint",
        "period": "30d",
        "type": "jsonl",
        "compress": "gzip",
    }


def test_rows_that_nobody_takes_are_not_fetched() -> None:
    stream = Pieces(iter([PACKED[:-9], PACKED[-9:]]))
    rows = client_of(of(stream)).export_rows("a.example")
    assert isinstance(rows, Generator)
    assert next(rows) == ROWS[0]
    assert (stream.taken, stream.closed) == (1, False)
    rows.close()
    assert stream.closed


@pytest.mark.parametrize("error", [None, httpx.ReadError("gone")])
def test_an_export_that_breaks_off_is_not_whole(error: Exception | None, tmp_path: Path) -> None:
    path = tmp_path / "hits.csv"
    path.write_text("of yesterday")
    with pytest.raises(Unavailable):
        list(client_of(of(Pieces(iter([PACKED[:-4]]), error))).export_rows("a.example"))
    for name in ("hits.csv", "hits.csv.gz"):
        with pytest.raises(Unavailable):
            pieces = Pieces(iter([PACKED[:-4]]), error)
            client_of(of(pieces)).export("a.example", "7d", tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["hits.csv"]
    assert path.read_text() == "of yesterday"


@pytest.mark.parametrize("name", ["hits.jsonl", "hits.jsonl.gz"])
def test_files(name: str, tmp_path: Path) -> None:
    server = of(Pieces(bytewise(PACKED)))
    client_of(server).export("a.example", "day", tmp_path / name, date="2026-11-24")
    assert (server.query["type"], server.query["date"]) == ("jsonl", "2026-11-24")
    found = (tmp_path / name).read_bytes()
    assert (gzip.decompress(found) if name.endswith(".gz") else found) == TEXT.encode()
    assert len(list(tmp_path.iterdir())) == 1


async def test_the_twin(tmp_path: Path) -> None:
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200, stream=Pieces(bytewise(PACKED)))
    )
    async with AsyncPawprint("https://stats.example", "pp_x", transport=transport) as pawprint:
        assert [row async for row in pawprint.export_rows("a.example")] == ROWS
        await pawprint.export("a.example", "7d", str(tmp_path / "hits.jsonl"))
    assert (tmp_path / "hits.jsonl").read_text() == TEXT


def test_a_name_says_what_a_file_is(tmp_path: Path) -> None:
    server = Server(json_answer({}))
    for name in ("hits", "hits.gz", "hits.xlsx", "csv"):
        with pytest.raises(ValueError, match=name):
            client_of(server).export("a.example", "7d", tmp_path / name)
    assert server.asked == []


def test_refusals_and_waits(waits: list[float], tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        client_of(Server(json_answer({"error": "period: at most 366 days"}, 400))).export(
            "a.example", "all", tmp_path / "hits.csv"
        )
    assert caught.value.field == "period"
    later = json_answer({"error": "later"}, 503, **{"Retry-After": "1"})
    server = Server(later, httpx.Response(200, content=PACKED))
    assert list(client_of(server).export_rows("a.example")) == ROWS
    assert waits == [1.25]


@pytest.mark.parametrize("text", ["no json\n", "7\n"])
def test_what_is_no_row(text: str) -> None:
    answer = httpx.Response(200, content=gzip.compress(text.encode()))
    with pytest.raises(PawprintError, match="does not understand"):
        list(client_of(Server(answer)).export_rows("a.example"))
    with pytest.raises(PawprintError, match="no gzip"):
        list(client_of(Server(httpx.Response(200, content=b"<html>"))).export_rows("a.example"))


def test_much_that_is_packed_well_stays_small_in_memory() -> None:
    """64 MB of rows in 64 KB: no more than some pieces and a line of it is held."""
    packed = gzip.compress((json.dumps({"path": "/" * 1_000_000}) + "\n").encode() * 64, 9)
    tracemalloc.start()
    count = sum(1 for _ in client_of(of(Pieces(iter([packed])))).export_rows("a.example"))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 64
    assert peak_bytes < 12_000_000


def test_a_line_has_an_end() -> None:
    reader, unpacker = LineReader(), Unpacker()
    packed = gzip.compress(b"x" * (LINE_BYTES_MAX + 1_000_000))
    with pytest.raises(PawprintError, match="bytes"):
        for unpacked in unpacker.feed(packed):
            list(reader.feed(unpacked))


async def test_who_stops_reading_gives_the_connection_back() -> None:
    endless = Pieces(itertools.repeat(b'event: live\ndata: {"current": 3}\n\n'))
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=endless))
    async with AsyncPawprint("https://stats.example", "pp_x", transport=transport) as pawprint:
        async for event in pawprint.live("a.example"):
            assert event.data["current"] == 3
            break
        for _ in range(5):  # the loop closes what nobody holds any more
            await asyncio.sleep(0)
    assert (endless.taken, endless.closed) == (1, True)
