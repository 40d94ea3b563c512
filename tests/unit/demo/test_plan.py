"""What of a log is history, what is live, and what each hit looks like on the wire."""

import pytest
from msgspec.structs import replace

from deploy.demo.plan import NothingToPlay, Plan, make_plan
from deploy.importing.lines import Line

AT_MS = 1_431_857_103_000


def line(number: int, at_s: int, target: str = "/", referrer: str = "") -> Line:
    return Line(number, AT_MS + at_s * 1000, "192.0.2.1", "GET", target, 200, 1, referrer, "Agent")


def plan(lines: list[Line], share: float = 0.7) -> Plan:
    return make_plan(lines, "demo.test", "abc", share)


def test_play_order_is_time_then_line() -> None:
    found = plan([line(1, 30), line(2, 10), line(3, 30), line(4, 20)], share=0.5)
    assert [each.number for each in found.history] == [2, 4]
    assert [each.number for each in found.live] == [1, 3]


@pytest.mark.parametrize(("share", "history"), [(0.0, 0), (0.7, 7), (0.75, 8), (1.0, 10)])
def test_the_split(share: float, history: int) -> None:
    found = plan([line(n, n) for n in range(10)], share)
    assert (len(found.history), len(found.live)) == (history, 10 - history)


def test_the_last_of_history_falls_on_the_second_of_the_start() -> None:
    found = plan([line(n, n) for n in range(10)])
    started_ms = 1_700_000_000_789
    shift_ms = found.shift_ms(started_ms)
    assert shift_ms % 1000 == 0
    assert found.history[-1].at_ms + shift_ms == 1_700_000_000_000
    assert plan([line(1, 1)], share=0.0).shift_ms(started_ms) == 0


def test_only_pages_are_played() -> None:
    found = plan([line(1, 1, "/a.css"), line(2, 2)], share=1.0)
    assert [each.number for each in found.history] == [2]


def test_batches_keep_order_and_lose_nothing() -> None:
    found = plan([line(n, n) for n in range(7)], share=1.0)
    batches = found.batches(3)
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert tuple(each for batch in batches for each in batch) == found.history


def test_a_history_event() -> None:
    found = plan([line(5, 0, "/a%20b?c=1", "https://lobste.rs/")], share=1.0)
    assert found.history_event(found.history[0], 60_007) == {
        "name": "pageview",
        "url": "https://demo.test/a%20b?c=1",
        "timestamp": "2015-05-17T10:06:03.007Z",
        "ip": "192.0.2.1",
        "user_agent": "Agent",
        "referrer": "https://lobste.rs/",
        "event_id": "abc:5",
    }


def test_a_live_event_is_another_in_each_round() -> None:
    found = plan([line(5, 0)], share=0.0)
    events = [found.live_event(found.live[0], number) for number in (1, 2)]
    assert [event["event_id"] for event in events] == ["abc:5:1", "abc:5:2"]
    assert events[0] == {
        "name": "pageview",
        "url": "https://demo.test/",
        "domain": "demo.test",
        "event_id": "abc:5:1",
    }


@pytest.mark.parametrize(
    ("referrer", "sent"),
    [
        ("https://www.logged.example/a?b", "https://demo.test/a?b"),
        ("http://logged.example", "https://demo.test/"),
        ("https://elsewhere.example/a", "https://elsewhere.example/a"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_the_demo_site_stands_for_the_logged_one(referrer: str, sent: str) -> None:
    assets = [line(n, n, "/a.css", "https://logged.example/x") for n in range(3)]
    found = plan([*assets, line(9, 9, referrer=referrer)], share=1.0)
    assert found.history_event(found.history[0], 0).get("referrer") == sent


def test_a_log_without_pages_cannot_be_played() -> None:
    with pytest.raises(NothingToPlay, match="no pageview"):
        plan([replace(line(1, 1), status=404)])


def test_a_log_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.plan.PAGES_MAX", 3)
    with pytest.raises(NothingToPlay, match="more than 3"):
        plan([line(n, n) for n in range(4)])
