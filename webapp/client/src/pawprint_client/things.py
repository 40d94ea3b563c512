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
class WholeSite(Site):
    retention_days: int  # whole days (UTC) of numbers that are kept; 0 is for ever
    custom_properties: tuple[str, ...]


@dataclass(frozen=True)
class Team:
    id: int
    name: str


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


@dataclass(frozen=True)
class Guest:
    """Who may see one site; `has_accepted` is False while they are invited."""

    email: str
    role: str  # "viewer" or "editor"
    has_accepted: bool


def site_of(found: Any) -> Site:
    return Site(found["domain"], found["timezone"])


def whole_site_of(found: Any) -> WholeSite:
    return WholeSite(
        found["domain"],
        found["timezone"],
        found["retention_days"],
        tuple(found["custom_properties"]),
    )


def team_of(found: Any) -> Team:
    return Team(found["id"], found["name"])


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


def custom_props_of(found: Any) -> list[str]:
    return [str(each["property"]) for each in found["custom_properties"]]


def guest_of(found: Any) -> Guest:
    return Guest(found["email"], found["role"], found["accepted"])


def url_of(found: Any) -> str:
    return str(found["url"])


def _at(text: str) -> dt.datetime:
    """Python 3.9 does not know the Z."""
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
