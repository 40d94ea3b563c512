"""Step "parse": what the event itself says."""

from collector.errors import malformed
from collector.pipeline import Draft
from collector.steps import fields
from collector.steps.urls import read_page
from schemas import events
from schemas.events import Kind

_KINDS = {events.PAGEVIEW: Kind.PAGEVIEW, events.ENGAGEMENT: Kind.ENGAGEMENT}
_COUNT_MAX = 2**32 - 1


def parse(draft: Draft) -> Draft:
    """Raises `Rejected` naming the first field that cannot be read."""
    body = draft.body
    draft.name = fields.read_name(body)
    draft.kind = _KINDS.get(draft.name, Kind.EVENT)
    page = read_page(fields.value(body, "url"), fields.value(body, "hash_mode") in (1, True))
    draft.hostname, draft.path, draft.query = page.hostname, page.path, page.query
    referrer = fields.value(body, "referrer")
    if isinstance(referrer, str):
        draft.referrer = referrer[: events.REFERRER_CHARS_MAX]
    draft.props = fields.read_props(body)
    draft.revenue_micros, draft.currency = fields.read_revenue(body)
    draft.timings = fields.read_timings(body)
    draft.visit["screen"] = fields.read_screen(body)
    draft.interactive = fields.value(body, "interactive") is not False
    if draft.kind is Kind.ENGAGEMENT:
        _read_engagement(draft)
    if draft.own_time:
        draft.given = fields.read_given(body)
    return draft


def _read_engagement(draft: Draft) -> None:
    depth = fields.as_int(fields.value(draft.body, "scroll_depth"), 100)
    engaged = fields.as_int(fields.value(draft.body, "engaged_ms"), _COUNT_MAX)
    if depth is None and engaged is None:
        raise malformed("event_name", "an engagement event needs a whole number in sd or e")
    draft.scroll_depth, draft.engaged_ms = depth or 0, engaged or 0
