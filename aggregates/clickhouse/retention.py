"""Retention: which visitors came again, and how often visitors came.

A cohort is made of the visitors whose first hit in the period lies in the same bucket. A visitor is
one as long as the id lasts. Ids are made with a salt of each UTC day, so nobody is known again the
day after; only a visit that goes on over midnight keeps its id. What a site can learn is how many
come back within the day (bucket: hour); buckets of days and more are right for rows whose ids last
longer, and else show what they must: nobody comes back.
"""

from dataclasses import dataclass
from typing import Final, cast

from aggregates.clickhouse.buckets import bucket_starts, key_sql, starts_by_key
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads
from aggregates.clickhouse.reports import read_report
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import Bucket, InvalidQuestion

COHORTS_MAX: Final = 100
VISITS_MAX: Final = 10  # this many visits and more are counted together


@dataclass(frozen=True, slots=True)
class Cohort:
    """`visitors[k]`: those of them with a hit in the k-th bucket after the first one's."""

    start_s: int  # of its bucket
    visitors: tuple[int, ...]  # as many as buckets are left of the period


def read_cohorts(reader: Reads, hits: Question, bucket: Bucket) -> tuple[Cohort, ...]:
    """One for each bucket of the period of `hits`, counting hits that pass its filters.

    Raises `InvalidQuestion`, `TooCostly`, `StoreUnavailable`.
    """
    period = (hits.start_s, hits.end_s, bucket, hits.timezone)
    starts = bucket_starts(*period)
    if len(starts) > COHORTS_MAX:
        raise InvalidQuestion("bucket", f"more than {COHORTS_MAX} of a {bucket}: ask for longer")
    values = Values()
    parts = {"key": key_sql(*period, values)}
    rows = read_report(reader, hits, read_query("retention_count"), parts, values)
    places = {start: place for place, start in enumerate(starts)}
    place_of = {key: places[start] for key, start in starts_by_key(*period).items()}
    counts = [[0] * (len(starts) - place) for place in range(len(starts))]
    for cohort, seen, visitors in cast("list[tuple[int, int, int]]", rows):
        first = place_of[cohort]
        counts[first][place_of[seen] - first] = visitors
    return tuple(Cohort(start, tuple(found)) for start, found in zip(starts, counts, strict=True))


def read_loyalty(reader: Reads, hits: Question) -> dict[int, int]:
    """Visits -> visitors that came so often, VISITS_MAX standing for that often and more.

    Raises `InvalidQuestion`, `TooCostly`, `StoreUnavailable`.
    """
    params = {"visits_max": VISITS_MAX}
    rows = read_report(reader, hits, read_query("loyalty_count"), {}, Values(), (), params)
    return dict(cast("list[tuple[int, int]]", rows))
