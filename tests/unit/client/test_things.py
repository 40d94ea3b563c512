"""What belongs to a site, and its reports: what is sent, and what the answers become."""

import datetime as dt
import json
from typing import Any

import httpx
import pytest

from pawprint_client import (
    AsyncPawprint,
    Cohort,
    Goal,
    PawprintError,
    RateLimited,
    Segment,
    Unavailable,
    equals,
)
from tests.unit.client.test_client import META, Server, client_of, json_answer, waits

__all__ = ["waits"]

GOAL = {
    "id": 3,
    "display_name": "Buy",
    "goal_type": "event",
    "event_name": "Buy",
    "page_path": None,
    "scroll_threshold": -1,
    "custom_props": {"plan": "pro"},
    "currency": "EUR",
}
SEGMENT = {
    "id": 4,
    "name": "Germany",
    "kind": "site",
    "filters": [["is", "visit:country", ["DE"]]],
    "updated_at": "2026-11-23T10:00:00.500000Z",
}
NOTE = {"id": 5, "date": "2026-11-23", "time": None, "text": "Out", "author": None}
LINK = {
    "id": 6,
    "name": "Board",
    "url": "https://stats.example/share/x",
    "has_password": True,
    "created_at": "2026-11-23T10:00:00Z",
}


def sent(server: Server) -> tuple[str, str, dict[str, str], Any]:
    """Method, path, query and body of the last request."""
    request = server.asked[-1]
    body = json.loads(request.content) if request.content else None
    return request.method, request.url.path, server.query, body


def test_sites_beyond_a_page() -> None:
    def page(domain: str, after: str | None) -> httpx.Response:
        sites = [{"domain": domain, "timezone": "UTC"}]
        return json_answer({"sites": sites, "meta": {"after": after}})

    server = Server(page("a.example", "MTc"), page("b.example", "MTY"), page("c.example", None))
    domains = [site.domain for site in client_of(server).sites()]
    assert domains == ["a.example", "b.example", "c.example"]
    assert [str(request.url.query, "ascii") for request in server.asked] == [
        "limit=1000",
        "limit=1000&after=MTc",
        "limit=1000&after=MTY",
    ]


def test_pages_in_a_circle_have_an_end() -> None:
    server = Server(json_answer({"sites": [], "meta": {"after": "MTc"}}))
    with pytest.raises(PawprintError, match="twice"):
        client_of(server).sites()
    assert len(server.asked) == 2


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_leads_to_no_other_address(name: str) -> None:
    server = Server(json_answer({}))
    pawprint = client_of(server)
    for call in (
        lambda: pawprint.site(name),
        lambda: pawprint.delete_site(name),
        lambda: pawprint.delete_custom_prop("a.example", name),
        lambda: pawprint.remove_guest("a.example", name),
    ):
        with pytest.raises(ValueError, match="is no name"):
            call()
    assert server.asked == []


def test_names_are_one_part_of_the_address() -> None:
    server = Server(json_answer({"deleted": "true"}))
    client_of(server).delete_custom_prop("a.example", "../a b?c#d%2e")
    assert server.asked[-1].url.raw_path == (
        b"/api/v1/sites/custom-props/..%2Fa%20b%3Fc%23d%252e?site_id=a.example"
    )


def test_what_can_be_done_once_is_not_tried_again(waits: list[float]) -> None:
    server = Server(*[httpx.Response(503) for _ in range(3)])
    for call in (
        lambda: client_of(server).create_site("a.example"),
        lambda: client_of(server).delete_site("a.example"),
    ):
        with pytest.raises(Unavailable):
            call()
    assert [request.method for request in server.asked] == ["POST", "DELETE"]
    assert waits == []


def test_goals() -> None:
    server = Server(json_answer({"goals": [GOAL], "meta": {"after": None}}))
    expected = Goal(3, "Buy", "event", "Buy", "", None, {"plan": "pro"}, "EUR")
    assert client_of(server).goals("a.example") == [expected]
    assert sent(server)[1:3] == (
        "/api/v1/sites/goals",
        {"site_id": "a.example", "limit": "1000"},
    )


