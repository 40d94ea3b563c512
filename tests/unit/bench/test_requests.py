"""The load is what it says: people's browsers, whose every request counts."""

from tests.bench.requests import AGENTS_COUNT, agents, requests
from tests.unit.collector.support import running


def test_there_are_as_many_agents_as_it_says() -> None:
    assert len(set(agents())) == AGENTS_COUNT


async def test_every_request_is_accepted_and_counts() -> None:
    drawn = requests(1, 2_000, ["example.com"])
    async with running() as collector:
        for raw in drawn:
            head, _, body = raw.partition(b"\r\n\r\n")
            lines = (line.decode().partition(": ") for line in head.split(b"\r\n")[1:])
            headers = {name.lower(): text for name, _, text in lines}
            assert int(headers["content-length"]) == len(body)
            assert (await collector.request("POST", "/api/event", body, headers)).status == 202
        hits = collector.sink.hits()
        assert len(hits) == len(drawn)
        assert {hit.left_out for hit in hits} == {""}
        assert "" not in {hit.visit.browser for hit in hits}
        assert len({hit.visitor_id for hit in hits}) > 200


def test_the_same_seed_draws_the_same() -> None:
    assert requests(2, 50, ["a.example", "b.example"]) == requests(
        2, 50, ["a.example", "b.example"]
    )
