"""What a site's fields may hold."""

import re
import zoneinfo
from typing import Final

from django.core.exceptions import ValidationError

DOMAIN_CHARS_MAX: Final = 253
DOMAIN_PATTERN: Final = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
_domain = re.compile(DOMAIN_PATTERN)


def is_domain(text: str) -> bool:
    """A host name in lower case, as in "example.com", with a port if need be."""
    return len(text) <= DOMAIN_CHARS_MAX and _domain.fullmatch(text) is not None


def validate_domain(value: str) -> None:
    if not is_domain(value):
        raise ValidationError('A domain looks like "example.com", in lower case.')


def validate_timezone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError('A timezone looks like "Europe/Berlin" (IANA).')
