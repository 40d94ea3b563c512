"""How many requests an hour each caller of the API may make.

A key has its own limit, a person one for all browsers, and who is neither shares one with all of
their address. The answer says what is left in its headers (`webapp.api.middleware`).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from rest_framework import status
from rest_framework.exceptions import APIException

from webapp.accounts.addresses import address_of
from webapp.rates.limiter import limiter, network
from webapp.rates.windows import Quota, Spent
from webapp.sites.models import ApiKey

HOUR_S: Final = 3600
_SPENT: Final = "pawprint.spent"  # in META, which Django's request and DRF's have in common
TOO_MANY: Final = (
    "Too many API requests. The limit is {limit} per hour. Try again in {wait} seconds."
)


class TooManyRequests(APIException):
    """The caller's hour is used up; DRF sends `wait` (seconds) as Retry-After."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_many_requests"

    def __init__(self, found: Spent) -> None:
        limit = found.quota.requests_max
        super().__init__(TOO_MANY.format(limit=limit, wait=found.reset_s))
        self.wait = found.reset_s


class _Account(NamedTuple):
    kind: str
    subject: str
    requests_per_hour: int


def spend(meta: dict[str, Any], user: AbstractBaseUser | AnonymousUser, key: ApiKey | None) -> None:
    """Count a request, by its META, for a key, else a person, else an address; once only.

    Raises `TooManyRequests`.
    """
    if _SPENT in meta:
        return
    account = _account(meta, user, key)
    if account.requests_per_hour == 0:
        return
    quota = Quota(account.requests_per_hour, HOUR_S)
    found = limiter().spend(f"api-{account.kind}", account.subject, quota)
    meta[_SPENT] = found
    if found is not None and not found.allowed:
        raise TooManyRequests(found)


def headers(meta: Mapping[str, Any]) -> dict[str, str]:
    """What the answer to a request says of its caller's limit; nothing if it was not counted.

    As in draft-ietf-httpapi-ratelimit-headers-06; Reset is when Remaining grows, in seconds.
    """
    found: Spent | None = meta.get(_SPENT)
    if found is None:
        return {}
    return {
        "RateLimit-Limit": str(found.quota.requests_max),
        "RateLimit-Remaining": str(found.remaining),
        "RateLimit-Reset": str(found.reset_s),
    }


def _account(
    meta: Mapping[str, Any], user: AbstractBaseUser | AnonymousUser, key: ApiKey | None
) -> _Account:
    if key is not None:
        own = key.requests_per_hour
        return _Account("key", str(key.pk), settings.API_REQUESTS_PER_HOUR if own is None else own)
    if user.is_authenticated:
        return _Account("person", str(user.pk), settings.API_PERSON_REQUESTS_PER_HOUR)
    return _Account("address", network(address_of(meta)), settings.API_ADDRESS_REQUESTS_PER_HOUR)
