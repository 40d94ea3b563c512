"""Panelbear's own client: its names for an event's fields, told in ours.

It names the site by `pid`, sends load timings and campaign tags beside the event's other fields and
knows no others (props, revenue, engagement).
"""

from typing import Any, Final

from collector.steps.fields import read_language, scalar_text
from collector.text import cut
from schemas.events import DIMENSION_CHARS_MAX
from schemas.timings import TIMINGS

SITE_KEY: Final = "pid"  # what its events are known by
_RENAMED: Final = (
    ("event", "name"),
    ("url", "url"),
    ("referrer", "referrer"),
    ("screen_width", "screen_width"),
    ("event_id", "event_id"),
)
_TAGS: Final = ("utm_source", "utm_medium", "utm_campaign")


def translate(sent: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """(the event in our names, the dimensions its client found out)."""
    event: dict[str, Any] = {ours: sent.get(theirs) for theirs, ours in _RENAMED}
    pid = sent[SITE_KEY]
    event["domain"] = scalar_text(pid) if isinstance(pid, int) else pid
    event["timings"] = {name: sent[name] for name in TIMINGS if name in sent}
    texts = ((name, sent.get(name)) for name in _TAGS)
    given = {name: cut(text, DIMENSION_CHARS_MAX) for name, text in texts if isinstance(text, str)}
    language = sent.get("user_language")
    given["language"] = read_language(language) if isinstance(language, str) else ""
    return event, {name: text for name, text in given.items() if text}
