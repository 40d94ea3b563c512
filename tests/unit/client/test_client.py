"""What the client sends and makes of the answers; its twin on a real server is in integration."""

import asyncio
import datetime as dt
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pawprint_client import (
    AsyncPawprint,
    AuthError,
    InvalidRequest,
    LiveEvent,
    Pawprint,
    PawprintError,
    RateLimited,
    Retries,
    Unavailable,
)

Handler = Callable[[httpx.Request], httpx.Response]
META = {"timezone": "Europe/Berlin", "start": 1_773_097_200, "end": 1_773_183_600}
ROWS = [{"page": "/", "visitors": 3}, {"page": "/a", "visitors": None}]


class Server:
    """Answers one after the other, the last one for ever; remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def query(self) -> dict[str, str]:
        return dict(self.asked[-1].url.params)


def client_of(server: Handler, **options: Any) -> Pawprint:
    transport = httpx.MockTransport(server)
    return Pawprint("https://stats.example/", "pp_secret", transport=transport, **options)


def json_answer(found: object, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=found, headers=headers)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were waited, in no time; every draw is 0.5."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(asyncio, "sleep", wait)
    for name in ("calls", "calls_aio"):
        monkeypatch.setattr(f"pawprint_client.{name}.draw", lambda: 0.5)
    return waited


def test_a_call_carries_the_key_and_says_who_it_is() -> None:
    server = Server(json_answer(7))
    with client_of(server) as pawprint:
        assert pawprint.realtime("example.com") == 7
        assert "secret" not in repr(pawprint)
    request = server.asked[0]
    assert str(request.url) == (
        "https://stats.example/api/v1/stats/realtime/visitors?site_id=example.com&dialect=pawprint"
    )
    assert request.headers["authorization"] == "Bearer pp_secret"
    assert request.headers["user-agent"].startswith("pawprint-client/")


def test_totals() -> None:
    found = {"results": {"visitors": {"value": 3, "change": -5}, "lcp": {"value": None}}}
    server = Server(json_answer(found | {"meta": META}))
    totals = client_of(server).aggregate(
        "example.com",
        ["visitors", "lcp"],
        period="7d",
        compare="previous_period",
        percentile=95,
        match_day_of_week=True,
    )
    assert server.query == {
        "site_id": "example.com",
        "dialect": "pawprint",
        "metrics": "visitors,lcp",
        "percentile": "95",
        "match_day_of_week": "true",
        "period": "7d",
        "compare": "previous_period",
    }
    assert dict(totals) == {"visitors": 3, "lcp": None}
    assert totals.totals["visitors"].change == -5
    assert totals.meta.start == dt.datetime(2026, 3, 9, 23, tzinfo=dt.UTC)
    assert totals.to_pandas().to_dict("records")[0]["visitors"] == 3


@pytest.mark.parametrize(
    ("period", "sent"),
    [
        ("30d", {"period": "30d"}),
        ("", {}),
        (
            (dt.date(2026, 11, 1), dt.date(2026, 11, 7)),
            {"period": "custom", "date": "2026-11-01,2026-11-07"},
        ),
        (
            (dt.datetime(2026, 11, 1, 10), dt.datetime(2026, 11, 1, 11)),
            {"period": "custom", "date": "2026-11-01T10:00:00,2026-11-01T11:00:00"},
        ),
    ],
)
def test_periods(period: Any, sent: dict[str, str]) -> None:
    server = Server(json_answer({"results": [], "meta": META}))
    client_of(server).timeseries("example.com", period=period)
    assert server.query == {"site_id": "example.com", "dialect": "pawprint"} | {
        "metrics": "visitors",
        **sent,
    }


def test_all_rows_page_after_page() -> None:
    pages: tuple[list[dict[str, str]], ...] = (
        [{"page": "/a"}, {"page": "/b"}],
        [{"page": "/c"}, {"page": "/d"}],
        [],
    )
    server = Server(*(json_answer({"results": rows, "meta": META}) for rows in pages))
    rows = client_of(server).breakdown_rows("example.com", ["event:page"], page_rows=2)
    assert next(rows) == {"page": "/a"}
    assert len(server.asked) == 1  # no page before it is needed
    assert [row["page"] for row in rows] == ["/b", "/c", "/d"]
    assert [request.url.params["page"] for request in server.asked] == ["1", "2", "3"]


def test_any_question() -> None:
    found = {
        "results": [{"dimensions": ["Google", "2026-11-01"], "metrics": [3, 50]}],
        "meta": {},
        "query": {
            "dimensions": ["visit:source", "time:day"],
            "metrics": ["visitors", "bounce_rate"],
        },
    }
    server = Server(json_answer(found))
    table = client_of(server).query(
        "example.com",
        ["visitors", "bounce_rate"],
        ["2026-11-01", "2026-11-02"],
        dimensions=["visit:source", "time:day"],
        filters=[["is", "visit:country", ["DE"]]],
    )
    assert server.asked[0].method == "POST"
    assert json.loads(server.asked[0].content) == {
        "site_id": "example.com",
        "metrics": ["visitors", "bounce_rate"],
        "date_range": ["2026-11-01", "2026-11-02"],
        "dimensions": ["visit:source", "time:day"],
        "filters": [["is", "visit:country", ["DE"]]],
        "pagination": {"limit": 10_000, "offset": 0},
    }
    assert table.rows == (
        {"source": "Google", "time": "2026-11-01", "visitors": 3, "bounce_rate": 50},
    )


def test_dimensions_that_would_be_called_alike_keep_their_prefix() -> None:
    asked = {"dimensions": ["event:page", "event:props:page"], "metrics": ["visitors"]}
    rows = [{"dimensions": ["/", "x"], "metrics": [1]}]
    table = client_of(Server(json_answer({"results": rows, "query": asked}))).query(
        "example.com", ["visitors"], "7d"
    )
    assert table.columns == ("page", "props:page", "visitors")
    asked["dimensions"] = ["visit:page", "event:page"]
    table = client_of(Server(json_answer({"results": rows, "query": asked}))).query(
        "example.com", ["visitors"], "7d"
    )
    assert table.columns == ("visit:page", "event:page", "visitors")


def test_frames() -> None:
    rows = [
        {"date": "2026-11-01 10:00:00", "visitors": 3, "bounce_rate": None},
        {"date": "2026-11-01 11:00:00", "visitors": 4, "bounce_rate": 12.5},
    ]
    table = client_of(Server(json_answer({"results": rows, "meta": META}))).timeseries(
        "example.com"
    )
    pandas, polars = table.to_pandas(), table.to_polars()
    assert list(pandas.columns) == polars.columns == ["date", "visitors", "bounce_rate"]
    assert pandas["date"].dt.hour.tolist() == polars["date"].dt.hour().to_list() == [10, 11]
    assert pandas["visitors"].sum() == polars["visitors"].sum() == 7
    assert pandas["bounce_rate"].isna().tolist() == polars["bounce_rate"].is_null().to_list()
    empty = client_of(Server(json_answer({"results": [], "meta": META}))).timeseries("example.com")
    assert len(empty.to_pandas()) == len(empty.to_polars()) == len(empty) == 0


def test_a_column_may_turn_from_whole_to_broken_numbers_late() -> None:
    rows = [{"page": str(n), "cls": 0} for n in range(150)] + [{"page": "x", "cls": 0.25}]
    table = client_of(Server(json_answer({"results": rows, "meta": META}))).breakdown(
        "example.com", "event:page", "cls"
    )
    assert table.to_polars()["cls"].sum() == table.to_pandas()["cls"].sum() == 0.25


def test_a_column_that_is_not_there() -> None:
    table = client_of(Server(json_answer({"results": ROWS, "meta": META}))).breakdown(
        "example.com", "event:page"
    )
    assert (table.column("page"), table[1]["visitors"]) == (["/", "/a"], None)
    with pytest.raises(KeyError, match="page, visitors"):
        table.column("pages")


def test_the_ledger_and_the_sites() -> None:
    entries = {"accepted": 7, "counted": 4, "left_out": {"bot": 3}}
    entries |= {"received": 8, "refused": {"too_large": 1}}
    ledger = client_of(Server(json_answer({"results": entries, "meta": META}))).ledger("a.example")
    assert ledger.accepted == ledger.counted + sum(ledger.left_out.values())
    sites = client_of(
        Server(json_answer({"sites": [{"domain": "a.example", "timezone": "UTC"}]}))
    ).sites()
    assert [(site.domain, site.timezone) for site in sites] == [("a.example", "UTC")]


def test_now() -> None:
    top = [{"name": "", "visitors": 2}]
    minutes = [{"minute": 60, "visitors": 2, "pageviews": 3}]
    names = dict.fromkeys(("pages", "sources", "countries", "devices"), top)
    found = {"visitors": 2, "last_30m": 5, "minutes": minutes, **names, "meta": {"now": 90}}
    now = client_of(Server(json_answer(found))).now("a.example")
    assert (now.visitors, now.minutes[0]["pageviews"], now.devices[0].visitors) == (2, 3, 2)


STREAM = (
    ': a comment\n\nevent: live\ndata: {"current": 3}\n\n'
    'event: alert\ndata: {"id":\ndata: 1}\n\nevent: live\ndata: {"cut'
)


def test_a_live_stream() -> None:
    server = Server(httpx.Response(200, text=STREAM))
    events = list(client_of(server).live("example.com"))
    assert events == [LiveEvent("live", {"current": 3}), LiveEvent("alert", {"id": 1})]
    with pytest.raises(AuthError, match="no site"):
        list(client_of(Server(json_answer({"error": "no site"}, 401))).live("example.com"))


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (json_answer({"error": "no"}, 401), AuthError, "no"),
        (json_answer({"error": "limit: too high"}, 400), InvalidRequest, "limit: too high"),
        (json_answer({"error": "x"}, 429), RateLimited, "x"),
        (json_answer({"error": "x"}, 503), Unavailable, "x"),
        (httpx.Response(500, text="<html>"), Unavailable, "500 Internal Server Error"),
        (httpx.Response(302, headers={"Location": "https://x"}), PawprintError, "302"),
        (httpx.Response(200, text="<html>"), PawprintError, "does not understand"),
        (json_answer({"results": 5}), PawprintError, "does not understand"),
        (httpx.ConnectError("refused"), Unavailable, "refused"),
        (httpx.ReadTimeout("slow"), Unavailable, "slow"),
    ],
)
def test_what_goes_wrong_has_a_name(answer: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text) as caught:
        client_of(Server(answer), retries=Retries(attempts=1)).timeseries("example.com")
    assert type(caught.value) is kind
    assert "pp_secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("limit: must be a number", "limit"),
        ('#/metrics/1: Invalid metric "x"', "metrics/1"),
        ("Error parsing `period` parameter: invalid period `9x`.", "period"),
        ("Please provide limit as a number between 1 and 1000.", "limit"),
        ("Parameter `event_name` is required to create a goal", "event_name"),
        ("Missing", None),
    ],
)
def test_an_invalid_request_names_its_field(message: str, field: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        client_of(Server(json_answer({"error": message}, 400))).realtime("example.com")
    assert (caught.value.field, caught.value.status) == (field, 400)


def test_it_waits_longer_each_time_and_then_gives_up(waits: list[float]) -> None:
    server = Server(httpx.ConnectError("refused"))
    with pytest.raises(Unavailable):
        client_of(server).realtime("example.com")
    assert (len(server.asked), waits) == (4, [0.25, 0.5, 1.0])


def test_it_waits_as_long_as_the_server_says(waits: list[float]) -> None:
    later = json_answer({"error": "later"}, 503, **{"Retry-After": "5"})
    limited = json_answer({"error": "slower"}, 429, **{"Retry-After": "2"})
    assert client_of(Server(later, limited, json_answer(7))).realtime("example.com") == 7
    assert waits == [5.25, 2.25]


def test_it_does_not_wait_for_an_hour(waits: list[float]) -> None:
    server = Server(json_answer({"error": "limit"}, 429, **{"Retry-After": "3600"}))
    with pytest.raises(RateLimited) as caught:
        client_of(server).realtime("example.com")
    assert (caught.value.retry_after_s, len(server.asked), waits) == (3600, 1, [])


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_what_stays_wrong_is_not_tried_again(status: int, waits: list[float]) -> None:
    server = Server(json_answer({"error": "x"}, status))
    with pytest.raises(PawprintError):
        client_of(server).realtime("example.com")
    assert (len(server.asked), waits) == (1, [])


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://stats.example", "pp_x"),
        ("stats.example", "pp_x"),
        ("ftp://stats.example", "pp_x"),
        ("https://me:secret@stats.example", "pp_x"),
        ("https://stats.example", ""),
        ("https://stats.example", "pp_x\r\nHost: y"),
    ],
)
def test_addresses_and_keys_are_checked_first(url: str, key: str) -> None:
    with pytest.raises(ValueError):
        Pawprint(url, key)


@pytest.mark.parametrize(
    ("url", "plain_http"), [("http://127.0.0.1:8000", False), ("http://webapp:8000", True)]
)
def test_where_plain_http_is_fine(url: str, plain_http: bool) -> None:
    Pawprint(url, "pp_x", plain_http=plain_http).close()


async def test_the_twin_does_the_same(waits: list[float]) -> None:
    page = json_answer({"results": ROWS, "meta": META})
    later = json_answer({"error": "later"}, 503, **{"Retry-After": "1"})
    server = Server(later, page, json_answer({"results": [], "meta": META}))
    async with AsyncPawprint(
        "https://stats.example", "pp_x", transport=httpx.MockTransport(server)
    ) as pawprint:
        rows = [
            row async for row in pawprint.breakdown_rows("a.example", "event:page", page_rows=2)
        ]
    assert (rows, waits, len(server.asked)) == (ROWS, [1.25], 3)


async def test_the_twin_listens() -> None:
    transport = httpx.MockTransport(Server(httpx.Response(200, text=STREAM)))
    async with AsyncPawprint("https://stats.example", "pp_x", transport=transport) as pawprint:
        assert [event.kind async for event in pawprint.live("a.example")] == ["live", "alert"]
