"""What a site's fields may hold."""

import ipaddress
import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from typing import Final

from django.core.exceptions import ValidationError

from schemas.sites import PATTERN_CHARS_MAX, RULES_MAX, WILDCARDS_MAX

DOMAIN_CHARS_MAX: Final = 253
DOMAIN_PATTERN: Final = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
_domain = re.compile(DOMAIN_PATTERN)
_hostname = re.compile(r"[\w*](?:[\w*.-]*[\w*])?")
_country = re.compile(r"[A-Z]{2}")


def is_storable(text: str) -> bool:
    """What databases keep and pages show: no control characters, no halves of surrogate pairs."""
    return not any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


def validate_text(value: str) -> None:
    if not is_storable(value):
        raise ValidationError("must not contain control characters")


def is_domain(text: str) -> bool:
    """A host name in lower case, as in "example.com", with a port if need be."""
    return len(text) <= DOMAIN_CHARS_MAX and _domain.fullmatch(text) is not None


def validate_domain(value: str) -> None:
    if not is_domain(value):
        raise ValidationError('A domain looks like "example.com", in lower case.')


def validate_timezone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError('A timezone looks like "Europe/Berlin" (IANA).')


def _is_address(text: str) -> bool:
    """An address or a CIDR block, but not all addresses there are."""
    try:
        return ipaddress.ip_network(text, strict=False).prefixlen > 0
    except ValueError:
        return False


def _is_pattern(text: str) -> bool:
    """Printable, and with few enough wildcards."""
    return text.isprintable() and len(re.findall(r"\*+", text)) <= WILDCARDS_MAX


def _validate_list(value: object, holds: Callable[[str], bool], message: str) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValidationError("This is a list of texts.")
    if len(value) > RULES_MAX:
        raise ValidationError(f"No more than {RULES_MAX} entries.")
    for entry in value:
        if len(entry) > PATTERN_CHARS_MAX or not holds(entry):
            raise ValidationError(f'{message} "{entry[:PATTERN_CHARS_MAX]}" does not.')


def validate_hostnames(value: object) -> None:
    _validate_list(
        value,
        lambda entry: _hostname.fullmatch(entry) is not None and _is_pattern(entry),
        'A hostname looks like "example.com" or "*.example.com".',
    )


def validate_addresses(value: object) -> None:
    _validate_list(value, _is_address, 'An address looks like "203.0.113.7" or "2001:db8::/32".')


def validate_countries(value: object) -> None:
    _validate_list(
        value,
        lambda entry: _country.fullmatch(entry) is not None,
        'A country looks like "DE" (ISO 3166-1).',
    )


def validate_pages(value: object) -> None:
    _validate_list(
        value,
        lambda entry: entry[:1] in ("/", "*") and _is_pattern(entry),
        f'A page looks like "/admin/**", with up to {WILDCARDS_MAX} wildcards.',
    )
