"""Limits how often a password may be tried, for each account or shared link and each address.

A try is counted before the password is looked at, so tries side by side do not slip through.
"""

from dataclasses import dataclass
from typing import Final

from webapp.rates.limiter import limiter
from webapp.rates.windows import Quota

WINDOW_S: Final = 900


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries_max` tries in any `WINDOW_S`."""

    kind: str
    tries_max: int


ACCOUNT: Final = Limit("account", 10)
LINK: Final = Limit("link", 100)  # many people may know the password of one
LINK_ADDRESS: Final = Limit("link-address", 10)  # so few that nobody alone shuts the others out
ADDRESS: Final = Limit("address", 50)  # an office behind one address shares it


def take(limit: Limit, subject: str) -> bool:
    """Count one try by `subject`; False when it had too many already.

    Without Redis every try is let in: people are not locked out by a store of counters.
    """
    found = limiter().spend(_kind(limit), subject, Quota(limit.tries_max, WINDOW_S))
    return found is None or found.allowed


def forget(limit: Limit, subject: str) -> None:
    """Begin anew after a log-in that succeeded."""
    limiter().forget(_kind(limit), subject)


def _kind(limit: Limit) -> str:
    return f"log-in-{limit.kind}"
