"""`POST /api/batch` and `POST /api/imports/<name>/finish`: servers, importers and history."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import msgspec
from msgspec import Raw
from redis.exceptions import RedisError

from collector.bodies import OBJECT, read_json
from collector.errors import Rejected, Throttled, Unavailable, malformed, over_limit
from collector.events import DOMAIN_CHARS_MAX
from collector.http import (
    Answer,
    Headers,
    TooLarge,
    errors_answer,
    header,
    json_answer,
    rejected_answer,
)
from collector.outbox import Outbox
from collector.pipeline import Client, Draft, Pipeline
from collector.rates import Buckets
from collector.settings import Settings
from collector.sites import hash_key
from collector.steps.identity import utc_day
from collector.steps.limits import BURST_S
from collector.steps.time import AHEAD_MAX_MS, read_timestamp
from collector.text import cut
from schemas.events import IMPORT_NAME_CHARS_MAX, Hit
from schemas.sites import IngestKey, SiteSettings

KEY_CHARS_MAX: Final = 200
KEYS_MAX: Final = 4_096  # whose batches are counted at a time
# The loop is given to others after so many events: about 5 ms of work.
EVENTS_AT_ONCE: Final = 100
NULL: Final = Raw(b"null")


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A batch whose parts are JSON still. Events are decoded one after the other: all at once they
    could take 30 times the bytes of the body, until Kafka has them."""

    domain: Raw = NULL
    import_name: Raw = msgspec.field(default=NULL, name="import")
    events: Raw = NULL


class Stamp(msgspec.Struct, frozen=True):
    """Of an event no more than its time."""

    timestamp: Any = None


_envelope = msgspec.json.Decoder(Envelope)
_text = msgspec.json.Decoder(str | None)
_events = msgspec.json.Decoder(list[Raw])
_stamp = msgspec.json.Decoder(Stamp)


class Denied(Exception):
    """No key (401), or one that may not write to the site (403)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


def read_key(headers: Headers) -> str:
    """The key of `Authorization: Bearer KEY`. Raises `Denied`."""
    scheme, _, key = header(headers, "authorization").strip().partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or len(key) > KEY_CHARS_MAX:
        raise Denied(401, "an ingest key is needed: Authorization: Bearer KEY")
    return key


def read_domain(raw: Raw) -> str:
    """In lower case. Raises `Rejected`."""
    try:
        domain = cut(_text.decode(raw) or "", DOMAIN_CHARS_MAX).lower()
    except ValueError:  # another type, or broken UTF-8 that was passed over so far
        domain = ""
    if not domain:
        raise malformed("domain", "can't be blank")
    return domain


def read_import(raw: Raw) -> str:
    """The name of a batch's import, "" for none. Raises `Rejected`."""
    try:
        name = _text.decode(raw)
    except ValueError as error:
        raise malformed("import", "must be a name") from error
    return "" if name is None else check_import_name(name)


def read_events(raw: Raw) -> list[Raw]:
    """Raises `Rejected`."""
    try:
        return _events.decode(raw)
    except ValueError as error:
        raise malformed("events", "must be a list") from error


def read_event(raw: Raw, bytes_max: int) -> dict[str, Any]:
    """Raises `Rejected`."""
    if len(memoryview(raw)) > bytes_max:
        raise over_limit("event", f"should be at most {bytes_max} byte(s)")
    try:
        return OBJECT.decode(raw)
    except (ValueError, RecursionError) as error:
        raise malformed("event", "must be an object") from error


def check_import_name(raw: str) -> str:
    """Raises `Rejected`."""
    if not raw.strip():
        raise malformed("import", "must be a name")
    if len(raw) > IMPORT_NAME_CHARS_MAX or cut(raw, IMPORT_NAME_CHARS_MAX) != raw:
        raise malformed(
            "import",
            f"must be at most {IMPORT_NAME_CHARS_MAX} printable characters, no space around them",
        )
    return raw


def read_batch_client(event: dict[str, Any]) -> Client:
    """Who an event of a batch is about. Raises `Rejected`."""
    texts: dict[str, str] = {}
    for name in ("visitor", "ip", "user_agent"):
        raw = event.get(name)
        if raw is not None and not isinstance(raw, str):
            raise malformed(name, "must be a string")
        texts[name] = raw or ""
    return Client([texts["ip"]], texts["user_agent"], texts["visitor"])


class Keys(Protocol):
    async def ingest_key(self, key_hash: str) -> IngestKey | None:
        """What the key with this hash may do. Raises `Unavailable`."""


class ImportSalts(Protocol):
    """Both raise `redis.RedisError` or `OSError`."""

    async def load_import(self, site_id: int, import_name: str, days: Iterable[dt.date]) -> None:
        """Bring the salts of these days into memory."""

    async def forget_import(self, site_id: int, import_name: str) -> None:
        """Throw the import's salts away."""


