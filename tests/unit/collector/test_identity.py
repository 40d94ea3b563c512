"""The hashes that stand for people and events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import identity

SALT = bytes(16)
PERSON = identity.who("1.2.3.4", "agent", "")


def test_ids_differ_between_sites_salts_and_purposes() -> None:
    ids = {
        identity.visitor_id(SALT, 1, PERSON),
        identity.visitor_id(SALT, 2, PERSON),
        identity.visitor_id(b"another salt....", 1, PERSON),
        identity.visitor_id(SALT, 1, identity.who("1.2.3.5", "agent", "")),
        identity.visitor_id(SALT, 1, identity.who("1.2.3.4", "agent2", "")),
        identity.visitor_id(SALT, 1, identity.who("", "", "1.2.3.4")),
        identity.event_id(SALT, 1, "1.2.3.4"),
        identity.import_event_id(SALT, 1, "a", 0, b"x"),
        identity.import_event_id(SALT, 1, "b", 0, b"x"),
        identity.import_event_id(SALT, 1, "a", 1, b"x"),
        identity.import_event_id(SALT, 1, "a", 0, b"y"),
    }
    assert len(ids) == 11
    assert all(0 < one < 2**64 for one in ids)


def test_ids_are_stable() -> None:
    """Routes and imports' ids must be the same in every release, or repeats would count twice."""
    assert identity.route(SALT, 7, PERSON) == 0x50481F4D4AF1ACC0
    assert identity.import_event_id(SALT, 7, "log", 3, b"{}") == 0xC8896E2FA4C2431B


def test_partitions_are_even() -> None:
    counts = [0] * 4
    for number in range(4_000):
        person = identity.who(f"10.0.{number // 256}.{number % 256}", "agent", "")
        counts[identity.route(SALT, 1, person) % 4] += 1
    assert min(counts) > 900


@given(st.text(), st.text(), st.text())
def test_any_text_has_an_id(address: str, agent: str, visitor: str) -> None:
    person = identity.who(address, agent, visitor)
    assert 0 < identity.visitor_id(SALT, 1, person) < 2**64


@pytest.mark.parametrize("text", ["\ud800", "\x00", "é"])
def test_strange_names_have_ids(text: str) -> None:
    assert identity.event_id(SALT, 1, text) != identity.event_id(SALT, 1, "plain")
