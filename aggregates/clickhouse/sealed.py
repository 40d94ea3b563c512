"""Sealed days: which of them a question may be answered from, in place of their minutes.

    minutes   |....|..........................................................|.......|
    sealed         |---- UTC day ----|---- UTC day ----|---- UTC day ----|
    question     [-------------------------------------------------------------------]

A seal keeps what a day comes to: of the whole site in steps of a quarter of an hour, by each
dimension's values (migrations/0008_sealed_days.sql), and hits by these in steps as well
(0009_day_steps.sql). Visitors with no hit on another day are kept as numbers, which add up; the
others as ids. It holds as long as nothing was written of the day since, so what is answered from it
is what its minutes would answer.

A period may also begin or end within a day, and of the whole site a bucket: who was there before,
or from then on, is told by when visitors were first and last seen.
"""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from aggregates.clickhouse.buckets import DAY_S, MINUTE_S, bucket_starts
from aggregates.clickhouse.filters import WILDCARD, Filter, Operator, conjuncts
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Dimension
from schemas.events import VISIT_DIMENSIONS

STEP_S: Final = 900  # of the whole site: every zone's days begin at one of these
WHOLE_SITE: Final = ""  # in place of a dimension's name
# How long before a day its visits may have begun, for what a seal says of hits by their visit. The
# queries of seals add up these days.
NEARBY_S: Final = 2 * DAY_S

_OF_HITS: Final = ("event:name", "event:page", "event:hostname")
_OF_VISITS: Final = (
    "visit:entry_page", "visit:exit_page", "visit:entry_page_hostname", "visit:exit_page_hostname",
)  # fmt: skip
_OF_BOTH: Final = tuple(f"visit:{name}" for name in VISIT_DIMENSIONS)
# Those a seal knows hits by, by their rows and by their visits'; of the first those no visit has,
# by which it knows sessions as well; and those it knows visits by.
HIT_DIMENSIONS: Final = tuple(DIMENSIONS[name] for name in (*_OF_HITS, *_OF_BOTH))
LINKED_DIMENSIONS: Final = tuple(DIMENSIONS[name] for name in _OF_VISITS)
SESSION_DIMENSIONS: Final = tuple(DIMENSIONS[name] for name in _OF_HITS)
VISIT_ROW_DIMENSIONS: Final = tuple(DIMENSIONS[name] for name in (*_OF_VISITS, *_OF_BOTH))
# None within a day: of a visitor's day only the first and the last hit are known.
_BUCKETS: Final = (None, Bucket.DAY, Bucket.WEEK, Bucket.MONTH)


@dataclass(frozen=True, slots=True)
class SealedDay:
    """A day (UTC) from `start_s`, epoch seconds, and the seal that its rows bear."""

    start_s: int
    seal: int
    is_linked: bool = True  # it knows hits by entry and exit pages of their visit
    has_steps: bool = True  # it knows dimensions in steps too

    @property
    def end_s(self) -> int:
        return self.start_s + DAY_S


class Steps(enum.Enum):
    """What of a day's seal is in steps, beside the day as a whole."""

    NONE = "timings; visits by a dimension"
    DIMENSION = "hits by a dimension, if the seal has steps"
    WHOLE_SITE = "hits and visits of the whole site"


@dataclass(frozen=True, slots=True)
class Slice:
    """What of a day's seal a question is about: one dimension, or the whole site."""

    dimension: Dimension | None
    filters: tuple[Filter, ...] = ()  # on that dimension

    @property
    def name(self) -> str:
        return self.dimension.column if self.dimension else WHOLE_SITE


