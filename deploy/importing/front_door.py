"""The collector's HTTP endpoints, asked until they answer: an outage delays a hit, never loses it.

Every request carries event ids, so one that was stored although its answer got lost counts once.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import httpx
import msgspec

IN_FLIGHT_MAX: Final = 32
TIMEOUT_S: Final = 30.0
BACKOFF_FIRST_S: Final = 0.2
BACKOFF_MAX_S: Final = 5.0  # short: a collector on this machine is back within seconds
TELL_EVERY_S: Final = 10.0
_COME_BACK: Final = frozenset({429, 500, 502, 503, 504})


class Refused(RuntimeError):
    """The collector answered that it will never take this request."""


class BatchAnswer(msgspec.Struct):
    """What `POST /api/batch` says; `dropped` has an object with a `reason` for each event."""

    accepted: int
    dropped: list[dict[str, Any]] = []


class FrontDoor:
    """A client of one collector. `tell` gets a line when it stops answering and when it is back."""

    def __init__(
        self,
        url: str,
        tell: Callable[[str], None],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        limits = httpx.Limits(max_connections=IN_FLIGHT_MAX)
        # Proxies of the environment would be given visitors' addresses.
        self._client = httpx.AsyncClient(
            base_url=url, timeout=TIMEOUT_S, limits=limits, trust_env=False, transport=transport
        )
        self._tell = tell
        self._away_since: float | None = None
        self._told_at = 0.0
        self._jitter = random.Random(0)  # noqa: S311 - spreads retries, guards nothing

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """The first answer that is not "come back later". Never gives up."""
        sent = {"Content-Type": "application/json", **headers}
        attempt = 0
        while True:
            pause_s = backoff_s(attempt) * self._jitter.uniform(0.5, 1.0)
            try:
                response = await self._client.post(path, content=body, headers=sent)
            except httpx.TransportError as error:
                self._is_away(type(error).__name__)
            else:
                if response.status_code not in _COME_BACK:
                    self._is_back()
                    return response
                self._is_away(f"status {response.status_code}")
                pause_s = max(pause_s, retry_after_s(response))
            attempt += 1
            await asyncio.sleep(pause_s)

    async def demand(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The body of a good answer. Raises Refused where no retry would help."""
        response = await self.post(path, body, headers)
        if not response.is_success:
            said = response.text[:200]
            raise Refused(f"the collector refused {path} with {response.status_code}: {said}")
        return response.content

    def _is_away(self, why: str) -> None:
        now = time.monotonic()
        if self._away_since is None:
            self._away_since = now
        if now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self._tell(f"The collector can't take hits ({why}): trying again until it can")

    def _is_back(self) -> None:
        if self._away_since is not None:
            away_s = time.monotonic() - self._away_since
            self._tell(f"The collector takes hits again, after {away_s:.0f} s")
            self._away_since, self._told_at = None, 0.0


def backoff_s(attempt: int) -> float:
    """Seconds before the attempt after number `attempt` (from 0): doubling, capped."""
    return min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(attempt, 16))


def retry_after_s(response: httpx.Response) -> float:
    """The seconds a 429 or 503 asks us to wait, capped; 0 if it says none."""
    asked = response.headers.get("Retry-After", "")
    return min(BACKOFF_MAX_S, float(asked)) if asked.isascii() and asked.isdigit() else 0.0
