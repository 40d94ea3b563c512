"""A short run of the fuzzer over real connections; `./inv fuzz` has the long one."""

import pytest

from tests.fuzz.run import Report
from tests.fuzz.sockets import run_sockets, served, talk_to
from tests.fuzz.wire import GOOD, SPECIAL, Talk

pytestmark = pytest.mark.integration
CASES = 300


def test_drawn_connections() -> None:
    seen: list[int] = []
    report: Report = run_sockets(0, CASES, seen.append)
    assert report.failures == []
    assert report.cases == len(seen) == CASES


async def test_each_special_one_and_a_good_one_after_it() -> None:
    with served() as (port, _, log):
        for talk in (*SPECIAL, Talk(GOOD)):
            assert await talk_to(port, talk) == "", talk.data[:100]
        assert "error" not in log.read_text()
