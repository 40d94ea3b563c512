"""Goals and custom properties of a site. Written by `webapp.goals.services` only."""

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.timezone import now

from schemas.events import NAME_CHARS_MAX, PROP_KEY_BYTES_MAX, URL_BYTES_MAX
from webapp.goals.validators import (
    validate_currency,
    validate_event_name,
    validate_goal_props,
    validate_page,
    validate_prop_name,
)
from webapp.sites.models import Site
from webapp.sites.validators import validate_text

GOALS_MAX: Final = 200  # of one site: as many as one question may break down by
CUSTOM_PROPS_MAX: Final = 300  # of one site
DISPLAY_NAME_CHARS_MAX: Final = 120


class Kind(models.TextChoices):
    """What reaches a goal."""

    EVENT = "event"  # an event of a name, with the values of `props` if there are any
    PAGE = "page"  # a pageview of a path
    SCROLL = "scroll"  # a visit that saw so much of a page


NEEDED_BY_KIND: Final = {
    Kind.EVENT: ("event_name",),
    Kind.PAGE: ("page",),
    Kind.SCROLL: ("page", "scroll_depth"),
}
FIELDS_OF_KIND: Final = {  # in goals of other kinds they stay empty
    "event_name": (Kind.EVENT,),
    "props": (Kind.EVENT,),
    "currency": (Kind.EVENT,),
    "page": (Kind.PAGE, Kind.SCROLL),
    "scroll_depth": (Kind.SCROLL,),
}


class Goal(models.Model):
    """What visitors are wanted to do. Which fields hold something depends on the kind."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="goals")
    kind = models.CharField(max_length=10, choices=Kind)
    # Of an event.
    event_name = models.CharField(
        max_length=NAME_CHARS_MAX, blank=True, validators=[validate_event_name]
    )
    props = models.JSONField(default=dict, blank=True, validators=[validate_goal_props])
    currency = models.CharField(  # ISO 4217; "" without revenue
        max_length=3, blank=True, validators=[validate_currency]
    )
    # Of a page or a scroll.
    page = models.CharField(max_length=URL_BYTES_MAX, blank=True, validators=[validate_page])
    scroll_depth = models.PositiveSmallIntegerField(  # percent, of a scroll only
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    display_name = models.CharField(max_length=DISPLAY_NAME_CHARS_MAX, validators=[validate_text])
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("site", "display_name"),
                name="one_goal_a_name",
                violation_error_message="display_name: has already been taken",
            ),
        )

    def __str__(self) -> str:
        return self.display_name

    def clean(self) -> None:
        """What its kind needs is there, and nothing else. Raises `ValidationError`."""
        filled = {name for name in FIELDS_OF_KIND if getattr(self, name) not in ("", None, {})}
        errors = {
            name: "can't be blank" for name in NEEDED_BY_KIND[Kind(self.kind)] if name not in filled
        } | {
            name: f"is not for a goal of kind {self.kind}"
            for name, kinds in FIELDS_OF_KIND.items()
            if name in filled and self.kind not in kinds
        }
        if errors:
            raise ValidationError(errors)


class CustomProp(models.Model):
    """A property of events whose values may be shown."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="custom_props")
    name = models.CharField(max_length=PROP_KEY_BYTES_MAX, validators=[validate_prop_name])
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "name"), name="one_custom_prop_a_name"),
        )

    def __str__(self) -> str:
        return self.name
