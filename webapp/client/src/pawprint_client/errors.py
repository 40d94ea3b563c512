"""What can go wrong, as exceptions: caught by kind, with what a program needs to go on."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime

import httpx

# How answers name a parameter: ahead of a colon, or as clients of Plausible know it.
_FIELD = re.compile(
    r"^#?/?([\w./-]{1,60}): |`(\w{1,60})` parameter|^Parameter `(\w{1,60})`|"
    r"\bprovide (\w{1,60}) as ",
    re.ASCII,
)
_TEXT_CHARS_MAX = 500


class PawprintError(Exception):
    """Whatever went wrong; `status` is the HTTP status, None without an answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class AuthError(PawprintError):
    """No valid key, or no site of yours: the two are told apart for nobody."""


class InvalidRequest(PawprintError):
    """What was asked cannot be asked; `field` names the parameter where the answer does."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message, status)
        named = _FIELD.search(message)
        self.field = next(filter(None, named.groups()), None) if named else None


class RateLimited(PawprintError):
    """Too many requests; `retry_after_s` is how long to wait, None where the answer is silent."""

    def __init__(self, message: str, status: int, retry_after_s: float | None) -> None:
        super().__init__(message, status)
        self.retry_after_s = retry_after_s


class Unavailable(PawprintError):
    """The server or the way to it is away, or did not answer in time. Trying later may help."""


def error_of(response: httpx.Response, now: dt.datetime) -> PawprintError:
    """The exception that an answer of 300 and above stands for."""
    status, message = response.status_code, _message(response)
    if status in (401, 403):
        return AuthError(message, status)
    if status == 429:
        return RateLimited(message, status, retry_after_s(response, now))
    if status >= 500:
        return Unavailable(message, status)
    if status >= 400:
        return InvalidRequest(message, status)
    # Followed, a redirect would carry the key to who knows whom.
    return PawprintError(f"{status}: is the address the right one? Redirects are not followed")


def retry_after_s(response: httpx.Response, now: dt.datetime) -> float | None:
    """`Retry-After` in seconds from `now`, from either of its forms (RFC 9110, 10.2.3)."""
    text = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=dt.timezone.utc)
    return max(0.0, (at - now).total_seconds())


def _message(response: httpx.Response) -> str:
    try:
        found = response.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        text = found.get("error") or found.get("errors") or found.get("detail")
        if text:
            return str(text)[:_TEXT_CHARS_MAX]
    return f"{response.status_code} {response.reason_phrase}"
