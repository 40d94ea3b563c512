"""Sealed days on both engines: what is answered from them is what their minutes answer.

Over drawn data every answer is compared with the oracle's, some days sealed, some not, at whatever
hour of the day a period or a bucket of its zone begins. With PAWPRINT_ANSWERS that many questions
are asked in place of the usual ones.
"""

import itertools
import os
import time
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.answer import ask, count_rows
from aggregates.clickhouse.filters import Condition, Filter
from aggregates.clickhouse.questions import PERCENTILES, Question
from aggregates.clickhouse.sealed import (
    HIT_DIMENSIONS,
    VISIT_ROW_DIMENSIONS,
    sealed_days,
)
from aggregates.clickhouse.sealing import Sealer, UnsealedDay, seal_day, unsealed_days
from aggregates.clickhouse.vocabulary import DIMENSIONS, TIMING_METRICS, Bucket, Metric
from aggregates.core.rows import Rows
from schemas.events import PAGEVIEW
from schemas.rules import SESSION_GAP_S
from tests.contract.aggregates import oracle
from tests.contract.aggregates.drawn import (
    COUNTED,
    HOUR_S,
    MOMENTS,
    PATHS,
    VISITS,
    comparisons,
    questions,
    sessions,
)
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.oracle import OracleHit, OracleSession
from tests.contract.aggregates.test_answers import SITES, require_same, visited, write

pytestmark = pytest.mark.integration

QUESTIONS: Final = int(os.environ.get("PAWPRINT_ANSWERS", "400"))
QUESTIONS_OF_A_SITE: Final = 40  # sealing costs as much
ENGINES: Final = 2
DAY_S: Final = 86_400
LATER_S: Final = 1_900_000_000
SEALABLE: Final = tuple(dict.fromkeys((*HIT_DIMENSIONS, *VISIT_ROW_DIMENSIONS)))
OFTEN: Final = tuple(
    DIMENSIONS[name]
    for name in ("event:page", "event:name", "visit:source", "visit:entry_page", "visit:exit_page")
)


