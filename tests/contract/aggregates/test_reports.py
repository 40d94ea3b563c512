"""Funnels, journeys and retention on both engines, against plain Python, over drawn visits."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.funnels import Funnel, Walker, read_funnel
from aggregates.clickhouse.journeys import BREADTH_MAX, Journey, read_journey
from aggregates.clickhouse.open_visits import first_open_visit_s
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.retention import VISITS_MAX, read_cohorts, read_loyalty
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Metric
from schemas.events import Visit
from tests.contract.aggregates import oracle, walks
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.oracle import OracleHit, OracleSession

pytestmark = pytest.mark.integration

SITE_ID = 7
BASE_S = 1_706_745_600  # 2024-02-01 00:00 UTC
PAGES = ["/", "/a", "/b'", "/c"]
NAMES = ["pageview", "pageview", "pageview", "Signup", "engagement"]
COUNTRIES = ["DE", "US"]
drawn = settings(
    max_examples=25,
    deadline=None,
    # A query takes milliseconds, so making a failure small would take many minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

Write = Callable[[list[OracleSession]], None]


@pytest.fixture(scope="module")
def write(engine: Engine) -> Write:
    """Makes SITE_ID have these visits and nothing else, with earlier versions of all its rows."""

    def write_all(found: list[OracleSession]) -> None:
        engine.empty()
        rows = oracle.make_rows(SITE_ID, found, version=7)
        engine.insert(rows)
        engine.insert(oracle.stale(rows))

    return write_all


@st.composite
def sessions(draw: st.DrawFn, step_minutes: tuple[int, ...] = (0, 0, 0, 1, 29)) -> OracleSession:
    """Of one of few visitors, around the period; many hits lie in the same minute."""
    number = draw(st.integers(1, 2**63))
    visitor_id = draw(st.integers(1, 4))
    minute = BASE_S + 60 * draw(st.sampled_from([-31, -1, 0, 5, 300, 1_438, 4_000]))
    hits: list[OracleHit] = []
    for _ in range(draw(st.integers(1, 7))):
        name = draw(st.sampled_from(NAMES)) if hits else "pageview"
        page = draw(st.sampled_from(PAGES))
        hits.append(OracleHit(minute, name, "x.org", page, visitor_id))
        minute += 60 * draw(st.sampled_from(step_minutes))
    visit = Visit(country=draw(st.sampled_from(COUNTRIES)))
    return OracleSession(number, visitor_id % 2, visit, tuple(hits))


def visits(**steps: tuple[int, ...]) -> st.SearchStrategy[list[OracleSession]]:
    return st.lists(sessions(**steps), max_size=8, unique_by=lambda each: each.session_id)


def condition(draw: st.DrawFn) -> tuple[Filter, walks.Holds]:
    """Of pages, or of the name."""
    if draw(st.booleans()):
        chosen = tuple(draw(st.lists(st.sampled_from(PAGES), min_size=1, max_size=2, unique=True)))
        return Filter(DIMENSIONS["event:page"], False, chosen), lambda _, hit: hit.path in chosen
    name = draw(st.sampled_from(["pageview", "Signup"]))
    return Filter(DIMENSIONS["event:name"], False, (name,)), lambda _, hit: hit.name == name


conditions = st.composite(condition)()


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, walks.Holds]:
    """A period and a filter, or none."""
    start_s = BASE_S + 60 * draw(st.sampled_from([-60, 0, 1]))
    end_s = start_s + 60 * draw(st.sampled_from([2, 30, 1_440, 4 * 1_440]))
    question = Question(SITE_ID, start_s, end_s, (Metric.VISITORS,))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return question, lambda _, __: True
    if kind == 1:
        country = draw(st.sampled_from(COUNTRIES))
        chosen = Filter(DIMENSIONS["visit:country"], True, (country,))
        return replace(question, filters=(chosen,)), lambda visit, _: visit.visit.country != country
    if kind == 2:
        entry = Filter(DIMENSIONS["visit:entry_page"], True, ("/a",))
        return replace(question, filters=(entry,)), lambda visit, _: visit.entry[1] != "/a"
    chosen, holds = draw(conditions)
    return replace(question, filters=(chosen,)), holds


def of(found: list[OracleSession], question: Question, holds: walks.Holds) -> walks.Hits:
    return walks.Hits(tuple(found), question.start_s, question.end_s, holds)


@drawn
@given(found=visits(), asked=questions(), data=st.data())
def test_funnels(
    write: Write,
    engine: Engine,
    found: list[OracleSession],
    asked: tuple[Question, walks.Holds],
    data: st.DataObject,
) -> None:
    write(found)
    question, holds = asked
    steps = data.draw(st.lists(conditions, min_size=2, max_size=4))
    for walker in Walker:
        for within in (0, 1, 30):
            funnel = Funnel(question, tuple(step for step, _ in steps), walker, within)
            expected = walks.reached(
                of(found, question, holds),
                [step for _, step in steps],
                walker is Walker.VISITOR,
                within * 60 if within else None,
            )
            answer = [(each.walkers, each.visitors) for each in read_funnel(engine, funnel)]
            assert answer == expected


def test_the_longest_funnel(write: Write, engine: Engine) -> None:
    hits = [OracleHit(BASE_S, "pageview", "x.org", f"/{step}", 5) for step in range(8)]
    write([OracleSession(1, 0, Visit(), tuple(hits))])
    steps = tuple(Filter(DIMENSIONS["event:page"], False, (hit.path,)) for hit in hits)
    question = Question(SITE_ID, BASE_S, BASE_S + 60, (Metric.VISITORS,))
    for within in (0, 5):
        found = read_funnel(engine, Funnel(question, steps, within_minutes=within))
        assert [each.visitors for each in found] == [1] * 8


def test_a_page_seen_once_is_one_step(write: Write, engine: Engine) -> None:
    """ "/a" after "/a" takes two views of it, in one minute or in two."""

    def visit(number: int, *minutes: int) -> OracleSession:
        hits = (OracleHit(BASE_S + 60 * m, "pageview", "x.org", "/a", number) for m in minutes)
        return OracleSession(number, 0, Visit(), tuple(hits))

    write([visit(1, 0), visit(2, 0, 0), visit(3, 0, 1)])
    step = Filter(DIMENSIONS["event:page"], False, ("/a",))
    question = Question(SITE_ID, BASE_S, BASE_S + 3_600, (Metric.VISITORS,))
    found = read_funnel(engine, Funnel(question, (step, step)))
    assert [each.walkers for each in found] == [3, 2]


@drawn
@given(
    found=visits(),
    asked=questions(),
    start=conditions,
    backwards=st.booleans(),
    depth=st.integers(1, 4),
)
def test_journeys(
    write: Write,
    engine: Engine,
    found: list[OracleSession],
    asked: tuple[Question, walks.Holds],
    start: tuple[Filter, walks.Holds],
    backwards: bool,
    depth: int,
) -> None:
    write(found)
    question, holds = asked
    chosen, begins = start
    journey = Journey(question, chosen, backwards, depth, BREADTH_MAX)
    tree = dict(walks.flatten(read_journey(engine, journey)))
    expected = walks.ways(of(found, question, holds), begins, backwards, depth)
    assert tree == (expected or {(): (0, 0, 0, 0)})


def test_a_tree_is_no_broader_than_asked(write: Write, engine: Engine) -> None:
    """The most frequent ways stay; ways on from one that is left out are left out too."""
    found = []
    for number, pages in enumerate(
        ["/ /a /x", "/ /a /x", "/ /a /y", "/ /b /x", "/ /b /x", "/ /c /x"], start=1
    ):
        hits = (
            OracleHit(BASE_S + 60 * step, "pageview", "x.org", page, number)
            for step, page in enumerate(pages.split())
        )
        found.append(OracleSession(number, 0, Visit(), tuple(hits)))
    write(found)
    question = Question(SITE_ID, BASE_S, BASE_S + 3_600, (Metric.VISITORS,))
    home = Filter(DIMENSIONS["event:page"], False, ("/",))
    tree = dict(walks.flatten(read_journey(engine, Journey(question, home, False, 2, 1))))
    assert tree == {(): (6, 6, 0, 0), ("/a",): (3, 3, 0, 0), ("/a", "/x"): (2, 2, 2, 0)}


@drawn
@given(found=visits(), asked=questions(), bucket=st.sampled_from(list(Bucket)))
@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kathmandu"])
def test_retention(
    write: Write,
    engine: Engine,
    timezone: str,
    found: list[OracleSession],
    asked: tuple[Question, walks.Holds],
    bucket: Bucket,
) -> None:
    write(found)
    question, holds = asked
    question = replace(question, timezone=timezone)
    if bucket is Bucket.MINUTE:
        question = replace(question, end_s=min(question.end_s, question.start_s + 1_800))
    cohorts = read_cohorts(engine, question, bucket)
    starts = [cohort.start_s for cohort in cohorts]
    answer = {
        (cohort.start_s, starts[place + offset]): visitors
        for place, cohort in enumerate(cohorts)
        for offset, visitors in enumerate(cohort.visitors)
        if visitors
    }
    hits = of(found, question, holds)
    assert answer == walks.cohorts(hits, bucket, timezone)
    assert read_loyalty(engine, question) == walks.loyalty(hits, VISITS_MAX)


def test_open_visits(write: Write, engine: Engine) -> None:
    """Two visits began before the settled minute; one of them had a hit from it on."""

    def visit(number: int, *minutes: int) -> OracleSession:
        hits = (OracleHit(BASE_S + 60 * m, "pageview", "x.org", "/", number) for m in minutes)
        return OracleSession(number, 0, Visit(), tuple(hits))

    settled_s = BASE_S + 3_600
    write([visit(1, 0, 20), visit(2, 65)])
    assert first_open_visit_s(engine, SITE_ID, settled_s) == settled_s
    write([visit(1, 0, 20), visit(2, 65), visit(3, 5, 30, 60), visit(4, 50, 70)])
    assert first_open_visit_s(engine, SITE_ID, settled_s) == BASE_S + 300
