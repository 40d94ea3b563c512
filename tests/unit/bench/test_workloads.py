"""The drawn logs: the same by the same seed, and of the shape their name says."""

from collections import Counter
from itertools import pairwise

import pytest

from schemas.events import BATCH_BYTES_MAX, BATCH_HITS_MAX, Hit, Kind, encode_batch
from tests.bench.folding import measure
from tests.bench.workloads import HOT_SITE, NEW_VISITORS, PLAIN, WORKLOADS, Workload, batches

START_MS = 1_763_928_000_000


def hits(workload: Workload, count: int, partition: int = 0, seed: int = 1) -> list[Hit]:
    drawn = batches(workload, seed, partition, 4, count, START_MS)
    return [hit for batch in drawn for hit in batch.hits]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_every_workload(workload: Workload) -> None:
    drawn = hits(workload, 3_000)
    assert len(drawn) == 3_000
    assert drawn == hits(workload, 3_000)
    assert drawn != hits(workload, 3_000, seed=2)
    others = hits(workload, 3_000, partition=1)
    assert len({hit.event_id for hit in drawn + others}) == 6_000
    visitors = [{(hit.site_id, hit.visitor_id) for hit in each} for each in (drawn, others)]
    assert not visitors[0] & visitors[1], "a visitor's hits meet in one partition"
    assert all(before.at_ms <= after.at_ms for before, after in pairwise(drawn))
    seconds = (drawn[-1].at_ms - START_MS) / 1000
    assert seconds == pytest.approx(3_000 / (workload.hits_per_s / 4), rel=0.01)
    for batch in batches(workload, 1, 0, 4, 3_000, START_MS):
        assert len(batch.hits) <= BATCH_HITS_MAX
        assert len(encode_batch(batch)) <= BATCH_BYTES_MAX


def test_shapes() -> None:
    hot, new = hits(HOT_SITE, 20_000), hits(NEW_VISITORS, 20_000)
    plain = hits(PLAIN.at_pace(1_000), 60_000)  # long enough for visits to end
    assert len(plain) / len({hit.visitor_id for hit in plain}) > 3
    assert Counter(hit.site_id == 1 for hit in hot)[True] == pytest.approx(18_000, rel=0.05)
    assert len({hit.visitor_id for hit in new}) == len(new)
    begun: set[int] = set()
    for hit in plain:
        assert hit.visitor_id in begun or hit.kind is Kind.PAGEVIEW, "a visit begins with a page"
        begun.add(hit.visitor_id)


def test_the_fold_bench_measures_something() -> None:
    measured = measure(PLAIN.at_pace(1_000), 5_000)
    assert measured.hits == 5_000
    assert measured.decode_s > 0 and measured.fold_s > 0
    assert measured.rows > 100
    assert 500 < measured.sessions < 5_000
    assert measured.snapshot_bytes > 100 * measured.sessions