def with_ids_of_days(found: list[OracleSession]) -> list[OracleSession]:
    """The same visits with ids as salts make them: a person's of the day (UTC) they came."""
    return [
        replace(
            each,
            hits=tuple(
                replace(hit, visitor_id=1_000 * (each.minute // DAY_S) + each.hits[0].visitor_id)
                for hit in each.hits
            ),
        )
        for each in found
    ]


def unsealed(engine: Engine, site_id: int) -> list[UnsealedDay]:
    return [day for day in unsealed_days(engine, LATER_S, writes_min=1) if day.site_id == site_id]


def seal(engine: Engine, site_id: int) -> int:
    """All days of the site; how many that were."""
    found = unsealed(engine, site_id)
    for day in found:
        seal_day(engine, day, SESSION_GAP_S)
    return len(found)


@st.composite
def sealable(draw: st.DrawFn, timezone: str, site_id: int) -> Question:
    """What seals know, of periods that begin and end anywhere."""
    dimension = draw(st.sampled_from((None, None, *OFTEN, *SEALABLE)))
    counted = st.lists(st.sampled_from(tuple(COUNTED)), min_size=1, max_size=6, unique=True)
    metrics: list[Metric] = [*draw(counted)]
    filters: tuple[Condition, ...] = ()
    bucket = None
    if dimension is None:
        bucket = draw(st.sampled_from((None, None, Bucket.DAY, Bucket.WEEK, Bucket.MONTH)))
        timings = st.lists(st.sampled_from(TIMING_METRICS), max_size=2, unique=True)
        metrics += draw(timings) if bucket is None else []
    else:
        filters = tuple(draw(st.lists(comparisons((dimension,)), max_size=2)))
    is_by = dimension is not None and draw(st.booleans())
    start_s = MOMENTS[timezone] + HOUR_S * draw(st.sampled_from((-48, -47, -24, -12, 0, 1)))
    start_s += 60 * draw(st.sampled_from((0, 0, 0, 15, 45, 7)))
    return Question(
        site_id=site_id,
        start_s=start_s,
        end_s=start_s + 60 * draw(st.sampled_from((72 * 60, 96 * 60, 24 * 60, 49 * 60, 1_007))),
        metrics=tuple(metrics),
        dimensions=(dimension,) if is_by and dimension else (),
        filters=filters,
        bucket=bucket,
        timezone=timezone,
        percentile=draw(st.sampled_from(PERCENTILES)),
        currency="EUR",
    )


@settings(
    max_examples=max(1, QUESTIONS // QUESTIONS_OF_A_SITE // ENGINES),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_every_answer_is_the_oracles(engine: Engine, data: st.DataObject) -> None:
    timezone = data.draw(st.sampled_from(sorted(MOMENTS)))
    found = with_ids_of_days(data.draw(sessions(MOMENTS[timezone])))
    (site_id,) = write(engine, found)
    for day in unsealed(engine, site_id):
        if data.draw(st.sampled_from((True, True, True, False))):
            seal_day(engine, day, SESSION_GAP_S)
    for index in range(QUESTIONS_OF_A_SITE):
        strategy = sealable if index % 4 else questions
        require_same(engine, found, data.draw(strategy(timezone, site_id)))


TOTALS: Final = (Metric.VISITORS, Metric.VISITS, Metric.PAGEVIEWS, Metric.BOUNCE_RATE)
SEEN: Final = (Metric.VISITORS, Metric.PAGEVIEWS)
DAY: Final = MOMENTS["UTC"]  # a midnight
PAGE: Final = DIMENSIONS["event:page"]


def whole(site_id: int, days: int) -> Question:
    return Question(site_id, DAY, DAY + days * DAY_S, TOTALS)


def visits(days: int, hour: int, first: int) -> list[OracleSession]:
    """Five visitors of one page each, on each of the days."""
    return [
        visited(PATHS[number % 3], DAY + day * DAY_S + hour * HOUR_S, first + day * 5 + number)
        for day in range(days)
        for number in range(5)
    ]


def stay(number: int, *minutes: int) -> OracleSession:
    """One visitor with a hit at each of these minutes of the first day."""
    hits = tuple(
        OracleHit(DAY + 60 * minute, PAGEVIEW, "x.org", PATHS[at % 2], number)
        for at, minute in enumerate(minutes)
    )
    return OracleSession(number, 0, VISITS[1], hits)


def sealed_starts(engine: Engine, question: Question) -> list[int]:
    return [day.start_s for day in sealed_days(engine, question)]


def test_a_seal_holds_until_something_is_written_of_its_day(engine: Engine) -> None:
    found = visits(3, 12, 0)
    (site_id,) = write(engine, found)
    question = whole(site_id, 3)
    assert sealed_starts(engine, question) == []
    assert seal(engine, site_id) == 3
    assert sealed_starts(engine, question) == [DAY, DAY + DAY_S, DAY + 2 * DAY_S]
    require_same(engine, found, question)

    late = visits(1, 13, 100)
    engine.insert(oracle.make_rows(site_id, late, version=7))
    assert sealed_starts(engine, question) == [DAY + DAY_S, DAY + 2 * DAY_S]
    require_same(engine, found + late, question)
    # Of these hits' visits some may be the late ones.
    assert [day.is_linked for day in sealed_days(engine, question)] == [False, False]
    by_entry = replace(question, dimensions=(DIMENSIONS["visit:entry_page"],))
    require_same(engine, found + late, by_entry)

    assert seal(engine, site_id) == 3
    assert all(day.is_linked for day in sealed_days(engine, question))
    require_same(engine, found + late, by_entry)
    assert sealed_starts(engine, question) == [DAY, DAY + DAY_S, DAY + 2 * DAY_S]
    require_same(engine, found + late, question)
    require_same(engine, found + late, replace(question, dimensions=(PAGE,)))


def test_a_seal_made_of_less_than_was_written_does_not_hold(engine: Engine) -> None:
    """Its writes were looked up before; what came since made them more."""
    (site_id,) = write(engine, visits(1, 12, 0))
    (before,) = unsealed(engine, site_id)
    late = visits(1, 13, 100)
    engine.insert(oracle.make_rows(site_id, late, version=7))
    seal_day(engine, before, SESSION_GAP_S)
    assert sealed_starts(engine, whole(site_id, 1)) == []
    require_same(engine, visits(1, 12, 0) + late, whole(site_id, 1))


def test_a_look_at_some_days_finds_what_a_look_at_all_does(engine: Engine) -> None:
    found = visits(5, 12, 0)
    (site_id,) = write(engine, found)
    everything = unsealed(engine, site_id)
    assert len(everything) == 5

    def since(start_s: int) -> list[UnsealedDay]:
        days = unsealed_days(engine, LATER_S, start_s, writes_min=1)
        return [day for day in days if day.site_id == site_id]

    for start_s in (DAY, DAY + 2 * DAY_S, DAY + 4 * DAY_S, DAY + 5 * DAY_S):
        assert since(start_s) == [day for day in everything if day.start_s >= start_s]
    # Found again where only a day before was written to, which the seal's links are of.
    assert seal(engine, site_id) == 5
    assert since(DAY) == []
    engine.insert(oracle.make_rows(site_id, visits(1, 13, 100), version=7))
    again = [day.start_s for day in since(DAY + DAY_S)]
    assert again == [DAY + 2 * DAY_S, DAY + DAY_S]


def test_answers_are_read_from_seals(engine: Engine) -> None:
    """Without its minutes a day stays what it is, as the number of its writes is the same."""
    found = visits(2, 12, 0)
    (site_id,) = write(engine, found)
    seal(engine, site_id)
    engine.execute("TRUNCATE TABLE hit_rows")
    engine.execute("TRUNCATE TABLE visit_rows")
    for question in (
        whole(site_id, 2),
        replace(whole(site_id, 2), bucket=Bucket.DAY),
        replace(whole(site_id, 2), metrics=TOTALS[:3], dimensions=(PAGE,)),
        replace(whole(site_id, 2), dimensions=(DIMENSIONS["visit:source"],)),
        replace(whole(site_id, 2), dimensions=(DIMENSIONS["visit:entry_page"],)),
        replace(whole(site_id, 2), dimensions=(DIMENSIONS["visit:exit_page"],)),
    ):
        require_same(engine, found, question)
        assert count_rows(engine, question) == len(oracle.answer(found, question))


@pytest.mark.parametrize(
    "minutes",
    [
        (1_425, 1_450),  # over midnight
        (1_425, 1_450, 1_475, 1_500),
        (360, 1_200),  # on both sides of midnight in Kathmandu, 18:15 UTC
        (0, 5, 1_439),
    ],
)
def test_a_visitor_is_one(engine: Engine, minutes: tuple[int, ...]) -> None:
    found = [stay(1, *minutes), *visits(2, 12, 10)]
    (site_id,) = write(engine, found)
    seal(engine, site_id)
    series = replace(whole(site_id, 2), bucket=Bucket.DAY)
    for question in (
        whole(site_id, 2),
        *(replace(series, timezone=zone) for zone in ("UTC", "Asia/Kathmandu", "America/New_York")),
        replace(whole(site_id, 2), dimensions=(PAGE,), metrics=TOTALS[:3]),
        replace(whole(site_id, 2), start_s=DAY + 18 * HOUR_S + 900),
        replace(whole(site_id, 1), end_s=DAY + 18 * HOUR_S + 900),
        replace(whole(site_id, 2), start_s=DAY + 1_440 * 60 - 420),
        replace(whole(site_id, 1), start_s=DAY + 5 * HOUR_S, end_s=DAY + 10 * HOUR_S),
    ):
        require_same(engine, found, question)


def test_percentiles_are_of_minutes_and_sealed_days_together(engine: Engine) -> None:
    """Of four reports the 75th percentile is the one with three before it."""
    timings = [(day, 10 * number) for number in range(4) for day in range(2)]
    found = [
        replace(each, hits=(replace(each.hits[0], timings=((0, value),)),))
        for (day, value), each in zip(timings, visits(2, 12, 0), strict=False)
    ]
    (site_id,) = write(engine, found)
    first, *_ = unsealed(engine, site_id)[::-1]
    seal_day(engine, first, SESSION_GAP_S)
    for days, percentile in itertools.product((1, 2), PERCENTILES):
        timed = replace(whole(site_id, days), metrics=(TIMING_METRICS[0],), percentile=percentile)
        require_same(engine, found, timed)


def test_a_value_that_only_visits_have_is_no_row_of_hits(engine: Engine) -> None:
    """Hits beyond the values a site may have in a minute are told apart no more; visits are."""
    rows = oracle.make_rows(next(SITES), visits(1, 12, 0), version=7)
    of_hits = [row._replace(visit=VISITS[1]) for row in rows.hits]
    engine.insert(Rows(of_hits, [row._replace(visit=VISITS[3]) for row in rows.visits], []))
    question = replace(
        whole(of_hits[0].site_id, 1), metrics=TOTALS[:1], dimensions=(DIMENSIONS["visit:source"],)
    )
    before = ask(engine, question).rows
    seal(engine, of_hits[0].site_id)
    assert len(sealed_days(engine, question)) == 1
    assert ask(engine, question).rows == before


def test_a_visit_that_goes_on_for_days(engine: Engine) -> None:
    """Where it began is not known of its third day by what seals add up."""
    minutes = [1_440 * day + minute for day in range(5) for minute in (1_430, 1_450)]
    (site_id,) = write(engine, [stay(1, *minutes), *visits(6, 12, 10)])
    question = replace(whole(site_id, 6), metrics=SEEN, dimensions=(DIMENSIONS["visit:exit_page"],))
    before = ask(engine, question).rows
    seal(engine, site_id)
    linked = [day.is_linked for day in sealed_days(engine, question)]
    assert linked == [True, True, True, False, False, False]
    assert ask(engine, question).rows == before


@pytest.mark.parametrize("days", [1, 2, 3, 4])
def test_the_visits_of_minutes_around_sealed_days(engine: Engine, days: int) -> None:
    """Days before the last are sealed, which has a hit of a visit that began so long before. In
    between it went on with reports of engagement alone, which are in no sum of these days.
    """
    last = DAY + 5 * DAY_S
    first = last - days * DAY_S
    seen = (PAGEVIEW, *["engagement"] * (days - 1), PAGEVIEW)
    hits = tuple(
        OracleHit(first + day * DAY_S + 12 * HOUR_S, name, "x.org", PATHS[day == days], 1)
        for day, name in enumerate(seen)
    )
    found = [OracleSession(1, 0, VISITS[1], hits), *visits(6, 13, 10)]
    (site_id,) = write(engine, found)
    for day in unsealed(engine, site_id):
        if day.start_s < last:
            seal_day(engine, day, session_gap_s=DAY_S)
    question = replace(whole(site_id, 6), metrics=SEEN)
    for name in ("visit:entry_page", "visit:exit_page"):
        require_same(engine, found, replace(question, dimensions=(DIMENSIONS[name],)))
    linked = [day.is_linked for day in sealed_days(engine, question)]
    assert linked == [day < 5 - days + 3 for day in range(5)]


class BegunByItsLastHit(OracleSession):
    """A visit whose other hits came late, with times of before."""

    @property
    def minute(self) -> int:
        return self.hits[-1].minute


@pytest.mark.parametrize("sealed_days_of_two", [(), (0,), (1,), (0, 1)])
def test_a_hit_that_came_late_is_of_the_visit_that_begins_on_the_next_day(
    engine: Engine, sealed_days_of_two: tuple[int, ...]
) -> None:
    late = BegunByItsLastHit(1, 0, VISITS[1], stay(1, 1_430, 1_456).hits)
    found = [late, *visits(2, 12, 10)]
    (site_id,) = write(engine, found)
    for day in unsealed(engine, site_id):
        if (day.start_s - DAY) // DAY_S in sealed_days_of_two:
            seal_day(engine, day, SESSION_GAP_S)
    question = replace(whole(site_id, 2), metrics=(Metric.VISITORS, Metric.PAGEVIEWS))
    for name in ("visit:entry_page", "visit:exit_page"):
        by_page = replace(question, dimensions=(DIMENSIONS[name],))
        for end_s in (DAY + 2 * DAY_S, DAY + DAY_S, DAY + DAY_S + 60 * 15):
            require_same(engine, found, replace(by_page, end_s=end_s))
        filtered = replace(question, filters=(Filter(DIMENSIONS[name], False, (PATHS[0],)),))
        require_same(engine, found, replace(filtered, end_s=DAY + DAY_S))


def test_what_superseded_seals_left_is_deleted(rollups_url: str, server_engine: Engine) -> None:
    (site_id,) = write(server_engine, visits(1, 12, 0))
    seal(server_engine, site_id)
    found = visits(1, 12, 0) + visits(1, 13, 100)
    server_engine.insert(oracle.make_rows(site_id, visits(1, 13, 100), version=7))
    seal(server_engine, site_id)
    sealer = Sealer(rollups_url)

    def seals() -> set[object]:
        found = set()
        for table in ("day_rows", "day_steps"):
            sql = f"SELECT seal FROM {table} WHERE site_id = %(s)s"
            found.add(frozenset(seal for (seal,) in sealer.read(sql, {"s": site_id})))
        (same,) = found
        return set(same)

    now_s = int(time.time())
    assert sealer.sweep(now_s) == 0  # somebody may still be reading them
    assert len(seals()) == 2
    assert sealer.sweep(now_s + 2 * HOUR_S) > 0
    assert len(seals()) == 1
    sealer.close()
    require_same(server_engine, found, whole(site_id, 1))
