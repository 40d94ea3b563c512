"""What belongs to a site beside its numbers, as values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Site:
    domain: str
    timezone: str  # IANA


@dataclass(frozen=True)
class Goal:
    """`goal_type` is "event", "page" or "scroll"; what a kind does not have is empty."""

    id: int
    display_name: str
    goal_type: str
    event_name: str
    page_path: str
    scroll_threshold: int | None  # percent
    custom_props: Mapping[str, str]  # values that the event must have
    currency: str  # ISO 4217, of revenue


@dataclass(frozen=True)
class Segment:
    id: int
    name: str
    kind: str  # "site" or "personal"
    filters: list[Any]  # as in `query`
    updated_at: dt.datetime


@dataclass(frozen=True)
class Annotation:
    """What happened, on the site's calendar and clock."""

    id: int
    date: dt.date
    time: dt.time | None
    text: str
    author: str | None  # an e-mail address; None for a key


@dataclass(frozen=True)
class SharedLink:
    """Who knows `url` may see the site, and needs a password if it has one."""

    id: int
    name: str
    url: str
    has_password: bool
    created_at: dt.datetime


def site_of(found: Any) -> Site:
    return Site(found["domain"], found["timezone"])


def goal_of(found: Any) -> Goal:
    depth = found["scroll_threshold"]
    return Goal(
        found["id"],
        found["display_name"],
        found["goal_type"],
        found["event_name"] or "",
        found["page_path"] or "",
        None if depth < 0 else depth,
        found["custom_props"],
        found["currency"] or "",
    )


def segment_of(found: Any) -> Segment:
    return Segment(
        found["id"], found["name"], found["kind"], found["filters"], _at(found["updated_at"])
    )


def segments_of(found: Any) -> list[Segment]:
    return [segment_of(each) for each in found["results"]]


def annotation_of(found: Any) -> Annotation:
    return Annotation(
        found["id"],
        dt.date.fromisoformat(found["date"]),
        dt.time.fromisoformat(found["time"]) if found["time"] else None,
        found["text"],
        found["author"],
    )


def annotations_of(found: Any) -> list[Annotation]:
    return [annotation_of(each) for each in found["results"]]


def shared_link_of(found: Any) -> SharedLink:
    return SharedLink(
        found["id"],
        found["name"],
        found["url"],
        found["has_password"],
        _at(found["created_at"]),
    )


def url_of(found: Any) -> str:
    return str(found["url"])


def _at(text: str) -> dt.datetime:
    """Python 3.9 does not know the Z."""
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
