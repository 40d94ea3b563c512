"""Requests drawn by Hypothesis: sound in form, wrong in every value, and shrunk when one fails."""

from collections.abc import Callable

import hypothesis
import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from collector.steps.fields import GIVEN
from tests.fuzz.drawing import ALL_KEYS, BATCH, EVENT, HEADERS, PIXEL, Case
from tests.unit.collector.support import KEY

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["https://example.com/%00", "pageview", "engagement", "example.com", "1e999"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
bodies = st.dictionaries(st.sampled_from(ALL_KEYS) | st.text(), values)
urls = st.builds("{}://{}/{}".format, st.sampled_from(["http", "app"]), st.text(), st.text())
events = st.fixed_dictionaries(
    {"n": st.text(min_size=1) | st.just("pageview"), "u": urls | st.just("https://example.com/a")},
    optional={
        "r": urls | st.text(),
        "p": values,
        "$": values,
        "t": values,
        "w": values,
        "pid": values,
        "d": st.just("example.com"),
    },
)
headers = st.dictionaries(st.sampled_from(HEADERS), st.text(st.characters(codec="latin-1")))
given_values = st.dictionaries(st.sampled_from(GIVEN), values)
batch_events = st.builds(
    lambda event, more, who: event | more | who,
    events,
    given_values,
    st.dictionaries(
        st.sampled_from(["ip", "visitor", "user_agent", "timestamp", "event_id"]), values
    ),
)
batches = st.fixed_dictionaries(
    {
        "domain": st.just("example.com") | values,
        "import": st.none() | st.text() | values,
        "events": st.lists(batch_events | values, max_size=4),
    }
)


def _encoded(body: object) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)


def _case(
    method: str, path: str, sent: dict[str, str], body: object = b"", query: str = ""
) -> Case:
    return Case(method, path, tuple(sent.items()), _encoded(body), query)


with_key = headers.map(lambda sent: sent | {"authorization": f"Bearer {KEY}"})
cases = st.one_of(
    st.builds(_case, st.just("POST"), st.just(EVENT), headers, st.binary() | bodies | events),
    st.builds(_case, st.just("POST"), st.just(BATCH), with_key, batches | values),
    st.builds(
        _case,
        st.just("POST"),
        st.text().map("/api/imports/{}/finish".format),
        with_key,
        st.fixed_dictionaries({"domain": st.just("example.com") | values}),
    ),
    st.builds(_case, st.just("GET"), st.just(PIXEL), headers, st.just(b""), st.text()),
    st.builds(_case, st.text(), st.text(), headers, st.binary()),
)


def run(count: int, seed: int, ask: Callable[[Case], str]) -> None:
    """Asks `count` cases. Raises `AssertionError` with the smallest that fails."""

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        deadline=None,  # time is measured by `ask`
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def holds(case: Case) -> None:
        problem = ask(case)
        assert not problem, f"{problem}\n{case!r}"

    holds()
