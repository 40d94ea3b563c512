"""Limits of the web application's callers, as its views use them.

Without Redis every request is let in: a store of counters that is away must not take the numbers,
or the log-in, with it. That is logged once, with how many came through when it is back.
"""

import ipaddress
import logging
import time
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from aggregates.protocols import StoreUnavailable
from schemas import redis_keys
from webapp.rates.redis import RedisWindows
from webapp.rates.windows import Quota, Spent, Windows

logger = logging.getLogger(__name__)

RETRY_S: Final = 5.0  # Redis is not waited for by each request while it is away
_DIGEST_CHARS: Final = 32  # 128 bits: two callers do not meet
_IPV6_PREFIX: Final = 64  # what one household or machine is given


class Limiter:
    """Counts requests; threads share it."""

    def __init__(
        self,
        windows: Windows,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._windows = windows
        self._clock = clock
        self._monotonic = monotonic
        self._lock = Lock()
        self._retry_at = 0.0  # on the monotonic clock
        self._uncounted = 0  # requests let in since Redis was last reached

    def spend(self, kind: str, subject: str, quota: Quota) -> Spent | None:
        """Count one request of `subject`; None while nothing can be counted."""
        if self._is_away():
            return None
        try:
            found = self._windows.spend(name(kind, subject), quota, self._clock())
        except StoreUnavailable as error:
            self._note_away(error)
            return None
        self._note_back()
        return found

    def forget(self, kind: str, subject: str) -> None:
        """Begin anew with `subject`."""
        try:
            self._windows.forget(name(kind, subject))
        except StoreUnavailable as error:
            logger.warning("a rate limit was not cleared: %s", error)

    def _is_away(self) -> bool:
        with self._lock:
            away = self._monotonic() < self._retry_at
            self._uncounted += away
            return away

    def _note_away(self, error: StoreUnavailable) -> None:
        with self._lock:
            first = not self._uncounted
            self._uncounted += 1
            self._retry_at = self._monotonic() + RETRY_S
        if first:
            logger.warning("requests are not limited: %s", error)

    def _note_back(self) -> None:
        with self._lock:
            uncounted, self._uncounted = self._uncounted, 0
        if uncounted:
            logger.warning("requests are limited again; %d came uncounted", uncounted)


@cache
def limiter() -> Limiter:
    """The process's limiter."""
    return Limiter(RedisWindows(settings.REDIS_URL))


def name(kind: str, subject: str) -> str:
    """The Redis key: of the subject only a keyed hash, so no address and no e-mail is stored."""
    digest = salted_hmac("webapp.rates", f"{kind} {subject}", algorithm="sha256").hexdigest()
    return redis_keys.rate(kind, digest[:_DIGEST_CHARS])


def network(address: str) -> str:
    """What is counted for an address: itself, of IPv6 the /64 it lies in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # no address: a Unix socket's peer
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
