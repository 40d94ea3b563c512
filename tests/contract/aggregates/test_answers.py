"""The read path on both engines, against an oracle in plain Python, over drawn data."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    TIME_MINUTE,
    TIMING_METRICS,
    Bucket,
    Dimension,
    Grain,
    Metric,
)
from schemas.events import Visit
from tests.contract.aggregates import oracle
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.oracle import OracleHit, OracleSession

pytestmark = pytest.mark.integration

HOUR_S = 3_600
# Around a change of clocks somewhere, an ordinary day, and the end of a month.
MOMENTS = {
    "Europe/Berlin": 1_792_886_400,
    "Australia/Lord_Howe": 1_775_318_400,
    "America/Sao_Paulo": 1_541_289_600,
    "America/St_Johns": 1_772_947_800,
    "Asia/Kathmandu": 1_700_000_040,
    "UTC": 1_706_745_600,
}
PATHS = ["/", "/a", "/a%b", "/a_b", "/aXb", "/a\\b", "/a'b", "/a*b", "/é\n", "/blog/a"]
PATTERNS = ["*", "/*", "/a*b", "/a\\*b", "*a", "/a%*", "/a_*", "*\\b", "*'*", "/blog/**", "*é*"]
NAMES = ["pageview", "pageview", "pageview", "Signup", "Buy 100%", "engagement"]
VISITS = [
    Visit(),
    Visit(source="Google", country="DE", device="Mobile", browser="Firefox"),
    Visit(source="Google", country="US", device="Desktop", utm_campaign="50%_off"),
    Visit(source="ḡ'", country="DE", referrer="news.example/x", language="de-CH"),
]
SITE_ID = 7
COUNTED = tuple(Metric)[:7]
KNOWN = [d for d in DIMENSIONS.values() if d.name not in ("event:goal", "event:currency")]
BUCKETS = [bucket for bucket in Bucket if bucket is not Bucket.WEEK]

Write = Callable[[list[OracleSession]], None]


@st.composite
def sessions(draw: st.DrawFn, base_s: int) -> list[OracleSession]:
    """Up to 7 sessions within 2 days of `base_s`; some cross midnight with a new visitor id."""
    found = []
    for index in range(draw(st.integers(0, 7))):
        minute = base_s + 60 * draw(st.sampled_from([-1_440, -90, -30, -1, 0, 20, 700, 1_440]))
        visitor_ids = draw(st.sampled_from([(1, 1), (2, 2), (3, 3), (1, 4), (index + 10, 99)]))
        hits: list[OracleHit] = []
        for step, name in enumerate(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5))):
            hostname = draw(st.sampled_from(["x.org", "www.x.org"]))
            path = draw(st.sampled_from(PATHS))
            first = hits[-1] if hits else None
            same_minute = first is not None and first.minute == minute
            visitor_id = first.visitor_id if same_minute and first else visitor_ids[step > 1]
            timings = draw(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=2))
            hits.append(OracleHit(minute, name, hostname, path, visitor_id, tuple(timings)))
            minute += 60 * draw(st.sampled_from([0, 0, 1, 29]))
        if hits[0].name == "engagement":  # never begins a visit
            hits[0] = replace(hits[0], name="pageview", hostname="x.org", path="/")
        visit = draw(st.sampled_from(VISITS))
        found.append(OracleSession(2**63 + index, draw(st.integers(0, 1)), visit, tuple(hits)))
    return found


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    dimension = draw(st.sampled_from([d for d in KNOWN if d != TIME_MINUTE]))
    values = st.lists(st.sampled_from(_values(dimension)), min_size=1, max_size=3, unique=True)
    return Filter(dimension, draw(st.booleans()), tuple(draw(values)))


def _values(dimension: Dimension) -> list[str]:
    if dimension.column in ("path", "entry_page", "exit_page"):
        return ["", *PATHS, *PATTERNS]
    if dimension.column in ("hostname", "entry_hostname", "exit_hostname"):
        return ["x.org", "www.x.org", "*.org", "www.*", ""]
    if dimension.column == "name":
        return ["pageview", "Signup", "Buy 100%", "*%", "engagement"]
    return ["*", *sorted({getattr(visit, dimension.column) for visit in VISITS})]


@st.composite
def questions(draw: st.DrawFn, timezone: str) -> Question:
    base_s = MOMENTS[timezone]
    start_s = base_s + 60 * draw(st.sampled_from([-1_440, -60, 0, 1, 30, 600]))
    end_s = start_s + draw(st.sampled_from([60, HOUR_S, 24 * HOUR_S, 72 * HOUR_S]))
    dimensions = draw(st.lists(st.sampled_from(KNOWN), max_size=3, unique=True))
    chosen = draw(st.lists(filters(), max_size=3))
    metrics = [*COUNTED, *(TIMING_METRICS if timed(*dimensions, *filtered(chosen)) else ())]
    return Question(
        site_id=SITE_ID,
        start_s=start_s,
        end_s=end_s,
        metrics=tuple(
            draw(st.lists(st.sampled_from(metrics), min_size=1, max_size=7, unique=True))
        ),
        dimensions=tuple(dimensions),
        filters=tuple(chosen),
        bucket=draw(st.sampled_from([None, None, *BUCKETS])),
        timezone=timezone,
        limit=draw(st.sampled_from([1, 3, 10_000])),
        offset=draw(st.sampled_from([0, 0, 0, 1])),
    )


def filtered(chosen: list[Filter]) -> list[Dimension]:
    return [each.dimension for each in chosen]


def timed(*dimensions: Dimension) -> bool:
    """Whether timings are known by all of these."""
    return all(d.grain is not Grain.VISIT and d.name != "event:name" for d in dimensions)


@pytest.fixture(scope="module")
def write(engine: Engine) -> Write:
    """Makes SITE_ID have these sessions and nothing else, with earlier versions of all its rows."""

    def write_all(found: list[OracleSession]) -> None:
        engine.empty()
        rows = oracle.make_rows(SITE_ID, found, version=7)
        engine.insert(rows)
        engine.insert(oracle.stale(rows))

    return write_all


@settings(
    max_examples=30,  # of six questions each, on both engines
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_every_answer_is_the_oracles(write: Write, engine: Engine, data: st.DataObject) -> None:
    timezone = data.draw(st.sampled_from(sorted(MOMENTS)))
    found = data.draw(sessions(MOMENTS[timezone]))
    write(found)
    for _ in range(6):
        question = data.draw(questions(timezone))
        assert ask(engine, question).rows == oracle.answer(found, question)


def visited(path: str, minute: int, number: int) -> OracleSession:
    """A visit of one page, by a visitor of its own."""
    hit = OracleHit(minute, "pageview", "x.org", path, number)
    return OracleSession(number, 0, VISITS[number % len(VISITS)], (hit,))


@pytest.mark.parametrize("timezone", sorted(MOMENTS))
def test_series_across_a_change_of_clocks(write: Write, engine: Engine, timezone: str) -> None:
    first = MOMENTS[timezone] - 2 * 24 * HOUR_S
    found = [visited("/", first + 900 * step, step) for step in range(4 * 24 * 4)]
    write(found)
    for bucket in (Bucket.HOUR, Bucket.DAY, Bucket.MONTH):
        question = Question(
            SITE_ID,
            first,
            first + 4 * 24 * HOUR_S,
            (Metric.VISITORS, Metric.VISITS),
            bucket=bucket,
            timezone=timezone,
        )
        assert ask(engine, question).rows == oracle.answer(found, question)


@pytest.mark.parametrize("negated", [False, True])
def test_every_pattern_on_every_path(write: Write, engine: Engine, negated: bool) -> None:
    found = [visited(path, MOMENTS["UTC"], number) for number, path in enumerate(PATHS)]
    write(found)
    for name in ("event:page", "visit:entry_page"):
        for value in [*PATHS, *PATTERNS]:
            question = Question(
                SITE_ID,
                MOMENTS["UTC"],
                MOMENTS["UTC"] + 60,
                (Metric.VISITORS,),
                (DIMENSIONS[name],),
                (Filter(DIMENSIONS[name], negated, (value,)),),
            )
            assert ask(engine, question).rows == oracle.answer(found, question)


@pytest.mark.parametrize("metric", [*COUNTED, *TIMING_METRICS])
def test_every_metric_by_every_dimension(write: Write, engine: Engine, metric: Metric) -> None:
    begin = MOMENTS["UTC"]
    found = [
        OracleSession(
            number,
            number % 2,
            VISITS[number % len(VISITS)],
            tuple(
                OracleHit(
                    begin + 60 * (number + step),
                    NAMES[-step],
                    "x.org",
                    path,
                    50 + number,
                    ((step, number), (number, 2**31 + step)),
                )
                for step, path in enumerate(PATHS[number % 3 : 3 + number % 4])
            ),
        )
        for number in range(12)
    ]
    write(found)
    for dimension in KNOWN:
        if metric in TIMING_METRICS and not timed(dimension):
            continue
        question = Question(SITE_ID, begin + 120, begin + HOUR_S, (metric,), (dimension,))
        assert ask(engine, question).rows == oracle.answer(found, question)
