"""Which addresses a question asks, and what is said when that fails."""

import datetime as dt
from typing import Any

import httpx
import pytest

from deploy.local.errors import StackError
from deploy.query.asking import Api, ask, choose_site
from deploy.query.grammar import parse
from deploy.tasks.__main__ import with_option

API = Api("https://stats.example", "pp_x")
NOW = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.UTC)  # the 25th in Berlin


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """What is asked; every answer has one row."""
    seen: list[tuple[str, dict[str, str]]] = []

    def get(url: str, *, params: dict[str, str], headers: Any, timeout: float) -> httpx.Response:
        assert headers == {"Authorization": "Bearer pp_x"}
        seen.append((url.removeprefix(API.url), params))
        is_total = url.endswith("aggregate")
        results: Any = {"visitors": {"value": 3}} if is_total else [{"source": "", "visitors": 3}]
        return httpx.Response(200, json={"results": results})

    monkeypatch.setattr(httpx, "get", get)
    return seen


def test_a_ranking(asked: list[tuple[str, dict[str, str]]]) -> None:
    question = "visitors by source where country is DE or AT and page is not /a last 7d top 3"
    found = ask(API, parse(question), "a.example", "Europe/Berlin", NOW)
    assert asked == [
        (
            "/api/v1/stats/breakdown",
            {
                "site_id": "a.example",
                "dialect": "pawprint",
                "period": "custom",
                "date": "2026-11-19,2026-11-25",
                "metrics": "visitors",
                "filters": "visit:country==DE|AT;event:page!=/a",
                "property": "visit:source",
                "limit": "3",
            },
        )
    ]
    assert (found.names, found.rows) == (("source",), ({"source": "", "visitors": 3},))


def test_the_time_before(asked: list[tuple[str, dict[str, str]]]) -> None:
    found = ask(API, parse("visitors yesterday vs previous"), "a.example", "UTC", NOW)
    assert [(path, each["date"]) for path, each in asked] == [
        ("/api/v1/stats/aggregate", "2026-11-23,2026-11-23"),
        ("/api/v1/stats/aggregate", "2026-11-22,2026-11-22"),
    ]
    assert found.previous == ({"visitors": 3},)


def test_a_series(asked: list[tuple[str, dict[str, str]]]) -> None:
    ask(API, parse("visitors per day"), "a.example", "UTC", NOW)
    (path, parameters) = asked[0]
    assert (path, parameters["interval"]) == ("/api/v1/stats/timeseries", "date")
    assert parameters["date"] == "2026-10-26,2026-11-24"


def answering(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> list[tuple[str, Any]]:
    """Answers by the last part of the address; what is asked."""
    seen: list[tuple[str, Any]] = []

    def get(self: Api, path: str, parameters: dict[str, str]) -> Any:
        name = path.rpartition("/")[2]
        seen.append((name, parameters))
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    monkeypatch.setattr(Api, "get", get)
    return seen


GOALS = {"goals": [{"display_name": name} for name in ("Buy", "Visit /a|b*", "buy", "Sign up")]}


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("Buy", "event:goal==Buy"),
        ("buy", "event:goal==buy"),
        ("'sign UP'", "event:goal==Sign up"),
        ("'visit /a|b*'", r"event:goal==Visit /a\|b\*"),
    ],
)
def test_goals_go_by_the_sites_names(said: str, sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    totals = {"results": {"visitors": {"value": 3}}}
    seen = answering(monkeypatch, goals=GOALS, aggregate=totals)
    ask(API, parse(f"visitors where goal is {said}"), "a.example", "UTC", NOW)
    assert [name for name, _ in seen] == ["goals", "aggregate"]
    assert seen[1][1]["filters"] == sent


@pytest.mark.parametrize(
    ("question", "goals", "says"),
    [
        ("visitors where goal is 'sing up'", GOALS, "'sing up'.*mean Sign up"),
        ("visitors where goal is BUY", GOALS, "no goal 'BUY'"),  # there are two
        ("visitors where goal is xyz", GOALS, "Its goals: Buy, "),
        ("visitors by goal", {"goals": []}, "has no goals: make one"),
    ],
)
def test_goals_that_are_none(
    question: str, goals: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = answering(monkeypatch, goals=goals)
    with pytest.raises(StackError, match=says):
        ask(API, parse(question), "a.example", "UTC", NOW)
    assert len(seen) == 1, "no numbers were asked for"


def test_revenue_is_compared_in_one_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    money = {"currency": "EUR", "converted": [], "left_out": ["JPY"]}
    totals = {"results": {"total_revenue": {"value": 1.5}}, "meta": {"revenue": money}}
    seen = answering(monkeypatch, aggregate=totals)
    found = ask(API, parse("revenue vs previous"), "a.example", "UTC", NOW)
    assert (found.currency, found.left_out) == ("EUR", ("JPY",))
    assert [parameters.get("currency") for _, parameters in seen] == [None, "EUR"]


def test_revenue_without_a_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    said = StackError("currency: is needed for revenue: a code of ISO 4217, as in EUR")
    answering(monkeypatch, breakdown=said)
    with pytest.raises(StackError, match="add it, as in: revenue in EUR"):
        ask(API, parse("revenue by source"), "a.example", "UTC", NOW)


def test_properties_of_one_name_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"event:props:source": "a", "visit:source": "b", "plan": "c", "visitors": 1}
    answering(monkeypatch, breakdown={"results": [row]})
    question = "visitors by prop:source, source and prop:plan"
    found = ask(API, parse(question), "a.example", "UTC", NOW)
    assert found.names == ("event:props:source", "visit:source", "plan")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(401, json={"error": "no such key"}), "no such key"),
        (httpx.Response(502, text="<html>"), "502, no JSON"),
        (httpx.ConnectError("refused"), "does not answer: refused"),
    ],
)
def test_what_goes_wrong(answer: Any, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(*_: object, **__: object) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    monkeypatch.setattr(httpx, "get", get)
    with pytest.raises(StackError, match=says):
        API.get("/api/v1/sites", {})


@pytest.mark.parametrize(
    ("sites", "wanted", "otherwise", "chosen"),
    [
        (["a.example"], "", "", "a.example"),
        (["a.example", "b.example"], "", "b.example", "b.example"),
        (["a.example", "b.example"], "a.example", "b.example", "a.example"),
    ],
)
def test_which_site(
    sites: list[str], wanted: str, otherwise: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"sites": [{"domain": each, "timezone": "UTC"} for each in sites]}
    monkeypatch.setattr(Api, "get", lambda *_: found)
    assert choose_site(API, wanted, otherwise) == (chosen, "UTC")


@pytest.mark.parametrize(("wanted", "says"), [("", "Which site"), ("c.example", "no site c")])
def test_a_site_that_is_not_clear(wanted: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"sites": [{"domain": each, "timezone": "UTC"} for each in ("a.example", "b.example")]}
    monkeypatch.setattr(Api, "get", lambda *_: found)
    with pytest.raises(StackError, match=f"{says}.*a.example, b.example"):
        choose_site(API, wanted, "")


@pytest.mark.parametrize(
    ("words", "run"),
    [
        (["query", "visitors by page", "--json"], ["query", "visitors by page", "--json"]),
        (["query", "visitors", "by", "page", "--csv"], ["query", "visitors by page", "--csv"]),
        (["query", "--site", "a", "visitors"], ["query", "--site", "a", "visitors"]),
        (["query"], ["query"]),
        (["query", "--help"], ["--help", "query"]),
    ],
)
def test_a_question_needs_no_quotes(words: list[str], run: list[str]) -> None:
    assert with_option(words) == run
