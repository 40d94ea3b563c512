"""What a goal's and a property's fields may hold."""

import re
from typing import Final

from django.core.exceptions import ValidationError

from schemas.events import (
    ENGAGEMENT,
    PAGEVIEW,
    PROP_KEY_BYTES_MAX,
    PROP_VALUE_BYTES_MAX,
    URL_BYTES_MAX,
)
from schemas.sites import WILDCARDS_MAX
from webapp.sites.validators import validate_text

PROPS_OF_GOAL_MAX: Final = 3
_currency: Final = re.compile(r"[A-Z]{3}")


def validate_event_name(value: str) -> None:
    validate_text(value)
    if value in (PAGEVIEW, ENGAGEMENT):
        raise ValidationError(f"{value!r} is what the script itself sends; it is no goal")


def validate_page(value: str) -> None:
    """A path; `*` stands for any run of characters."""
    validate_text(value)
    if not value.startswith("/"):
        raise ValidationError("must start with a /")
    if len(value.encode()) > URL_BYTES_MAX:
        raise ValidationError(f"should be at most {URL_BYTES_MAX} bytes")
    if len(re.findall(r"\*+", value)) > WILDCARDS_MAX:
        raise ValidationError(f"at most {WILDCARDS_MAX} wildcards")


def validate_currency(value: str) -> None:
    if _currency.fullmatch(value) is None:
        raise ValidationError("is invalid: ISO 4217, as in EUR")


def validate_prop_name(value: str) -> None:
    validate_text(value)
    if not value.strip():
        raise ValidationError("can't be blank")
    if len(value.encode()) > PROP_KEY_BYTES_MAX:
        raise ValidationError(f"should be at most {PROP_KEY_BYTES_MAX} bytes")


def validate_goal_props(value: object) -> None:
    """Property name -> the value that it must have."""
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValidationError("must be a map with string keys and string values")
    if len(value) > PROPS_OF_GOAL_MAX:
        raise ValidationError(f"use at most {PROPS_OF_GOAL_MAX} properties per goal")
    for name, text in value.items():
        validate_prop_name(name)
        validate_text(text)
        if not text or len(text.encode()) > PROP_VALUE_BYTES_MAX:
            raise ValidationError(f"values should have 1 to {PROP_VALUE_BYTES_MAX} bytes")
