"""How many requests an hour each caller of the API may make.

A key has its own limit, a person one for all browsers. Who has a shared link shares one as a
person's with all who have it at their address; who is neither shares one with all of their address.
The answer says what is left in its headers (`webapp.api.middleware`).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from rest_framework import status
from rest_framework.exceptions import APIException

from webapp.accounts.addresses import address_of
from webapp.links.models import SharedLink
from webapp.rates.limiter import limiter, network
from webapp.rates.windows import Quota, Spent
from webapp.sites.models import ApiKey

Credential = ApiKey | SharedLink  # what lets in who is not logged in

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


def spend(
    meta: dict[str, Any], user: AbstractBaseUser | AnonymousUser, credential: Credential | None
) -> None:
    """Count a request, by its META, for a key or link, else a person, else an address; once only.

    Raises `TooManyRequests`.
    """
    if _SPENT in meta:
        return
    account = _account(meta, user, credential)
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
    meta: Mapping[str, Any],
    user: AbstractBaseUser | AnonymousUser,
    credential: Credential | None,
) -> _Account:
    if isinstance(credential, ApiKey):
        own = credential.requests_per_hour
        limit = settings.API_REQUESTS_PER_HOUR if own is None else own
        return _Account("key", str(credential.pk), limit)
    if credential is None and user.is_authenticated:
        return _Account("person", str(user.pk), settings.API_PERSON_REQUESTS_PER_HOUR)
    address = network(address_of(meta))
    if credential is not None:
        subject = f"{credential.pk} {address}"
        return _Account("link", subject, settings.API_PERSON_REQUESTS_PER_HOUR)
    return _Account("address", address, settings.API_ADDRESS_REQUESTS_PER_HOUR)
