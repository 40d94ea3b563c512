"""The client's address: the contract's order, and only from those who may say it."""

import pytest

from collector.networks import spell
from collector.settings import parse_networks
from collector.steps.address import candidates, is_trusted, pack_address

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
        found = candidates(lambda key: headers.get(key, ""), PEER, trusted=True)
        assert spell(pack_address(found[0])) == f"1.0.0.{number}"
        del headers[name]
    assert candidates(lambda key: headers.get(key, ""), PEER, trusted=True) == (PEER,)


def test_strangers_headers_count_for_nothing() -> None:
    headers = dict(ORDER)
    assert candidates(lambda key: headers.get(key, ""), PEER, trusted=False) == (PEER,)


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
