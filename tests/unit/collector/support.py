"""A collector without network: everything real but the log, Redis and the clock."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec

from collector.app import App
from collector.batches import Batches
from collector.cities import Cities
from collector.errors import Unavailable
from collector.events import Events
from collector.exclusions import NOTHING, Exclusions, compile_exclusions
from collector.ledger import Ledger
from collector.metrics import Metrics
from collector.networks import Networks
from collector.outbox import Outbox
from collector.pipeline import Pipeline
from collector.settings import Settings
from collector.sites import hash_key
from collector.spam import SPAMMERS, is_spammer
from collector.steps import make_steps
from collector.steps.agents import make_classifier
from collector.steps.limits import RateLimits
from schemas.events import Batch, Hit, Watermark, decode_batch
from schemas.sites import IngestKey, SiteSettings

SECRET = bytes(range(16))
NOW_MS = 1_770_000_000_000  # 2026-02-02T02:40:00Z
PEER = "127.0.0.1:50000"
ADDRESS = "81.2.69.142"  # British, in every public test set
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)
KEY = "key-of-alice"
SITES = {
    "example.com": SiteSettings(7, "example.com"),
    "other.example": SiteSettings(8, "other.example"),
}


classify = make_classifier()


class MemorySink:
    """The log in memory; `broken` makes it refuse, `gate` makes it wait."""

    def __init__(self) -> None:
        self.records: list[tuple[int, bytes]] = []
        self.broken = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, partition: int, value: bytes) -> None:
        await self.gate.wait()
        if self.broken:
            raise Unavailable("kafka")
        self.records.append((partition, value))

    async def append_all(self, records: Sequence[tuple[int, bytes]]) -> None:
        for partition, value in records:
            await self.append(partition, value)

    @property
    def batches(self) -> list[tuple[int, Batch]]:
        return [(partition, decode_batch(value)) for partition, value in self.records]

    def hits(self, partition: int | None = None) -> list[Hit]:
        return [hit for at, batch in self.batches if partition in (None, at) for hit in batch.hits]

    def watermarks(self) -> list[tuple[int, Watermark]]:
        return [(at, mark) for at, batch in self.batches for mark in batch.watermarks]


class MemorySpool:
    """The spool in memory, which refuses everything until it is told to take something."""

    def __init__(self) -> None:
        self.records: list[tuple[int, bytes]] = []
        self.takes = False
        self.idle = True

    async def append(self, partition: int, value: bytes) -> None:
        await asyncio.sleep(0)
        if not self.takes:
            raise Unavailable("spool")
        self.idle = False
        self.records.append((partition, value))

    def hits(self) -> list[Hit]:
        return [hit for _, value in self.records for hit in decode_batch(value).hits]


class FakeSalts:
    """Salts that are there: of live days always, of imports once loaded and until forgotten."""

    def __init__(self) -> None:
        self.imports: dict[tuple[int, str, dt.date], bytes] = {}
        self.missing = False

    def salt(self, day: dt.date) -> bytes | None:
        return None if self.missing else day.isoformat().encode()

    def import_salt(self, site_id: int, import_name: str, day: dt.date) -> bytes | None:
        return self.imports.get((site_id, import_name, day))

    async def load_import(self, site_id: int, import_name: str, days: Iterable[dt.date]) -> None:
        for day in days:
            salt = f"{site_id}/{day}".encode()
            self.imports.setdefault((site_id, import_name, day), salt)

    async def forget_import(self, site_id: int, import_name: str) -> None:
        for key in [key for key in self.imports if key[:2] == (site_id, import_name)]:
            del self.imports[key]


class FakeSites:
    """SITES, and what `put` adds or changes."""

    def __init__(self) -> None:
        self._sites = dict(SITES)

    def put(self, site: SiteSettings) -> None:
        self._sites[site.domain] = site

    def find(self, domain: str) -> SiteSettings | None:
        """By domain or by number."""
        by_number = {str(site.site_id): site for site in self._sites.values()}
        return self._sites.get(domain) or by_number.get(domain)

    def exclusions(self, site_id: int) -> Exclusions:
        (site,) = (site for site in self._sites.values() if site.site_id == site_id)
        return compile_exclusions(site) or NOTHING


class FakeLists:
    """No operator's files, but what a test puts here."""

    def __init__(self) -> None:
        self.data_centres = Networks()
        self.table: Cities | None = None

    def in_data_centre(self, packed_address: bytes) -> bool:
        return packed_address in self.data_centres

    def is_spammer(self, host: str) -> bool:
        return is_spammer(host, SPAMMERS)

    def cities(self) -> Cities | None:
        return self.table


