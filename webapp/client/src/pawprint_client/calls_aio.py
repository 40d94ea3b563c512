"""How calls go out, with asyncio. `calls.py` is made from this file by `generate.py`."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator
from types import TracebackType
from typing import Any, Callable, TypeVar

import httpx

from pawprint_client import wire
from pawprint_client.errors import PawprintError, RateLimited, Unavailable, error_of, retry_after_s
from pawprint_client.retrying import Retries, draw
from pawprint_client.wire import PAGE_ROWS_MAX, Call, Params

C = TypeVar("C", bound="AsyncCalls")
T = TypeVar("T")


class AsyncCalls:
    """Sends what the methods ask; `timeout_s` and `plain_http` as `AsyncPawprint` says."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        timeout_s: float = 20.0,
        retries: Retries = Retries(),  # noqa: B008 - frozen
        transport: httpx.AsyncBaseTransport | None = None,
        plain_http: bool = False,
    ) -> None:
        self._base_url = wire.checked_url(base_url, plain_http)
        self._retries = retries
        self._http = httpx.AsyncClient(
            base_url=self._base_url,
            headers=wire.headers(wire.checked_key(key)),
            timeout=timeout_s,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    async def __aenter__(self: C) -> C:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _send(self, call: Call[T]) -> T:
        """What a call answers. Raises as `_respond`, and for an answer that is not as agreed."""
        request = self._http.build_request(
            call.method, call.path, params=call.params, json=call.body
        )
        return call.parse(await self._respond(request, is_safe=call.is_safe))

    async def _paged(
        self,
        path: str,
        params: Params,
        name: str,
        read: Callable[[Any], T],
    ) -> AsyncIterator[T]:
        """All of a list `name` that comes in pages, fetched page after page as they are taken."""
        seen = {""}
        after = ""
        while True:
            asked = {**params, "limit": PAGE_ROWS_MAX, "after": after}
            call = Call(path, {key: value for key, value in asked.items() if value}, wire.page_of)
            page = await self._send(call)
            for row in page.rows(name, read):
                yield row
            after = page.after
            if not after:
                return
            if after in seen:
                raise PawprintError(f"{path} answered the same page twice")
            seen.add(after)

    async def _stream(
        self, path: str, params: Params, accept: str, silence_s_max: float
    ) -> AsyncGenerator[bytes, None]:
        """An answer piece by piece, as it comes; `silence_s_max` bounds each wait for more.

        Close it after use. Raises as `_respond`, and `Unavailable` where it breaks off.
        """
        request = self._http.build_request(
            "GET", path, params=params, headers={"Accept": accept}, timeout=silence_s_max
        )
        response = await self._respond(request, stream=True)
        try:
            async for piece in response.aiter_bytes():
                yield piece
        except httpx.TransportError as failure:
            raise self._away(failure) from failure
        finally:
            await response.aclose()

    async def _respond(
        self, request: httpx.Request, *, stream: bool = False, is_safe: bool = True
    ) -> httpx.Response:
        """Send it, again if that is safe and the failure may pass; raises the last failure."""
        attempt = 0
        while True:
            attempt += 1
            asked_s: float | None = None
            error: RateLimited | Unavailable
            try:
                response = await self._http.send(request, stream=stream)
                if response.status_code < 300:
                    return response
                await response.aread()
            except httpx.TransportError as failure:
                error = self._away(failure)
                error.__cause__ = failure
            else:
                found = error_of(response, _now())
                if not isinstance(found, (RateLimited, Unavailable)):
                    raise found
                error, asked_s = found, retry_after_s(response, _now())
            wait_s = self._retries.wait_s(error, attempt, asked_s, draw())
            if wait_s is None or not is_safe:
                raise error
            await asyncio.sleep(wait_s)

    def _away(self, failure: httpx.TransportError) -> Unavailable:
        reason = f"{type(failure).__name__}: {failure}"
        return Unavailable(f"{self._base_url} does not answer ({reason})")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)