def slice_of(question: Question) -> Slice | None:
    """What seals would have to be asked for it; None if they do not know it.

    By one value of a dimension or by all of them, but not summed over some: who saw two pages is
    one visitor of both.
    """
    conditions = conjuncts(question.filters)
    filters = [each for each in conditions if isinstance(each, Filter)]
    if len(filters) < len(conditions):
        return None
    asked = {*question.dimensions, *(each.dimension for each in filters)}
    if not asked:
        return Slice(None) if question.bucket in _BUCKETS else None
    if len(asked) > 1 or question.bucket is not None:
        return None
    (dimension,) = asked
    if dimension not in (*HIT_DIMENSIONS, *VISIT_ROW_DIMENSIONS):
        return None
    if not question.dimensions and not any(map(_is_one_value, filters)):
        return None
    return Slice(dimension, tuple(filters))


def _is_one_value(chosen: Filter) -> bool:
    if chosen.negated or not chosen.case_sensitive or len(chosen.values) != 1:
        return False
    is_literal = chosen.operator is Operator.FITS and WILDCARD not in chosen.values[0]
    return is_literal or chosen.operator is Operator.IS


def sealed_days(reader: Reads, question: Question) -> tuple[SealedDay, ...]:
    """The days with a seal that holds, of those the question touches, by time.

    Raises `TooCostly`, `StoreUnavailable`.
    """
    if slice_of(question) is None:
        return ()
    first_day_s = question.start_s // DAY_S * DAY_S
    params = {
        "site_id": question.site_id,
        "first_day_s": first_day_s,
        "nearby_s": max(0, first_day_s - NEARBY_S),
        "after_s": question.end_s,
    }
    rows = reader.read(read_query("sealed_days_list"), params)
    return tuple(holding(cast("list[tuple[int, int, int, int, int, int]]", rows)))


def holding(days: Sequence[tuple[int, int, int, int, int, int]]) -> Iterator[SealedDay]:
    """Of days as `sealed_days_list` has them those whose seal holds: nothing was written since."""
    written = {start_s: rows for start_s, *_, rows in days}
    for start_s, seal, writes, linked_writes, has_steps, rows in days:
        if seal and writes == rows:
            nearby = range(start_s - NEARBY_S, start_s + DAY_S, DAY_S)
            is_linked = linked_writes == sum(written.get(day_s, 0) for day_s in nearby)
            yield SealedDay(start_s, seal, is_linked, bool(has_steps))


def usable(sealed: Iterable[SealedDay], question: Question, steps: Steps) -> tuple[SealedDay, ...]:
    """Those of `sealed` that say what the question needs of them: of which they have `steps`.

    A day within one period and bucket always does; one that is cut once, if it has steps.
    """
    cuts = _cuts(question)
    return tuple(day for day in sealed if _is_usable(day, cuts, steps))


def whole_days(
    days: Iterable[SealedDay], question: Question
) -> tuple[tuple[SealedDay, ...], tuple[SealedDay, ...]]:
    """`days` that neither the period nor a bucket cuts, and those that one does."""
    found = tuple(days)
    whole = usable(found, question, Steps.NONE)
    return whole, tuple(day for day in found if day not in whole)


def _cuts(question: Question) -> list[int]:
    """Where the period and its buckets begin and end, epoch seconds."""
    found = {question.start_s // MINUTE_S * MINUTE_S, -(-question.end_s // MINUTE_S) * MINUTE_S}
    if question.bucket is not None:
        found.update(
            bucket_starts(question.start_s, question.end_s, question.bucket, question.timezone)
        )
    return sorted(found)


def _is_usable(day: SealedDay, cuts: Sequence[int], steps: Steps) -> bool:
    inside = [cut for cut in cuts if day.start_s < cut < day.end_s]
    if not inside:
        return True
    has_steps = steps is Steps.WHOLE_SITE or (steps is Steps.DIMENSION and day.has_steps)
    return has_steps and len(inside) == 1 and inside[0] % STEP_S == 0


def ranges_between(
    days: Sequence[SealedDay], start_s: int, end_s: int
) -> Iterator[tuple[int, int]]:
    """What of [start, end) is in none of `days`, which are by time."""
    at_s = start_s
    for day in days:
        if day.start_s > at_s:
            yield at_s, day.start_s
        at_s = max(at_s, day.end_s)
    if at_s < end_s:
        yield at_s, end_s
