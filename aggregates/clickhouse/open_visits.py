"""Which past minutes open visits may still change: a visit's numbers are those of its beginning."""

from typing import cast

from aggregates.clickhouse.plan import VISIT_SPAN_S_MAX
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.reader import Reads


def first_open_visit_s(reader: Reads, site_id: int, settled_s: int) -> int:
    """The minute (epoch seconds) the first visit began in that had a hit from `settled_s` on.

    `settled_s` if there is none from before it. Raises `TooCostly`, `StoreUnavailable`.
    """
    params = {
        "site_id": site_id,
        "start_s": max(0, settled_s - VISIT_SPAN_S_MAX),
        "end_s": settled_s,
        "settled_s": settled_s,
    }
    rows = reader.read(read_query("open_visits_begin"), params)
    began_s, visits = cast("tuple[int, int]", rows[0])
    return began_s if visits else settled_s
