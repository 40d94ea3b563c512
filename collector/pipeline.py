"""The pipeline: an event walks through named steps and comes out as a hit, or is rejected.

A step takes the draft, adds what it knows and returns it, or raises `Rejected`. Steps do no I/O and
never wait: what they need of the world is in memory. The runner alone measures and counts; it times
one hit in TIMED_EVERY, as timing all of them costs half as much again as the steps themselves.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, Final

from collector.errors import Rejected
from collector.exclusions import NOTHING
from collector.ledger import NO_SITE_ID, Ledger
from collector.metrics import Metrics
from schemas.events import Hit, Kind, Visit
from schemas.sites import SiteSettings
from schemas.timings import Timing

TIMED_EVERY: Final = 64
NO_SITE: Final = SiteSettings(site_id=0, domain="")
NO_QUERY: Final[dict[str, str]] = {}  # nothing is ever put there


# The text of one of a request's headers, None if it is not there.
Header = Callable[[str], str | None]


def no_header(_name: str) -> str | None:
    """The headers of who did not come over HTTP himself: none."""
    return None


class Client:
    """Who sent an event. It lives only as long as the request and goes into hashes alone.

    `addresses` are candidates, the first that is an address counts; `visitor` is an opaque name
    given by a server in place of address and agent. `header` reads one of the request's other
    headers: most are of interest to few sites.
    """

    __slots__ = ("addresses", "agent", "header", "language", "visitor")

    def __init__(
        self,
        addresses: list[str] | None = None,
        agent: str = "",
        visitor: str = "",
        language: str = "",
        header: Header = no_header,
    ) -> None:
        self.addresses = addresses or []
        self.agent = agent
        self.visitor = visitor
        self.language = language
        self.header = header


class Draft:
    """A hit in the making; mutable, because one copy for each step would cost more than the steps.

    A plain class with plain dicts, and no struct: what is compiled reads them without a look-up of
    methods.

    `body` is the event as decoded JSON. `own_time` says that the event names its time itself and
    may name dimensions (a batch); browsers may do neither, but `given` may hold what their client
    library found out for them.
    """

    __slots__ = (
        "address", "at_ms", "body", "client", "currency", "domain", "engaged_ms", "event_id",
        "exclusions", "given", "hostname", "import_name", "interactive", "kind", "left_out", "name",
        "own_time", "packed_address", "path", "position", "prev_visitor_id", "props", "query",
        "received_at_ms", "referrer", "revenue_micros", "route", "scroll_depth", "site", "timings",
        "visit", "visitor_id",
    )  # fmt: skip

    def __init__(
        self,
        body: dict[str, Any],
        domain: str,
        received_at_ms: int,
        client: Client,
        site: SiteSettings = NO_SITE,
        import_name: str = "",
        own_time: bool = False,
        position: int = 0,
        given: dict[str, str] | None = None,
    ) -> None:
        self.body = body
        self.domain = domain
        self.received_at_ms = received_at_ms
        self.client = client
        self.site = site
        self.exclusions = NOTHING
        self.import_name = import_name
        self.own_time = own_time
        self.position = position
        self.given: dict[str, str] = given or {}

        self.kind = Kind.PAGEVIEW
        self.at_ms = 0
        self.name = ""
        self.hostname = ""
        self.path = ""
        self.query: dict[str, str] = NO_QUERY
        self.referrer = ""
        self.props: tuple[tuple[str, str], ...] = ()
        self.interactive = True
        self.engaged_ms = 0
        self.scroll_depth = 0
        self.revenue_micros = 0
        self.currency = ""
        self.timings: tuple[Timing, ...] = ()

        self.address = ""
        self.packed_address = b""
        self.left_out = ""
        self.event_id = 0
        self.visitor_id = 0
        self.prev_visitor_id = 0
        self.route = 0
        self.visit: dict[str, str] = {}

    def hit(self) -> Hit:
        """What is stored of the draft."""
        return Hit(
            site_id=self.site.site_id,
            kind=self.kind,
            visitor_id=self.visitor_id,
            event_id=self.event_id,
            at_ms=self.at_ms,
            received_at_ms=self.received_at_ms,
            name=self.name,
            hostname=self.hostname,
            path=self.path,
            visit=Visit(**self.visit),
            props=self.props,
            interactive=self.interactive,
            engaged_ms=self.engaged_ms,
            scroll_depth=self.scroll_depth,
            revenue_micros=self.revenue_micros,
            currency=self.currency,
            left_out=self.left_out,
            prev_visitor_id=self.prev_visitor_id,
            import_name=self.import_name,
            timings=self.timings,
        )


Step = Callable[[Draft], Draft]


class Pipeline:
    """Runs the named steps in order."""

    def __init__(self, steps: Sequence[tuple[str, Step]], metrics: Metrics, ledger: Ledger) -> None:
        self._metrics = metrics
        self._ledger = ledger
        self._steps = [step for _, step in steps]
        self._observers = [
            metrics.summary("pawprint_collector_step_seconds", step=name).observe
            for name, _ in steps
        ]
        self._untimed = TIMED_EVERY - 1  # the first, so that the page shows every step

    def run(self, draft: Draft) -> Draft:
        """The finished draft. Raises `Rejected`, which is counted here, or `Unavailable`."""
        self._untimed += 1
        try:
            if self._untimed >= TIMED_EVERY:
                self._untimed = 0
                return self._run_timed(draft)
            for step in self._steps:
                draft = step(draft)
        except Rejected as rejected:
            self.refuse(rejected, draft.site.site_id)
            raise
        return draft

    def _run_timed(self, draft: Draft) -> Draft:
        """A step that rejects is not timed: it did not do its work."""
        began = perf_counter()
        for step, observe in zip(self._steps, self._observers, strict=True):
            draft = step(draft)
            ended = perf_counter()
            observe(ended - began)
            began = ended
        return draft

    def refuse(self, rejected: Rejected, site_id: int = NO_SITE_ID) -> None:
        """Count an event that is turned away; before it comes here it may be of no known site."""
        self._metrics.count("pawprint_collector_hits_refused_total", reason=rejected.reason.value)
        self._ledger.refuse(rejected.reason, site_id)