class FakeKeys:
    """Alice's key may write to site 7 alone."""

    async def ingest_key(self, key_hash: str) -> IngestKey | None:
        return IngestKey(1, (7,)) if key_hash == hash_key(KEY) else None


class FakeParts:
    """What `collector.runtime.Runtime` puts together, on fakes."""

    def __init__(self, **changes: Any) -> None:
        self.settings = Settings(route_secret=SECRET, **({"linger_ms": 1} | changes))
        self.metrics = Metrics()
        self.sink = MemorySink()
        self.spool = MemorySpool()
        self.salts = FakeSalts()
        self.now_ms = NOW_MS
        self.sites = FakeSites()
        self.lists = FakeLists()
        limits = RateLimits(
            self.settings.address_rate_per_s,
            self.settings.site_rate_per_s,
            self.settings.trusted_proxies,
        )
        steps = make_steps(self.sites, classify, self.salts, SECRET, limits, self.lists)
        self.ledger = Ledger("test", self.clock)
        pipeline = Pipeline(steps, self.metrics, self.ledger)
        self.events = Events(self.settings, pipeline, self.clock)
        self.batches = Batches(
            self.settings, pipeline, self.sites.find, self.salts, FakeKeys(), self.clock
        )
        self.outbox: Outbox | None = None
        self.states = {"kafka": "ok"}

    def clock(self) -> int:
        return self.now_ms

    def make_outbox(self, partitions: int) -> Outbox:
        """On the sink in memory; it has to be run."""
        self.outbox = Outbox(
            self.settings,
            partitions,
            "test",
            self.sink,
            self.spool,
            self.metrics,
            self.ledger,
            self.clock,
        )
        return self.outbox

    def start(self) -> None: ...

    def health(self) -> dict[str, str]:
        return self.states

    async def stop(self) -> None: ...


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass
class FakeScope:
    method: str
    path: str
    headers: dict[str, str]
    query_string: str = ""
    client: str = PEER


@dataclass
class FakeExchange:
    """Granian's side: a body in chunks, and the answer that was given."""

    chunks: list[bytes]
    delay_s: float = 0.0
    replies: list[Reply] = field(default_factory=list)

    async def __call__(self) -> bytes:
        await asyncio.sleep(self.delay_s)
        return b"".join(self.chunks)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            await asyncio.sleep(self.delay_s)
            yield chunk

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.replies.append(Reply(status, dict(headers), body))


@dataclass
class Collector:
    """An application to talk to."""

    parts: FakeParts
    app: App

    @property
    def sink(self) -> MemorySink:
        return self.parts.sink

    async def request(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] = b"",
        headers: dict[str, str] | None = None,
        exchange: FakeExchange | None = None,
        query: str = "",
    ) -> Reply:
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        exchange = exchange or FakeExchange([raw])
        given = {"content-length": str(len(raw))} if headers is None else headers
        await self.app.__rsgi__(FakeScope(method, path, given, query), exchange)
        (reply,) = exchange.replies
        return reply

    async def event(self, body: bytes | dict[str, Any], **headers: str) -> Reply:
        """A browser's event; header names with `_` for `-`."""
        given = {"user-agent": CHROME, "x-forwarded-for": ADDRESS}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.request("POST", "/api/event", body, given)

    async def pixel(self, query: str | dict[str, Any], **headers: str) -> Reply:
        given = {"user-agent": CHROME, "x-forwarded-for": ADDRESS}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        text = query if isinstance(query, str) else urlencode(query)
        return await self.request("GET", "/api/pixel.gif", headers=given, query=text)

    async def batch(self, body: Any, key: str = KEY, **headers: str) -> Reply:
        given = {"authorization": f"Bearer {key}"} if key else {}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.request("POST", "/api/batch", body, given)

    async def finish(self, name: str, body: Any, key: str = KEY) -> Reply:
        headers = {"authorization": f"Bearer {key}"}
        return await self.request("POST", f"/api/imports/{name}/finish", body, headers)


@contextlib.asynccontextmanager
async def running(partitions: int = 4, **changes: Any) -> AsyncIterator[Collector]:
    """A collector whose outbox writes to memory."""
    parts = FakeParts(**changes)
    task = asyncio.create_task(parts.make_outbox(partitions).run())
    try:
        yield Collector(parts, App(parts))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def page(**fields: Any) -> dict[str, Any]:
    """A pageview's body, changed by `fields`."""
    return {"n": "pageview", "u": "https://example.com/", "d": "example.com"} | fields
