"""The client's address: the contract's order, and only from those who may say it."""

import pytest

from collector.networks import pack, spell
from collector.pipeline import Client, Draft
from collector.settings import parse_networks
from collector.steps.address import candidates, find_address, is_trusted, pack_address

PEER = "10.0.0.1:4711"
ORDER = [
    ("x-plausible-ip", "1.0.0.1"),
    ("cf-connecting-ip", "1.0.0.2"),
    ("b-forwarded-for", "1.0.0.3"),
    ("x-forwarded-for", "1.0.0.4, 9.9.9.9"),
    ("forwarded", 'for="1.0.0.5:80";proto=https, for=9.9.9.9'),
]


def test_the_contracts_order() -> None:
    headers = dict(ORDER)
    for number, (name, _) in enumerate(ORDER, 1):
        found = candidates(headers.get, PEER, trusted=True)
        assert spell(pack_address(found[0])) == f"1.0.0.{number}"
        del headers[name]
    assert candidates(headers.get, PEER, trusted=True) == [PEER]


def test_strangers_headers_count_for_nothing() -> None:
    headers = dict(ORDER)
    assert candidates(headers.get, PEER, trusted=False) == [PEER]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        (" 1.2.3.4:80 ", "1.2.3.4"),
        ('"[2001:db8::1]:80"', "2001:db8::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("unknown", ""),
        ("_hidden", ""),
        ("1.2.3.4.5", ""),
        ("1.2.3.4\x00", ""),
        ("", ""),
        ("[", ""),
    ],
)
def test_one_spelling(text: str, address: str) -> None:
    assert spell(pack_address(text)) == address


def test_who_is_trusted() -> None:
    trusted = parse_networks("10.0.0.0/8, ::1/128")
    assert is_trusted("10.1.2.3:80", trusted)
    assert is_trusted("[::1]:80", trusted)
    assert not is_trusted("11.0.0.1:80", trusted)
    assert not is_trusted("", trusted)
    assert not is_trusted("unix:/socket", trusted)


HOPS: list[tuple[str, str, dict[str, str], str]] = [
    # name, peer, headers, the address that counts
    ("nobody between", "81.2.69.142:5", {}, "81.2.69.142"),
    ("a stranger says he is another", "81.2.69.142:5", {"x-forwarded-for": "1.1.1.1"},
     "81.2.69.142"),
    ("a stranger in every header", "81.2.69.142:5", dict(ORDER), "81.2.69.142"),
    ("one hop", "10.0.0.1:5", {"x-forwarded-for": "1.1.1.1"}, "1.1.1.1"),
    ("several hops", "10.0.0.1:5", {"x-forwarded-for": " 1.1.1.1 , 10.0.0.3,10.0.0.2"}, "1.1.1.1"),
    ("several hops over IPv6", "[fd00::1]:5", {"x-forwarded-for": "2001:db8::1, fd00::2"},
     "2001:db8::1"),
    ("a hop that hides the client", "10.0.0.1:5", {"forwarded": "for=_hidden, for=1.1.1.1"},
     "10.0.0.1"),
    ("the first good header", "10.0.0.1:5",
     {"x-plausible-ip": "nonsense", "cf-connecting-ip": "", "x-forwarded-for": "1.1.1.1"},
     "1.1.1.1"),
    ("RFC 7239, several elements", "10.0.0.1:5",
     {"forwarded": 'proto=http;For="[2001:db8::1]:47";by=10.0.0.2, for=9.9.9.9'}, "2001:db8::1"),
    ("nothing said", "10.0.0.1:5", {}, "10.0.0.1"),
    ("a header without end", "10.0.0.1:5", {"x-forwarded-for": "1" * 100_000}, "10.0.0.1"),
    ("a mapped peer is the proxy it is", "[::ffff:10.0.0.1]:5", {"x-forwarded-for": "1.1.1.1"},
     "1.1.1.1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("peer", "headers", "address"), [case[1:] for case in HOPS], ids=[case[0] for case in HOPS]
)
def test_from_the_peer_to_the_client(peer: str, headers: dict[str, str], address: str) -> None:
    trusted = parse_networks("10.0.0.0/8, fd00::/8")
    found = candidates(headers.get, peer, is_trusted(peer, trusted))
    draft = find_address(Draft({}, "example.com", 0, Client(found)))
    assert draft.address == address
    assert draft.packed_address == pack(address)
