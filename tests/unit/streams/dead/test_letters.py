"""Dead letters made into batches again: what is sent, what is refused."""

import msgspec
import pytest

from schemas.events import PAGEVIEW, VERSION, Batch, Hit, Kind, UnknownVersion, Visit, encode_batch
from schemas.records import DeadLetter
from streams.dead.letters import batch_again

RECEIVED_MS = 1_700_049_600_000
YEAR_MS = 365 * 86_400_000


def hit(number: int, at_ms: int) -> Hit:
    return Hit(1, Kind.PAGEVIEW, 1, number, at_ms, at_ms, PAGEVIEW, "example.com", "/", Visit())


def letter(value: bytes, offset: int = 7, topic: str = "hits") -> DeadLetter:
    return DeadLetter(topic, 2, offset, "why", value, RECEIVED_MS)


def batch(*hits: Hit, replay_of: str = "") -> bytes:
    return encode_batch(Batch(VERSION, "c", hits, replay_of=replay_of))


def test_a_batch_says_whose_hits_it_sends_again() -> None:
    sent = batch_again(letter(batch(hit(1, RECEIVED_MS - 5), replay_of="hits/2/3")))
    assert sent.replay_of == "hits/2/7"
    assert sent.hits == (hit(1, RECEIVED_MS - 5),)


def test_hits_of_a_clock_that_ran_ahead_get_the_brokers_time() -> None:
    ahead, right = hit(1, RECEIVED_MS + YEAR_MS), hit(2, RECEIVED_MS - 1_000)
    received_ahead = msgspec.structs.replace(right, received_at_ms=RECEIVED_MS + YEAR_MS)
    sent = batch_again(letter(batch(ahead, right, received_ahead)))
    times = [(each.at_ms, each.received_at_ms) for each in sent.hits]
    assert times == [
        (RECEIVED_MS, RECEIVED_MS),
        (RECEIVED_MS - 1_000, RECEIVED_MS - 1_000),
        (RECEIVED_MS, RECEIVED_MS),
    ]


def test_what_still_cannot_be_decoded_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        batch_again(letter(b"\xc1"))
    with pytest.raises(UnknownVersion):
        batch_again(letter(encode_batch(Batch(VERSION + 1, "c", ()))))
