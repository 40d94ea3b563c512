"""Writes about goals and custom properties. Each may be repeated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.db import transaction

from webapp.goals.models import (
    CUSTOM_PROPS_MAX,
    DISPLAY_NAME_CHARS_MAX,
    GOALS_MAX,
    CustomProp,
    Goal,
    Kind,
)
from webapp.sites.models import Site
from webapp.sites.services import lock_site

TOO_MANY_GOALS: Final = "Maximum number of goals reached"
TOO_MANY_PROPS: Final = "Can't add any more custom properties"


@dataclass(frozen=True, slots=True)
class WantedGoal:
    """A goal as somebody asks for it; what its kind does not know stays empty."""

    kind: Kind
    event_name: str = ""
    props: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    page: str = ""
    scroll_depth: int | None = None
    display_name: str = ""  # by default after what it is reached by


@transaction.atomic
def find_or_create_goal(site: Site, wanted: WantedGoal) -> Goal:
    """The goal of a site that the same hits reach, else a new one.

    Raises `django.core.exceptions.ValidationError` naming the bad fields; also for an event whose
    goal counts another currency.
    """
    lock_site(site)
    goal = _goal(site, wanted)
    goal.clean()
    # A name made of parts that are in order is in order; else both would be complained about.
    goal.clean_fields(exclude=["site"] if wanted.display_name else ["site", "display_name"])
    found = _same_goal(goal)
    if found is None:
        if Goal.objects.filter(site=site).count() >= GOALS_MAX:
            raise ValidationError({_named_by(goal): TOO_MANY_GOALS})
        goal.validate_constraints()
        goal.save()
        return goal
    if goal.currency and goal.currency != found.currency:
        taken = f"'{found.event_name}' (with currency: {found.currency}) has already been taken"
        raise ValidationError({"event_name": taken})
    return found


def _goal(site: Site, wanted: WantedGoal) -> Goal:
    """Not saved. Paths are kept as the collector has them: decoded, from the first slash."""
    goal = Goal(
        site=site,
        kind=wanted.kind,
        event_name=wanted.event_name.strip(),
        props=dict(wanted.props),
        currency=wanted.currency.strip().upper(),
        page=_path(wanted.page),
        scroll_depth=wanted.scroll_depth,
    )
    goal.display_name = wanted.display_name.strip() or _default_name(goal)
    return goal


def _path(page: str) -> str:
    page = unquote(page.strip())
    return f"/{page}" if page and not page.startswith("/") else page


def _default_name(goal: Goal) -> str:
    names = {
        Kind.EVENT: goal.event_name,
        Kind.PAGE: f"Visit {goal.page}",
        Kind.SCROLL: f"Scroll {goal.scroll_depth}% on {goal.page}",
    }
    return names[Kind(goal.kind)][:DISPLAY_NAME_CHARS_MAX].strip()


def _named_by(goal: Goal) -> str:
    return "event_name" if goal.kind == Kind.EVENT else "page"


def _same_goal(goal: Goal) -> Goal | None:
    """The first that is reached by the same hits."""
    similar = Goal.objects.filter(
        site=goal.site,
        kind=goal.kind,
        event_name=goal.event_name,
        page=goal.page,
        scroll_depth=goal.scroll_depth,
    )
    # Not by the database: how it compares JSON is not the same everywhere.
    return next((found for found in similar.order_by("pk") if found.props == goal.props), None)


def delete_goal(goal: Goal) -> None:
    """What was counted stays: goals are asked of the rollups, not stored in them."""
    goal.delete()


@transaction.atomic
def allow_prop(site: Site, name: str) -> CustomProp:
    """Let the values of a property be shown.

    Raises `django.core.exceptions.ValidationError` naming `name`.
    """
    lock_site(site)
    prop = CustomProp(site=site, name=name.strip())
    prop.clean_fields(exclude=["site"])
    found = CustomProp.objects.filter(site=site, name=prop.name).first()
    if found is not None:
        return found
    if CustomProp.objects.filter(site=site).count() >= CUSTOM_PROPS_MAX:
        raise ValidationError({"name": TOO_MANY_PROPS})
    prop.save()
    return prop


def disallow_prop(site: Site, name: str) -> None:
    """Stop showing it; the values stay in the rollups. No harm where there is none."""
    CustomProp.objects.filter(site=site, name=name.strip()).delete()