def test_a_goal_is_made_and_deleted() -> None:
    server = Server(json_answer(GOAL | {"page_path": "/a", "scroll_threshold": 0}))
    goal = client_of(server).create_goal("a.example", "scroll", page_path="/a", scroll_threshold=0)
    assert (goal.page_path, goal.scroll_threshold) == ("/a", 0)
    body = {
        "site_id": "a.example",
        "goal_type": "scroll",
        "page_path": "/a",
        "scroll_threshold": 0,
    }
    assert sent(server) == ("PUT", "/api/v1/sites/goals", {}, body)
    server = Server(json_answer({"deleted": "true"}))
    client_of(server).delete_goal("a.example", 3)
    assert sent(server) == ("DELETE", "/api/v1/sites/goals/3", {"site_id": "a.example"}, None)


def test_segments() -> None:
    server = Server(json_answer({"results": [SEGMENT]}))
    at = dt.datetime(2026, 11, 23, 10, 0, 0, 500_000, dt.UTC)
    filters = [["is", "visit:country", ["DE"]]]
    segment = Segment(4, "Germany", "site", filters, at)
    assert client_of(server).segments("a.example") == [segment]
    asked = {"site_id": "a.example"}
    assert sent(server) == ("GET", "/api/v1/segments", asked, None)
    server = Server(json_answer(SEGMENT, 201))
    assert client_of(server).create_segment("a.example", "Germany", filters) == segment
    body = {"name": "Germany", "filters": filters}
    assert sent(server) == ("POST", "/api/v1/segments", asked, body | {"kind": "site"})
    assert client_of(server).change_segment("a.example", 4, "Germany", filters) == segment
    assert sent(server) == ("PUT", "/api/v1/segments/4", asked, body)
    client_of(Server(httpx.Response(204))).delete_segment("a.example", 4)


def test_annotations() -> None:
    server = Server(json_answer({"results": [NOTE, NOTE | {"time": "09:30:00"}]}))
    day = dt.date(2026, 11, 23)
    first, second = client_of(server).annotations("a.example", date_from=day)
    assert (first.date, first.time, second.time) == (day, None, dt.time(9, 30))
    asked = {"site_id": "a.example"}
    assert sent(server)[2] == asked | {"date_from": "2026-11-23"}
    server = Server(json_answer(NOTE, 201))
    client_of(server).create_annotation("a.example", day, "Out", time=dt.time(9, 30))
    body = {"date": "2026-11-23", "time": "09:30:00", "text": "Out"}
    assert sent(server) == ("POST", "/api/v1/annotations", asked, body)
    client_of(server).change_annotation("a.example", 5, "2026-11-23", "Out")
    body = {"date": "2026-11-23", "text": "Out"}
    assert sent(server) == ("PUT", "/api/v1/annotations/5", asked, body)
    server = Server(httpx.Response(204))
    client_of(server).delete_annotation("a.example", 5)
    assert sent(server) == ("DELETE", "/api/v1/annotations/5", asked, None)


def test_shared_links() -> None:
    server = Server(json_answer({"shared_links": [LINK], "meta": {"after": None}}))
    (link,) = client_of(server).shared_links("a.example")
    assert (link.id, link.has_password) == (6, True)
    assert link.created_at == dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
    server = Server(json_answer({"name": "Board", "url": LINK["url"]}))
    url = client_of(server).create_shared_link("a.example", "Board", password="s")
    assert url == LINK["url"]
    body = {"site_id": "a.example", "name": "Board", "password": "s"}
    assert sent(server) == ("PUT", "/api/v1/sites/shared-links", {}, body)
    client_of(server).revoke_shared_link("a.example", 6)
    assert sent(server)[:2] == ("DELETE", "/api/v1/sites/shared-links/6")


