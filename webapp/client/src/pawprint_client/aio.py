"""The client for asyncio. `client.py` is made from this file by `generate.py`: edit this one."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

import httpx

from pawprint_client import results, wire
from pawprint_client.errors import RateLimited, Unavailable, error_of, retry_after_s
from pawprint_client.parameters import Names, Option, Period, asked, listed
from pawprint_client.retrying import Retries, draw
from pawprint_client.wire import Call

T = TypeVar("T")

BREAKDOWN_ROWS_MAX = 1_000  # of one answer of v1
QUERY_ROWS_MAX = 10_000  # of one answer of v2
LIVE_SILENCE_S_MAX = 30.0  # a live stream speaks every 5 s


class AsyncPawprint:
    """Reads the numbers of the sites that `key` may read.

    Safe for many tasks at once. Close it, or use it as a context manager. Every method raises
    `AuthError`, `InvalidRequest`, `RateLimited` or `Unavailable`, all of them `PawprintError`.
    `timeout_s` bounds each attempt's connecting, sending and each wait for more of the answer;
    `plain_http` lets the key go unencrypted to another machine, as inside a private network.
    """

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
        return f"AsyncPawprint({self._base_url!r})"

    async def __aenter__(self) -> AsyncPawprint:
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

    # ---- Numbers of a site

    async def aggregate(
        self,
        site: str,
        metrics: Names = "visitors",
        *,
        period: Period = "",
        date: str = "",
        filters: Names = (),
        compare: str = "",
        **options: Option,
    ) -> results.Aggregate:
        """Totals of a period; with `compare="previous_period"` also how much each changed.

        `options` are other parameters of the operation, such as `currency` and `percentile`.
        """
        names = listed(metrics)
        params = asked(site, period, date, filters, metrics=names, compare=compare, **options)
        return await self._send(Call("/api/v1/stats/aggregate", params, results.aggregate_of))

    async def timeseries(
        self,
        site: str,
        metrics: Names = "visitors",
        *,
        period: Period = "",
        date: str = "",
        interval: str = "",
        filters: Names = (),
        **options: Option,
    ) -> results.Table:
        """A period step by step, in a column `date` and one for each metric."""
        names = listed(metrics)
        params = asked(site, period, date, filters, metrics=names, interval=interval, **options)
        return await self._send(Call("/api/v1/stats/timeseries", params, results.table_of))

    async def breakdown(
        self,
        site: str,
        by: Names,
        metrics: Names = "visitors",
        *,
        period: Period = "",
        date: str = "",
        filters: Names = (),
        limit: int = 100,
        page: int = 1,
        **options: Option,
    ) -> results.Table:
        """A period by the values of one property or several; the first metric orders the rows."""
        names = {"property": listed(by), "metrics": listed(metrics)}
        given = {**names, "limit": limit, "page": page, **options}
        params = asked(site, period, date, filters, **given)
        return await self._send(Call("/api/v1/stats/breakdown", params, results.table_of))

    async def breakdown_rows(
        self,
        site: str,
        by: Names,
        metrics: Names = "visitors",
        *,
        period: Period = "",
        date: str = "",
        filters: Names = (),
        page_rows: int = BREAKDOWN_ROWS_MAX,
        **options: Option,
    ) -> AsyncIterator[results.Record]:
        """All rows of a breakdown, fetched page after page as they are taken."""
        page = 0
        found = page_rows
        while found >= page_rows:
            page += 1
            table = await self.breakdown(
                site,
                by,
                metrics,
                period=period,
                date=date,
                filters=filters,
                limit=page_rows,
                page=page,
                **options,
            )
            found = len(table)
            for row in table:
                yield row

    async def realtime(self, site: str) -> int:
        """Visitors on the site right now: last seen within 5 minutes."""
        call = Call("/api/v1/stats/realtime/visitors", asked(site), int)
        return await self._send(call)

    async def now(self, site: str) -> results.Now:
        """The site right now, minute by minute, and what the current visitors look at."""
        return await self._send(Call("/api/v1/stats/realtime", asked(site), results.now_of))

    async def ledger(self, site: str, *, period: Period = "", date: str = "") -> results.Ledger:
        """Where every hit of a period went."""
        params = asked(site, period, date)
        return await self._send(Call("/api/v1/stats/ledger", params, results.ledger_of))

    async def alerts(self, site: str) -> results.Table:
        """Spike alerts, newest first."""
        return await self._send(Call("/api/v1/alerts", asked(site), results.table_of))

    async def query(
        self,
        site: str,
        metrics: Sequence[str],
        date_range: str | Sequence[str],
        *,
        dimensions: Sequence[str] = (),
        filters: Sequence[Any] = (),
        order_by: Sequence[Sequence[str]] = (),
        include: Mapping[str, Any] | None = None,
        limit: int = QUERY_ROWS_MAX,
        offset: int = 0,
    ) -> results.Table:
        """Any question (`POST /api/v2/query`): filters nest, rows may be ordered by anything."""
        given = {"dimensions": dimensions, "filters": filters, "order_by": order_by}
        body: dict[str, Any] = {
            "site_id": site,
            "metrics": list(metrics),
            "date_range": date_range if isinstance(date_range, str) else list(date_range),
            "pagination": {"limit": limit, "offset": offset},
            **{name: list(value) for name, value in given.items() if value},
        }
        if include:
            body["include"] = dict(include)
        return await self._send(Call("/api/v2/query", {}, results.query_of, "POST", body))

    async def query_rows(
        self,
        site: str,
        metrics: Sequence[str],
        date_range: str | Sequence[str],
        *,
        dimensions: Sequence[str] = (),
        filters: Sequence[Any] = (),
        order_by: Sequence[Sequence[str]] = (),
        page_rows: int = QUERY_ROWS_MAX,
    ) -> AsyncIterator[results.Record]:
        """All rows of a question, fetched page after page as they are taken."""
        offset = 0
        found = page_rows
        while found >= page_rows:
            table = await self.query(
                site,
                metrics,
                date_range,
                dimensions=dimensions,
                filters=filters,
                order_by=order_by,
                limit=page_rows,
                offset=offset,
            )
            found = len(table)
            offset += found
            for row in table:
                yield row

    async def live(self, site: str) -> AsyncIterator[results.LiveEvent]:
        """The site as it is, for as long as one listens; ends when the server closes the stream."""
        reader = wire.EventReader()
        try:
            async with self._http.stream(
                "GET",
                "/api/v1/live/stream",
                params=asked(site),
                headers={"Accept": "text/event-stream"},
                timeout=LIVE_SILENCE_S_MAX,
            ) as response:
                if response.status_code != 200:
                    await response.aread()
                    raise error_of(response, _now())
                async for line in response.aiter_lines():
                    for event in reader.feed(line):
                        yield event
        except httpx.TransportError as error:
            raise Unavailable(_reason(self._base_url, error)) from error

    # ---- Sites

    async def sites(self) -> list[results.Site]:
        """The sites that the key may read, the newest first; of very many the first 1,000."""
        return await self._send(Call("/api/v1/sites", {"limit": "1000"}, results.sites_of))

    # ---- How calls go out

    async def _send(self, call: Call[T]) -> T:
        """Send a call, again if it is safe and the failure may pass; raises the last failure."""
        attempt = 0
        while True:
            attempt += 1
            asked_s: float | None = None
            error: RateLimited | Unavailable
            try:
                response = await self._http.request(
                    call.method, call.path, params=call.params, json=call.body
                )
            except httpx.TransportError as failure:
                error = Unavailable(_reason(self._base_url, failure))
                error.__cause__ = failure
            else:
                if response.status_code < 300:
                    return call.parse(response)
                found = error_of(response, _now())
                if not isinstance(found, (RateLimited, Unavailable)):
                    raise found
                error, asked_s = found, retry_after_s(response, _now())
            wait_s = self._retries.wait_s(error, attempt, asked_s, draw())
            if wait_s is None or not call.is_safe:
                raise error
            await asyncio.sleep(wait_s)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _reason(base_url: str, error: httpx.TransportError) -> str:
    return f"{base_url} does not answer ({type(error).__name__}: {error})"
