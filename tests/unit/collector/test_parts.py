"""Settings, clock, text, logs, metrics and sites."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from collector.clock import Clock
from collector.exclusions import NOTHING
from collector.logs import JsonFormatter, Seldom
from collector.metrics import METRICS, Metrics
from collector.settings import read_settings
from collector.sites import BadSnapshot, Sites, hash_key, read_snapshot
from collector.text import bytes_len, clean, cut
from schemas.environment import BadSetting
from schemas.sites import IngestKey, SiteSettings, encode

SECRET = {"PAWPRINT_ROUTE_SECRET": "00" * 16}


def test_defaults_need_only_the_secret() -> None:
    settings = read_settings(SECRET)
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8001, 1)
    assert settings.hits_topic == "hits"
    assert len(settings.trusted_proxies) == 2


def test_what_is_set_stands_and_blank_is_not_set() -> None:
    given = {"PAWPRINT_COLLECTOR_PORT": "9", "KAFKA_BROKER": "k:1", "REDIS_URL": ""}
    settings = read_settings(SECRET | given)
    assert (settings.port, settings.kafka_broker) == (9, "k:1")
    assert settings.redis_url == "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAWPRINT_ROUTE_SECRET", ""),
        ("PAWPRINT_ROUTE_SECRET", "no hex"),
        ("PAWPRINT_ROUTE_SECRET", "00" * 15),
        ("PAWPRINT_ROUTE_SECRET", "00" * 65),
        ("PAWPRINT_COLLECTOR_PORT", "http"),
        ("PAWPRINT_COLLECTOR_WORKERS", "0"),
        ("PAWPRINT_TRUSTED_PROXIES", "10.0.0.0/99"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings(SECRET | {name: value})


def test_the_clock_never_goes_back() -> None:
    times = iter([5, 7, 3, 6, 8])
    clock = Clock(lambda: next(times))
    assert [clock.now_ms() for _ in range(5)] == [5, 7, 7, 7, 8]


def test_text_is_made_safe() -> None:
    assert clean("é a\x00b\ud800\x7f") == "é a\ufffdb\ufffd\ufffd"
    assert clean("plain") == "plain"
    assert cut("  ab\n ", 2) == "ab"
    assert (bytes_len("ab"), bytes_len("é"), bytes_len("\ud800")) == (2, 2, 1)


def test_metrics_are_registered() -> None:
    metrics = Metrics()
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names))
    assert all(name.startswith("pawprint_collector_") for name in names)
    for use in (metrics.count, metrics.gauge, metrics.summary, metrics.histogram):
        with pytest.raises(KeyError):
            use("pawprint_collector_surprise")
    text = metrics.render().decode()
    assert all(name in text for name in names)


def test_logs_are_json_and_quote_no_exception() -> None:
    formatter = JsonFormatter()
    record = logging.LogRecord("a", logging.INFO, "f", 1, "said %s", ("so",), None)
    record.fields = {"site": 7}
    line = json.loads(formatter.format(record))
    assert (line["event"], line["level"], line["site"]) == ("said so", "info", 7)


def test_a_library_repeating_itself_is_heard_once_in_a_while() -> None:
    times = iter([0.0, 1.0, 2.0, 10.0])
    seldom = Seldom(lambda: next(times))
    same = logging.LogRecord("aiokafka", logging.ERROR, "f", 1, "away from %s", ("a",), None)
    other = logging.LogRecord("aiokafka", logging.ERROR, "f", 1, "back", (), None)
    assert [seldom.filter(one) for one in (same, same, other, same)] == [True, False, True, True]


LOGGING = """
import logging.config
from collector.logs import log_config
logging.config.dictConfig(log_config("debug"))
for _ in range(3):
    logging.getLogger("aiokafka.client").error("away")