def test_what_would_be_done_twice_is_not_tried_again(waits: list[float]) -> None:
    server = Server(json_answer({"error": "later"}, 503))
    pawprint = client_of(server)
    for change in (
        lambda: pawprint.create_segment("a.example", "x", []),
        lambda: pawprint.create_annotation("a.example", "2026-11-23", "x"),
        lambda: pawprint.delete_goal("a.example", 3),
    ):
        with pytest.raises(Unavailable):
            change()
    assert (len(server.asked), waits) == (3, [])
    made = Server(json_answer({"error": "x"}, 429, **{"Retry-After": "1"}), json_answer(GOAL))
    assert client_of(made).create_goal("a.example", "event", event_name="Buy").id == 3
    with pytest.raises(RateLimited):
        client_of(Server(json_answer({}, 429))).delete_goal("a.example", 3)


def test_an_id_is_a_number() -> None:
    with pytest.raises(ValueError):
        client_of(Server(json_answer({}))).delete_goal("a.example", "../sites")  # type: ignore[arg-type]  # what is no number


@pytest.mark.parametrize("answer", [{"goals": [{"id": 1}]}, {"goals": 5}, {}, 7, None])
def test_what_is_not_as_agreed(answer: object) -> None:
    with pytest.raises(PawprintError, match="does not understand"):
        client_of(Server(json_answer(answer))).goals("a.example")


def test_a_funnel() -> None:
    row = {"step": "event:page==/", "visits": 4, "visitors": 3, "conversion_rate": 100.0}
    server = Server(json_answer({"results": [row], "meta": META}))
    steps = [
        equals("event:page", "/"),
        [equals("event:page", "/a;b"), equals("visit:country", "DE")],
    ]
    table = client_of(server).funnel("a.example", steps, period="7d", within=30)
    assert table[0]["visits"] == 4
    assert server.asked[0].url.params.get_list("step") == [
        "event:page==/",
        r"event:page==/a\;b;visit:country==DE",
    ]
    assert server.query["within"] == "30"


def test_journeys() -> None:
    leaf = {"page": "/b", "visits": 1, "visitors": 1, "ended": 1, "unsure": 0, "steps": []}
    root = {"page": "", "visits": 2, "visitors": 2, "ended": 1, "unsure": 0, "steps": [leaf]}
    server = Server(json_answer({"results": root, "meta": META}))
    journey = client_of(server).journeys(
        "a.example", equals("event:page", "/"), direction="backwards"
    )
    assert (journey.start.visits, journey.start.steps[0].page) == (2, "/b")
    assert journey.meta.timezone == "Europe/Berlin"
    assert server.query["start"] == "event:page==/"
    assert server.query["direction"] == "backwards"


def test_retention() -> None:
    results = {
        "cohorts": [{"start": 1_773_097_200, "visitors": [5, 2]}],
        "visits": [{"visits": 1, "visitors": 3}, {"visits": 2, "visitors": 2}],
        "returned_rate": 40.0,
    }
    server = Server(json_answer({"results": results, "meta": META}))
    found = client_of(server).retention("a.example", period="day", bucket="hour")
    assert found.cohorts == (Cohort(dt.datetime(2026, 3, 9, 23, tzinfo=dt.UTC), (5, 2)),)
    assert (found.visits, found.returned_rate) == ({1: 3, 2: 2}, 40.0)
    assert server.query["bucket"] == "hour"


async def test_the_twin_has_pages_too() -> None:
    page = {"goals": [GOAL], "meta": {"after": "MTc"}}
    server = Server(json_answer(page), json_answer({"goals": [GOAL], "meta": {"after": None}}))
    transport = httpx.MockTransport(server)
    async with AsyncPawprint("https://stats.example", "pp_x", transport=transport) as pawprint:
        assert [goal.id for goal in await pawprint.goals("a.example")] == [3, 3]
