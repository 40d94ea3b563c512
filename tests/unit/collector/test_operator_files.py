"""Files an operator supplies: read, read again when they change, never trusted."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from collector.cities import NOWHERE, Place, open_cities
from collector.networks import pack
from collector.operator_files import OperatorFiles, read_networks, read_spammers
from collector.settings import Settings
from tests.unit.collector.support import SECRET, page, running

LONDON: dict[str, Any] = {
    "country": {"iso_code": "GB"},
    "subdivisions": [{"iso_code": "ENG"}],
    "city": {"names": {"en": "London", "de": "London"}},
}
ODD: dict[str, Any] = {"country": "GB", "subdivisions": [], "city": {"names": {"en": 7}}}


def write_table(path: Path, records: dict[str, Any]) -> None:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, languages=["en"])
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))


def files(folder: Path) -> OperatorFiles:
    settings = replace(
        Settings(route_secret=SECRET),
        cities_file=folder / "cities.mmdb",
        data_centres_file=folder / "data-centres.txt",
        spammers_file=folder / "spammers.txt",
        data_dir=folder / "data",
    )
    return OperatorFiles(settings)


def rewrite(path: Path, text: str) -> None:
    """As a tool would: with another time, however quick the test is."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


def test_networks_are_followed_as_the_file_changes(tmp_path: Path) -> None:
    found, path = files(tmp_path), tmp_path / "data-centres.txt"
    found.refresh()
    assert not found.in_data_centre(pack("203.0.113.9"))
    rewrite(path, "# ours\n203.0.113.0/24  # a comment\n\n2001:db8::/32\n")
    found.refresh()
    assert found.in_data_centre(pack("203.0.113.9"))
    assert found.in_data_centre(pack("2001:db8::1"))
    rewrite(path, "198.51.100.0/24\n")
    found.refresh()
    assert not found.in_data_centre(pack("203.0.113.9"))
    rewrite(path, "198.51.100.0/24\nno network\n")
    found.refresh()
    assert found.in_data_centre(pack("198.51.100.1")), "what was read before goes on"
    path.unlink()
    found.refresh()
    assert found.in_data_centre(pack("198.51.100.1"))


def test_spammers_are_added_to_those_built_in(tmp_path: Path) -> None:
    rewrite(tmp_path / "spammers.txt", "! a comment\nSpam.example\n")
    found = files(tmp_path)
    found.refresh()
    for host in ("spam.example", "www.spam.example", "semalt.com", "x.semalt.com"):
        assert found.is_spammer(host)
    for host in ("notspam.example", "example", "spam.example.com", ""):
        assert not found.is_spammer(host)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_networks, "1.2.3.4/33"),
        (read_networks, "0.0.0.0/0"),
        (read_networks, "::/0"),
        (read_networks, "x" * 1_001),
        (read_spammers, "x" * 1_001),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(
    tmp_path: Path, read: Callable[[Path], object], text: str
) -> None:
    path = tmp_path / "file.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"\S"):
        read(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="utf-8"):
        read_spammers(path)


def test_a_place_is_found(tmp_path: Path) -> None:
    path = tmp_path / "cities.mmdb"
    write_table(path, {"81.2.69.0/24": LONDON, "1.1.1.0/24": ODD, "2.2.2.0/24": "text"})
    cities = open_cities(path, tmp_path / "data")
    assert cities.find("81.2.69.142") == Place("GB", "GB-ENG", "London")
    for address in ("1.1.1.1", "2.2.2.2", "3.3.3.3", "2001:db8::1", ""):
        assert cities.find(address) == NOWHERE
    assert list((tmp_path / "data").iterdir()) == []


def test_a_table_that_is_written_over_does_not_matter(tmp_path: Path) -> None:
    """The old one is ours: cut to nothing in place, it would end the process when it is read."""
    path = tmp_path / "cities.mmdb"
    write_table(path, {"81.2.69.0/24": LONDON})
    found = files(tmp_path)
    found.refresh()
    path.write_bytes(b"")
    found.refresh()
    table = found.cities()
    assert table is not None and table.find("81.2.69.142").city == "London"
    write_table(path, {"81.2.69.0/24": LONDON | {"city": {"names": {"en": "Leeds"}}}})
    found.refresh()
    table = found.cities()
    assert table is not None and table.find("81.2.69.142").city == "Leeds"


async def test_a_hit_tells_region_and_city(tmp_path: Path) -> None:
    path = tmp_path / "cities.mmdb"
    write_table(path, {"81.2.69.0/24": LONDON})
    async with running() as collector:
        await collector.event(page())
        collector.parts.lists.table = open_cities(path, tmp_path)
        await collector.event(page())
        event = {"name": "pageview", "url": "https://example.com/", "ip": "81.2.69.1"}
        named = event | {"country": "FR"}
        await collector.batch({"domain": "example.com", "events": [named]})
        visits = [hit.visit for hit in collector.sink.hits()]
    places = sorted((visit.country, visit.region, visit.city) for visit in visits)
    assert places == [("FR", "", ""), ("GB", "", ""), ("GB", "GB-ENG", "London")]