logging.getLogger("aiokafka").debug("a record's bytes")
logging.getLogger("collector.x").debug("own")
"""


def test_libraries_are_quiet_whatever_the_level() -> None:
    """In a process of its own: a logging configuration is for good."""
    done = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["away", "own"]


def put(sites: Sites, *settings: SiteSettings) -> None:
    for each in settings:
        sites.put_site(each.domain, encode(each))


def test_sites_are_found_and_survive_a_restart(tmp_path: Path) -> None:
    sites = Sites(tmp_path / "new" / "sites.json")
    strict = SiteSettings(8, "strict.example", excluded_pages=("/a",))
    put(sites, SiteSettings(7, "Example.com"), strict)
    sites.put_site("bad", b"{")
    assert len(sites) == 2
    assert sites.find("www.example.com") == sites.find("example.com")
    assert sites.find("example.org") is None
    sites.save(sites.saving())
    again = Sites(tmp_path / "new" / "sites.json")
    again.restore()
    assert again.loaded
    assert again.find("example.com") == SiteSettings(7, "Example.com")
    assert again.exclusions(7) is NOTHING
    assert again.exclusions(8).pages is not None
    assert again.find("7") == sites.find("7") == SiteSettings(7, "Example.com")
    assert again.find("9") is None
    put(again, SiteSettings(8, "renamed.example", excluded_pages=("/a",)))
    again.remove_site("strict.example")
    assert again.find("8") is again.find("renamed.example") is not None
    assert again.exclusions(8).pages is not None
    again.remove_site("renamed.example")
    assert again.find("8") is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["old first", "new first"])
def test_a_domain_that_a_site_had_leads_to_it(order: tuple[int, int], tmp_path: Path) -> None:
    sites = Sites(tmp_path / "sites.json")
    rules = ("/a",)
    put(sites, SiteSettings(7, "old.example", excluded_pages=rules))
    former = SiteSettings(7, "old.example", excluded_pages=rules, is_former=True)
    current = SiteSettings(7, "new.example", excluded_pages=rules)
    for place in order:
        put(sites, (former, current)[place])
        assert sites.find("old.example") is not None
        assert sites.exclusions(7).pages is not None
    assert (sites.find("old.example"), sites.find("new.example")) == (former, current)
    assert sites.find("7") == current
    sites.remove_site("old.example")
    assert sites.find("old.example") is None
    assert sites.find("7") == current
    assert sites.exclusions(7).pages is not None
    put(sites, SiteSettings(7, "new.example"))
    assert sites.exclusions(7) is NOTHING


def test_rules_are_compiled_once_and_go_with_their_site(tmp_path: Path) -> None:
    sites = Sites(tmp_path / "sites.json")
    strict = SiteSettings(8, "strict.example", excluded_pages=("/a",))
    put(sites, strict)
    compiled = sites.exclusions(8)
    put(sites, strict)
    assert sites.exclusions(8) is compiled
    put(sites, SiteSettings(8, "strict.example"))
    assert sites.exclusions(8) is NOTHING
    put(sites, strict)
    sites.remove_site("strict.example")
    assert sites.exclusions(8) is NOTHING
    assert sites.find("strict.example") is sites.find("8") is None


def test_a_site_with_a_rule_that_makes_no_sense_is_still_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sites = Sites(tmp_path / "sites.json")
    put(sites, SiteSettings(8, "a.example", excluded_addresses=("no address",)))
    assert sites.find("a.example") is not None
    assert sites.exclusions(8) is NOTHING
    assert "rules of a site cannot be read" in caplog.text


def test_only_what_changed_is_saved(tmp_path: Path) -> None:
    sites = Sites(tmp_path / "sites.json")
    put(sites, SiteSettings(7, "a.com"))
    assert sites.unsaved
    sites.save(sites.saving())
    put(sites, SiteSettings(7, "a.com"))
    sites.remove_site("b.com")
    assert not sites.unsaved


@pytest.mark.parametrize("count", [0, 1, 2_500])
def test_a_snapshot_that_was_cut_or_changed_is_none(tmp_path: Path, count: int) -> None:
    path = tmp_path / "sites.json"
    sites = Sites(path)
    put(sites, *(SiteSettings(n, f"s{n}.example") for n in range(count)))
    sites.save(sites.saving())
    whole = path.read_bytes()
    assert len(read_snapshot(whole)) == count
    assert [file.name for file in tmp_path.iterdir()] == ["sites.json"]
    for spoilt in (whole[: len(whole) // 2], whole[len(whole) // 3 :], b"{}\n" + whole):
        with pytest.raises(BadSnapshot):
            read_snapshot(spoilt)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff"])
def test_a_broken_snapshot_is_no_snapshot(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sites.json"
    path.write_bytes(content)
    sites = Sites(path)
    sites.restore()
    assert not sites.loaded


def test_keys_are_replaced_as_a_whole(tmp_path: Path) -> None:
    sites = Sites(tmp_path / "sites.json")
    key = IngestKey(1, (7,))
    sites.replace_keys({hash_key("a").encode(): encode(key), b"\xff": b"{"})
    assert sites.find_key(hash_key("a")) == key
    sites.replace_keys({})
    assert sites.find_key(hash_key("a")) is None