class Batches:
    """Both endpoints."""

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        find_site: Callable[[str], SiteSettings | None],
        salts: ImportSalts,
        keys: Keys,
        now_ms: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._find_site = find_site
        self._salts = salts
        self._keys = keys
        self._now_ms = now_ms
        self._buckets = Buckets(KEYS_MAX)

    async def post(self, headers: Headers, body: bytes, outbox: Outbox) -> Answer:
        """Stores what can be. Raises `TooLarge`, `Unavailable`."""
        try:
            key = await self._key(headers)  # before any work is done for it
            self._limit(key)
            batch = read_json(headers, body, self._settings.batch_bytes_max, _envelope)
            site = self._site(key, read_domain(batch.domain))
            import_name = read_import(batch.import_name)
            events = read_events(batch.events)
        except Denied as denied:
            return errors_answer(denied.status, {"authorization": denied.message})
        except Rejected as rejected:
            return rejected_answer(rejected)
        if len(events) > self._settings.batch_events_max:
            raise TooLarge
        if import_name:
            await self._load_salts(site.site_id, import_name, events)
        routed, dropped = await self._run(site, import_name, events)
        if routed:
            await outbox.put(routed)
        return json_answer(200, {"accepted": len(routed), "dropped": dropped})

    async def finish(
        self, headers: Headers, import_name: str, body: bytes, outbox: Outbox
    ) -> Answer:
        """Ends an import in every partition, then throws its salts away. Safe to repeat."""
        try:
            key = await self._key(headers)
            end = read_json(headers, body, self._settings.body_bytes_max, _envelope)
            site = self._site(key, read_domain(end.domain))
            name = check_import_name(import_name)
        except Denied as denied:
            return errors_answer(denied.status, {"authorization": denied.message})
        except Rejected as rejected:
            return rejected_answer(rejected)
        await outbox.finish_import(site.site_id, name)
        try:
            await self._salts.forget_import(site.site_id, name)
        except (RedisError, OSError) as error:
            raise Unavailable("redis") from error
        return json_answer(200, {"finished": name})

    async def _key(self, headers: Headers) -> IngestKey:
        """Raises `Denied`, `Unavailable`."""
        key = await self._keys.ingest_key(hash_key(read_key(headers)))
        if key is None:
            raise Denied(401, "this ingest key is not known")
        return key

    def _limit(self, key: IngestKey) -> None:
        """Raises `Throttled`."""
        rate = self._settings.key_batches_per_s
        if not rate:
            return
        wait_ms = self._buckets.take(key.key_id, self._now_ms(), rate, rate * BURST_S)
        if wait_ms:
            raise Throttled("request", "too many batches with this key", wait_ms / 1000)

    def _site(self, key: IngestKey, domain: str) -> SiteSettings:
        """The site the key may write to; whether another's site exists is not told.

        Raises `Denied`.
        """
        site = self._find_site(domain)
        if site is None or site.site_id not in key.site_ids:
            raise Denied(403, "this ingest key may not write to this domain")
        return site

    async def _load_salts(self, site_id: int, import_name: str, events: list[Raw]) -> None:
        """The salts of all days of the batch and of the days before. Raises `Unavailable`.

        Days to come need none: their events will be turned away, in their place.
        """
        days = set()
        latest_ms = self._now_ms() + AHEAD_MAX_MS
        for event in events:
            try:
                at_ms = read_timestamp(_stamp.decode(event).timestamp)
            except (Rejected, ValueError, RecursionError):
                continue  # the pipeline will say so, with the event's place
            if at_ms > latest_ms:
                continue
            days |= {utc_day(at_ms), utc_day(max(0, at_ms - 86_400_000))}
        try:
            await self._salts.load_import(site_id, import_name, sorted(days))
        except (RedisError, OSError) as error:
            raise Unavailable("redis") from error

    async def _run(
        self, site: SiteSettings, import_name: str, events: list[Raw]
    ) -> tuple[list[tuple[int, Hit]], list[dict[str, Any]]]:
        """((route, hit) pairs in the events' order, what was dropped with its place and reason)."""
        routed: list[tuple[int, Hit]] = []
        dropped: list[dict[str, Any]] = []
        for index, event in enumerate(events):
            if index % EVENTS_AT_ONCE == EVENTS_AT_ONCE - 1:
                await asyncio.sleep(0)
            try:
                draft = self._draft(site, import_name, index, event)
            except Rejected as rejected:
                drop = {"index": index, "reason": rejected.reason.value, "field": rejected.field}
                dropped.append(drop | {"message": rejected.message})
                continue
            routed.append((draft.route, draft.hit()))
        return routed, dropped

    def _draft(self, site: SiteSettings, import_name: str, index: int, raw: Raw) -> Draft:
        """Raises `Rejected`."""
        try:
            event = read_event(raw, self._settings.body_bytes_max)
            draft = Draft(
                body=event,
                domain=site.domain.lower(),
                received_at_ms=self._now_ms(),
                client=read_batch_client(event),
                import_name=import_name,
                own_time=True,
                position=index,
            )
        except Rejected as rejected:
            self._pipeline.refuse(rejected, site.site_id)
            raise
        return self._pipeline.run(draft)
