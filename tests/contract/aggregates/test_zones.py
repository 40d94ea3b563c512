"""Every zone there is, through a year: where buckets start, and what both engines put into them."""

from bisect import bisect_right
from collections import Counter
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, available_timezones

import pytest

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.buckets import bucket_starts, starts_by_key
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import Bucket, Metric
from aggregates.core.rows import Rows
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.oracle import make_rows
from tests.contract.aggregates.test_answers import SITES, visited
from tests.contract.aggregates.walked import WALKED, epoch_s, walk

DAY_S: Final = 86_400
STEP_S: Final = 900
YEAR: Final = (epoch_s("2026-01-01"), epoch_s("2027-01-01"))
# Around what zones did only once: dates left out, and lived twice.
ONCE: Final = {
    "Pacific/Apia": "2011-12-30",
    "Pacific/Fakaofo": "2011-12-30",
    "Pacific/Kwajalein": "1993-08-21",
    "Pacific/Enderbury": "1994-12-31",
    "Pacific/Kiritimati": "1994-12-31",
    "America/Caracas": "2016-05-01",
    "Asia/Pyongyang": "2018-05-05",
    "America/Sao_Paulo": "2018-11-04",
    "Asia/Kathmandu": "1985-12-31",
    "Antarctica/Casey": "2020-10-04",
}
STRANGE: Final = (
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Asuncion",
    "America/Havana",
    "America/Nuuk",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Atlantic/Azores",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Etc/GMT+12",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
)


def rules_of(timezone: str) -> bytes:
    """What the zone's file says: many names are of one zone."""
    path = next((p for root in TZPATH if (p := Path(root) / timezone).is_file()), None)
    return path.read_bytes() if path is not None else timezone.encode()


def by_rules() -> list[list[str]]:
    """The names of each zone."""
    found: dict[bytes, list[str]] = {}
    for timezone in sorted(available_timezones()):
        found.setdefault(rules_of(timezone), []).append(timezone)
    return list(found.values())


def require_starts(start_s: int, end_s: int, timezone: str) -> None:
    """All buckets of the period, but that the first may have begun before it."""
    walked = walk(start_s, end_s, timezone)
    for bucket in WALKED:
        starts = list(bucket_starts(start_s, end_s, bucket, timezone))
        assert starts[1:] == walked[bucket][1:], (bucket, timezone)
        assert starts[0] <= start_s, (bucket, timezone)
        keys = starts_by_key(start_s, end_s, bucket, timezone)
        assert list(keys.values()) == starts, (bucket, timezone)


@pytest.mark.parametrize("part", range(4))
def test_every_zone_through_a_year(part: int) -> None:
    zones = by_rules()
    assert sum(map(len, zones)) > 500
    for timezone, *others in zones[part::4]:
        require_starts(*YEAR, timezone)
        days = bucket_starts(*YEAR, Bucket.DAY, timezone)
        for other in others:
            assert bucket_starts(*YEAR, Bucket.DAY, other) == days, other


@pytest.mark.parametrize("timezone", ONCE)
def test_what_a_zone_did_once(timezone: str) -> None:
    middle_s = epoch_s(ONCE[timezone])
    require_starts(middle_s - 40 * DAY_S, middle_s + 40 * DAY_S, timezone)


def quarters(engine: Engine, start_s: int, end_s: int) -> int:
    """A site with one pageview every quarter hour."""
    site_id = next(SITES)
    visits = (visited("/", at_s, at_s // STEP_S) for at_s in range(start_s, end_s, STEP_S))
    engine.insert(Rows(make_rows(site_id, visits, version=1).hits, [], []))
    return site_id


def require_counts(engine: Engine, site_id: int, start_s: int, end_s: int, timezone: str) -> None:
    """The quarter hours of each bucket of the period are counted in it."""
    walked = walk(start_s - 40 * DAY_S, end_s, timezone)
    for bucket in WALKED:
        question = Question(
            site_id, start_s, end_s, (Metric.EVENTS,), bucket=bucket, timezone=timezone
        )
        starts = walked[bucket]
        expected = Counter(
            starts[bisect_right(starts, at_s) - 1] for at_s in range(start_s, end_s, STEP_S)
        )
        counted = {row.dimensions[0]: row.metrics[0] for row in ask(engine, question).rows}
        assert counted == expected, (bucket, timezone)


@pytest.fixture(scope="module")
def a_year(engine: Engine) -> int:
    return quarters(engine, *YEAR)


@pytest.mark.integration
@pytest.mark.parametrize("timezone", STRANGE)
def test_the_engines_clock_through_a_year(engine: Engine, a_year: int, timezone: str) -> None:
    require_counts(engine, a_year, *YEAR, timezone)


@pytest.mark.integration
@pytest.mark.parametrize("timezone", ONCE)
def test_the_engines_clock_where_it_jumped(engine: Engine, timezone: str) -> None:
    middle_s = epoch_s(ONCE[timezone])
    period = (middle_s - 8 * DAY_S, middle_s + 8 * DAY_S)
    require_counts(engine, quarters(engine, *period), *period, timezone)
