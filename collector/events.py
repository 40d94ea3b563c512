"""`POST /api/event`: one event of a browser, for one or more domains."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from collector.errors import Rejected, Throttled, malformed, over_limit
from collector.http import TEXT, Answer, Headers, decode_object, header, rejected_answer
from collector.metrics import Metrics
from collector.outbox import Outbox
from collector.pipeline import Client, Draft, Pipeline
from collector.settings import Settings
from collector.steps import fields
from collector.steps.address import candidates, is_trusted
from collector.steps.urls import read_page, without_www
from collector.text import cut
from schemas.drop_reasons import DropReason

# The event is no event at all, as opposed to one we do not want: the client is told what is wrong.
FAULTS: Final = (DropReason.MALFORMED, DropReason.OVER_LIMIT)
DOMAIN_CHARS_MAX: Final = 253
LANGUAGE_CHARS_MAX: Final = 35  # RFC 5646


def read_language(accept: str) -> str:
    """The first language of an Accept-Language header, "" if there is none."""
    tag = accept.split(",", 1)[0].split(";", 1)[0].strip()
    return tag if tag.replace("-", "").isalnum() and tag.isascii() else ""


def read_domains(body: Mapping[str, Any], domains_max: int) -> list[str]:
    """Lower-case domains, each once; the page's host when none is named. Raises `Rejected`."""
    raw = fields.value(body, "domain")
    if raw is None:
        return [read_page(fields.value(body, "url"), hash_mode=False).hostname]
    if not isinstance(raw, str):
        raise malformed("domain", "must be a string")
    if len(raw) > DOMAIN_CHARS_MAX * domains_max:
        raise over_limit("domain", f"should be at most {domains_max} domains")
    names = (without_www(cut(name, DOMAIN_CHARS_MAX).lower()) for name in raw.split(","))
    domains = list(dict.fromkeys(name for name in names if name))
    if not domains:
        raise malformed("domain", "can't be blank")
    if len(domains) > domains_max:
        raise over_limit("domain", f"should be at most {domains_max} domains")
    return domains


def read_client(headers: Headers, peer: str, settings: Settings) -> Client:
    """Who sent the request: forwarding headers count only from a trusted proxy."""
    trusted = is_trusted(peer, settings.trusted_proxies)
    read = partial(header, headers)
    return Client(
        addresses=candidates(read, peer, trusted),
        agent=read("user-agent"),
        language=read_language(read("accept-language"))[:LANGUAGE_CHARS_MAX],
        header=read,
    )


def accepted_answer(dropped: Sequence[str]) -> Answer:
    """202 `ok`; what was dropped, and why, stands in headers."""
    if not dropped:
        return Answer(202, b"ok")
    reasons = ", ".join(dict.fromkeys(dropped))
    names = ("x-plausible-dropped", str(len(dropped))), ("x-drop-reason", reasons)
    expose = ("access-control-expose-headers", "x-plausible-dropped, x-drop-reason")
    return Answer(202, b"ok", (TEXT, *names, expose))


class Events:
    """The endpoint. From the clock's reading to the queue there is no wait, so that hits stand in
    each partition in order of their time."""

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        metrics: Metrics,
        now_ms: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._metrics = metrics
        self._now_ms = now_ms

    async def post(self, headers: Headers, peer: str, body: bytes, outbox: Outbox) -> Answer:
        """Returns once what is kept of the event is stored. Raises `Unavailable`."""
        client = read_client(headers, peer, self._settings)
        try:
            event = decode_object(body)
            domains = read_domains(event, self._settings.domains_max)
        except Rejected as rejected:
            self._pipeline.refuse(rejected)
            return rejected_answer(rejected)
        try:
            drafts, dropped = self._drafts(event, domains, client)
        except Rejected as rejected:
            return rejected_answer(rejected)
        if drafts:
            await outbox.put([(draft.route, draft.hit()) for draft in drafts])
        return accepted_answer(dropped)

    def _drafts(
        self, event: dict[str, Any], domains: Sequence[str], client: Client
    ) -> tuple[list[Draft], list[str]]:
        """(what is kept, reasons of what does not count). Raises `Rejected` for a fault."""
        drafts: list[Draft] = []
        dropped: list[str] = []
        now = self._now_ms()
        for domain in domains:
            try:
                draft = self._pipeline.run(Draft(event, domain, now, client))
            except Rejected as rejected:
                if rejected.reason in FAULTS or isinstance(rejected, Throttled):
                    raise
                dropped.append(rejected.reason.value)
                continue
            drafts.append(draft)
            if draft.left_out:
                dropped.append(draft.left_out)
        return drafts, dropped
