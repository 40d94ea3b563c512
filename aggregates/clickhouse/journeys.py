"""Journeys: the pages that visits went on to from a page or goal, or came to it by, as a tree.

    a visit's hits          10:00 /    10:01 /pricing    10:01 /pricing    10:04 /docs
    from "/"                /pricing, /docs              a page that follows itself is one step

A visit's journey begins at its first hit of the kind. Of several pages in one minute the order is
not known, apart from the entry page, which comes first, and the exit page, which comes last. Where
that leaves it open they stand in the order of the alphabet, and the visit is counted as `unsure`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from aggregates.clickhouse.filters import Condition, require_bounded
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads
from aggregates.clickhouse.reports import is_hit_sql, read_report
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import InvalidQuestion

DEPTH_MAX: Final = 6
BREADTH_MAX: Final = 20
NODES_MAX: Final = 1_000  # of one tree; those with the most visits


@dataclass(frozen=True, slots=True)
class Journey:
    """Ways through the hits of `hits` (its site, period and filters) from the first of a kind.

    Raises `InvalidQuestion` when made with what cannot be asked.
    """

    hits: Question
    start: Condition
    backwards: bool = False  # the pages before it, the nearest first
    depth: int = 3  # steps
    breadth: int = 5  # ways shown from each step; the most frequent

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= DEPTH_MAX:
            raise InvalidQuestion("depth", f"must be from 1 to {DEPTH_MAX}")
        if not 1 <= self.breadth <= BREADTH_MAX:
            raise InvalidQuestion("breadth", f"must be from 1 to {BREADTH_MAX}")
        require_bounded((self.start,), "start")


@dataclass(slots=True)
class Node:
    """Visits that came to a page by the same way; those that went on but are not shown: the rest.

    `ended`: there was no further step. `page` is "" for the start.
    """

    page: str
    visits: int
    visitors: int
    ended: int
    unsure: int
    steps: list["Node"] = field(default_factory=list)  # most visits first, then by page


def read_journey(reader: Reads, journey: Journey) -> Node:
    """The tree from its start on. Raises as `read_report`."""
    rest = (
        "arrayReverse(arraySlice(seen, 1, start_at - 1))"
        if journey.backwards
        else "arraySlice(seen, start_at + 1)"
    )
    values = Values()
    params = {"depth": journey.depth, "breadth": journey.breadth, "limit": NODES_MAX}
    parts = {"start": is_hit_sql(journey.start, values), "rest": rest}
    template = read_query("journey_count")
    rows = read_report(reader, journey.hits, template, parts, values, (journey.start,), params)
    return _tree(rows)


def _tree(rows: Sequence[tuple[object, ...]]) -> Node:
    """No way has more visits than the one it goes on from, so that one came before it."""
    root = Node("", 0, 0, 0, 0)
    nodes: dict[tuple[str, ...], Node] = {}
    for row in rows:
        way = tuple(cast("Sequence[str]", row[0]))
        node = Node(way[-1] if way else "", *cast("tuple[int, int, int, int]", row[1:5]))
        if not way:
            root = node
        elif way[:-1] in nodes:
            nodes[way[:-1]].steps.append(node)
        else:
            continue  # goes on from one that is not shown
        nodes[way] = node
    return root
