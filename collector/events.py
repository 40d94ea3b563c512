"""`POST /api/event`, `GET /api/pixel.gif`: one event of a browser, for one or more domains."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from collector.bodies import OBJECT, read_json
from collector.errors import Rejected, Throttled, malformed, over_limit
from collector.http import TEXT, Answer, Headers, header, rejected_answer
from collector.outbox import Outbox
from collector.panelbear import SITE_KEY, translate
from collector.pipeline import Client, Draft, Header, Pipeline
from collector.pixel import pixel_answer, read_query_event
from collector.settings import Settings
from collector.steps import fields
from collector.steps.address import candidates, is_trusted
from collector.steps.urls import read_page, without_www
from collector.text import cut
from schemas.drop_reasons import DropReason
from schemas.events import Hit

# The event is no event at all, as opposed to one we do not want: the client is told what is wrong.
FAULTS: Final = (DropReason.MALFORMED, DropReason.OVER_LIMIT)
DOMAIN_CHARS_MAX: Final = 253
ACCEPTED: Final = Answer(202, b"ok", (TEXT,))

# The answer, and what it has to wait for; it fails with `Unavailable`.
Taken: TypeAlias = "tuple[Answer, asyncio.Future[None] | None]"


def read_domains(body: dict[str, Any], domains_max: int) -> list[str]:
    """Lower-case domains, each once; the page's host when none is named. Raises `Rejected`."""
    raw = fields.value(body, "domain")
    if raw is None:
        return [read_page(fields.value(body, "url"), hash_mode=False).hostname]
    if not isinstance(raw, str):
        raise malformed("domain", "must be a string")
    if len(raw) > DOMAIN_CHARS_MAX * domains_max:
        raise over_limit("domain", f"should be at most {domains_max} domains")
    domains: list[str] = []
    for part in raw.split(","):
        name = without_www(cut(part, DOMAIN_CHARS_MAX).lower())
        if name and name not in domains:
            domains.append(name)
    if not domains:
        raise malformed("domain", "can't be blank")
    if len(domains) > domains_max:
        raise over_limit("domain", f"should be at most {domains_max} domains")
    return domains


def read_client(headers: Headers, peer: str, settings: Settings) -> Client:
    """Who sent the request: forwarding headers count only from a trusted proxy."""
    read: Header = headers.get
    return Client(
        addresses=candidates(read, peer, is_trusted(peer, settings.trusted_proxies)),
        agent=read("user-agent") or "",
        language=fields.read_language(read("accept-language") or ""),
        header=read,
    )


def drop_headers(dropped: list[str]) -> tuple[tuple[str, str], ...]:
    """How many were dropped, and why; no headers where none were."""
    if not dropped:
        return ()
    return (
        ("x-plausible-dropped", str(len(dropped))),
        ("x-drop-reason", ", ".join(dict.fromkeys(dropped))),
        ("access-control-expose-headers", "x-plausible-dropped, x-drop-reason"),
    )


class Events:
    """Both endpoints. From the clock's reading to the queue there is no wait, so that hits stand in
    each partition in order of their time."""

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        now_ms: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._now_ms = now_ms

    def post(self, headers: Headers, peer: str, body: bytes, outbox: Outbox) -> Taken:
        """202 once what is kept of the event is stored. Raises `TooLarge`, `Unavailable`."""
        bytes_max = self._settings.body_bytes_max
        try:
            routed, dropped = self._accept(
                lambda: read_json(headers, body, bytes_max, OBJECT), headers, peer
            )
        except Rejected as rejected:
            return rejected_answer(rejected), None
        answer = Answer(202, b"ok", (TEXT, *drop_headers(dropped))) if dropped else ACCEPTED
        return answer, outbox.put(routed) if routed else None

    def pixel(self, headers: Headers, peer: str, query: str, outbox: Outbox) -> Taken:
        """The picture, also for an event that is refused. Raises `Unavailable`."""
        try:
            routed, dropped = self._accept(
                lambda: read_query_event(query, header(headers, "referer")), headers, peer
            )
        except Rejected as rejected:
            return pixel_answer(drop_headers([rejected.reason.value])), None
        return pixel_answer(drop_headers(dropped)), outbox.put(routed) if routed else None

    def _accept(
        self, read: Callable[[], dict[str, Any]], headers: Headers, peer: str
    ) -> tuple[list[tuple[int, Hit]], list[str]]:
        """((route, hit) pairs to store, reasons of what does not count).

        Nothing else of the event outlives this call: while Kafka is waited for, what a client sent
        must not lie in memory as objects, many times its bytes. Raises `Rejected`, counted.
        """
        given: dict[str, str] = {}
        try:
            event = read()
            if SITE_KEY in event:
                event, given = translate(event)
            domains = read_domains(event, self._settings.domains_max)
        except Rejected as rejected:
            self._pipeline.refuse(rejected)
            raise
        client = read_client(headers, peer, self._settings)
        drafts, dropped = self._drafts(event, domains, client, given)
        return [(draft.route, draft.hit()) for draft in drafts], dropped

    def _drafts(
        self,
        event: dict[str, Any],
        domains: list[str],
        client: Client,
        given: dict[str, str],
    ) -> tuple[list[Draft], list[str]]:
        """(what is kept, reasons of what does not count). Raises `Rejected` for a fault."""
        drafts: list[Draft] = []
        dropped: list[str] = []
        now = self._now_ms()
        for domain in domains:
            try:
                draft = self._pipeline.run(Draft(event, domain, now, client, given=dict(given)))
            except Rejected as rejected:
                if rejected.reason in FAULTS or isinstance(rejected, Throttled):
                    raise
                dropped.append(rejected.reason.value)
                continue
            drafts.append(draft)
            if draft.left_out:
                dropped.append(draft.left_out)
        return drafts, dropped
