"""The client. Made by `generate.py` from the one for asyncio: edit that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pawprint_client import results, wire
from pawprint_client.parameters import Names, Option, Period, asked, listed
from pawprint_client.reports import Reports
from pawprint_client.sites import Sites
from pawprint_client.wire import Call

BREAKDOWN_ROWS_MAX = 1_000  # of one answer of v1
QUERY_ROWS_MAX = 10_000  # of one answer of v2
LIVE_SILENCE_S_MAX = 30.0  # a live stream speaks every 5 s


class Pawprint(Reports, Sites):
    """The numbers of the sites that `key` may read, and what belongs to these sites.

    Safe for many threads at once. Close it, or use it as a context manager. Every method raises
    `AuthError`, `InvalidRequest`, `RateLimited` or `Unavailable`, all of them `PawprintError`.
    `timeout_s` bounds each attempt's connecting, sending and each wait for more of the answer;
    `plain_http` lets the key go unencrypted to another machine, as inside a private network.
    """

    # ---- Numbers of a site

    def aggregate(
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
        return self._send(Call("/api/v1/stats/aggregate", params, results.aggregate_of))

    def timeseries(
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
        return self._send(Call("/api/v1/stats/timeseries", params, results.table_of))

    def breakdown(
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
        return self._send(Call("/api/v1/stats/breakdown", params, results.table_of))

    def breakdown_rows(
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
    ) -> Iterator[results.Record]:
        """All rows of a breakdown, fetched page after page as they are taken."""
        page = 0
        found = page_rows
        while found >= page_rows:
            page += 1
            table = self.breakdown(
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
            yield from table

    def realtime(self, site: str) -> int:
        """Visitors on the site right now: last seen within 5 minutes."""
        call = Call("/api/v1/stats/realtime/visitors", asked(site), int)
        return self._send(call)

    def now(self, site: str) -> results.Now:
        """The site right now, minute by minute, and what the current visitors look at."""
        return self._send(Call("/api/v1/stats/realtime", asked(site), results.now_of))

    def ledger(self, site: str, *, period: Period = "", date: str = "") -> results.Ledger:
        """Where every hit of a period went."""
        params = asked(site, period, date)
        return self._send(Call("/api/v1/stats/ledger", params, results.ledger_of))

    def alerts(self, site: str) -> results.Table:
        """Spike alerts, newest first."""
        return self._send(Call("/api/v1/alerts", asked(site), results.table_of))

    def query(
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
        return self._send(Call("/api/v2/query", {}, results.query_of, "POST", body))

    def query_rows(
        self,
        site: str,
        metrics: Sequence[str],
        date_range: str | Sequence[str],
        *,
        dimensions: Sequence[str] = (),
        filters: Sequence[Any] = (),
        order_by: Sequence[Sequence[str]] = (),
        page_rows: int = QUERY_ROWS_MAX,
    ) -> Iterator[results.Record]:
        """All rows of a question, fetched page after page as they are taken."""
        offset = 0
        found = page_rows
        while found >= page_rows:
            table = self.query(
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
            yield from table

    def live(self, site: str) -> Iterator[results.LiveEvent]:
        """The site as it is, for as long as one listens; ends when the server closes the stream."""
        lines, events = wire.LineReader(), wire.EventReader()
        kind = "text/event-stream"
        pieces = self._stream("/api/v1/live/stream", asked(site), kind, LIVE_SILENCE_S_MAX)
        try:
            for piece in pieces:
                for line in lines.feed(piece):
                    yield from events.feed(line)
        finally:
            pieces.close()
