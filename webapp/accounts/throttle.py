"""Limits how often a log-in may be tried, for each account and for each address.

Kept in the cache under keyed hashes that expire: neither e-mail nor network addresses are stored.
"""

import logging
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW_S: Final = 900


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries_max` tries in a window that begins with the first."""

    kind: str
    tries_max: int


ACCOUNT: Final = Limit("account", 10)
ADDRESS: Final = Limit("address", 50)  # an office behind one address shares it


def take(limit: Limit, subject: str) -> bool:
    """Count one try by `subject`; False when it had too many already.

    Counted before the password is looked at, so tries side by side do not slip through. Without
    Redis every try is let in: people are not locked out by a cache.
    """
    key = _key(limit, subject)
    try:
        if cache.add(key, 1, WINDOW_S):
            return True
        return cache.incr(key) <= limit.tries_max
    except RedisError:
        logger.warning("log-ins are not throttled: Redis is away")
        return True
    except ValueError:  # the window ended between `add` and `incr`
        return True


def forget(limit: Limit, subject: str) -> None:
    """Begin anew after a log-in that succeeded."""
    try:
        cache.delete(_key(limit, subject))
    except RedisError:
        logger.warning("a log-in throttle was not cleared: Redis is away")


def _key(limit: Limit, subject: str) -> str:
    digest = salted_hmac("webapp.accounts.throttle", f"{limit.kind} {subject}", algorithm="sha256")
    return f"login:{limit.kind}:{digest.hexdigest()}"
