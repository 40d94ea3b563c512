"""Packed addresses and sets of networks."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.networks import Networks, pack, parse_network, spell
from collector.patterns import ENDS_MAX, Patterns

addresses = st.one_of(
    st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address),
    st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address),
)


def plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return str(getattr(address, "ipv4_mapped", None) or address)


@given(addresses)
def test_an_address_is_packed_and_spelt_one_way(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    packed = pack(str(address))
    assert ipaddress.ip_address(spell(packed)) == ipaddress.ip_address(plain(address))
    assert pack(address.exploded) == packed == pack(spell(packed))


@pytest.mark.parametrize(
    "text", ["", "1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "1.2.3.4\x00", "::g", "é", "\ud800", ":"]
)
def test_what_is_no_address_is_nothing(text: str) -> None:
    assert pack(text) == b""
    assert spell(b"") == ""


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
        ("10.0.0.7/8", "10.0.0.0", "9.255.255.255"),
        ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
        ("2001:db8::/32", "2001:db8:ffff::", "2001:db9::"),
        ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"),
        ("0.0.0.0/0", "255.255.255.255", "::1"),
        ("::/0", "::1", "1.2.3.4"),
    ],
)
def test_a_network_holds_its_addresses(text: str, inside: str, outside: str) -> None:
    networks = Networks([parse_network(text)])
    assert pack(inside) in networks
    assert pack(outside) not in networks
    assert b"" not in networks


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=20),
    st.integers(0, 255),
)
def test_overlapping_networks_answer_as_each_of_them(
    blocks: list[tuple[int, int]], last: int
) -> None:
    networks = [parse_network(f"10.0.0.{low}/{prefix}") for low, prefix in blocks]
    address = ipaddress.IPv4Address(f"10.0.0.{last}")
    wanted = any(address in network for network in networks)
    assert (pack(str(address)) in Networks(networks)) is wanted


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("/a", "/a", "/a/"),
        ("/a*", "/abc", "/a/b"),
        ("/a/*/c", "/a/b/c", "/a/b/b/c"),
        ("/a/**", "/a/b/c", "/a"),
        ("/a/*", "/a/", "/a/b/"),
        ("/ab*ba", "/abba", "/aba"),
        ("*", "a", "a/b"),
        ("/a*/**/*c", "/ab/x/y/c", "/a/b/c/c/d"),
        ("/a**c", "/a/b/c", "/a/b/d"),
        ("**.php", "/x/y.php", "/x/yxphp"),
        ("/é*", "/éa", "/e"),
        ("/**", "/a\nb", "a"),
        ("*.example.com", "a.b.example.com", "example.com"),
        ("/a.(b)[c]+?|^$ {1}\\#&-~<>", "/a.(b)[c]+?|^$ {1}\\#&-~<>", "/a"),
        ("/*.(b)[c]+?|^$ {1}\\#&-~<>", "/a.(b)[c]+?|^$ {1}\\#&-~<>", "/a"),
    ],
)
def test_a_pattern_fits_the_whole(pattern: str, fitting: str, other: str) -> None:
    many = [f"/no{number}/*" for number in range(ENDS_MAX)]
    for patterns in (Patterns([pattern]), Patterns([*many, pattern, "never"])):
        assert patterns.fit(fitting)
        assert not patterns.fit(other)


@pytest.mark.timeout(5)
def test_no_pattern_keeps_us_busy() -> None:
    """An engine that goes back needs hours for this one."""
    hostile = Patterns([f"{'**a' * 5}b{n}" for n in range(100)])
    assert not hostile.fit("a" * 2_000)
