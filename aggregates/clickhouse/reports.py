"""What funnels, journeys and retention share: whose hits they look at, and how they are refused.

They follow visits, and visitors, from hit to hit. Rows know the minute of a hit and not its order
within it; each report says what it makes of hits of the same minute.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aggregates.clickhouse.buckets import MINUTE_S
from aggregates.clickhouse.conditions import HIT_ARRAYS, arrays_sql, counted_sql, hit_sql
from aggregates.clickhouse.filters import Condition
from aggregates.clickhouse.parts import VISIT_LATER_S_MAX
from aggregates.clickhouse.plan import VISIT_SPAN_S_MAX
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads, Rows, TooCostly
from aggregates.clickhouse.values import Param, Values

ADVICE: Final = "ask for fewer days or filter for a part of the site"
_ALWAYS: Final = "visitor_id hit_count"  # what the reports' queries name themselves


def is_hit_sql(condition: Condition, values: Values) -> str:
    """Whether a row is of hits for which it holds; reports of engagement only if asked for."""
    return f"({counted_sql((condition,), values)} AND ({hit_sql(condition, values)}))"


def read_report(
    reader: Reads,
    hits: Question,
    template: str,
    parts: Mapping[str, str],
    values: Values,
    conditions: Sequence[Condition] = (),
    params: Mapping[str, Param] | None = None,
) -> Rows:
    """The rows of `template`, an SQL text that leaves open `parts` and what follows here.

    `params` are those the template names itself. It looks at hits of the site and period of `hits`
    that pass its filters; at reports of engagement as far as these or `conditions` ask for them.
    Raises `InvalidQuestion` for a regular expression that is none, `TooCostly`, `StoreUnavailable`.
    """
    filters = "".join(f" AND ({hit_sql(each, values)})" for each in hits.filters)
    counted = counted_sql((*hits.filters, *conditions), values)
    sql = template.format(
        filters=filters,
        counted=counted,
        hit_arrays=arrays_sql(HIT_ARRAYS, _ALWAYS, filters, counted, *parts.values()),
        **parts,
    )
    all_params = {**(params or {}), **values.params} | {
        "site_id": hits.site_id,
        "start_s": hits.start_s // MINUTE_S * MINUTE_S,
        "end_s": hits.end_s,
        "visits_until_s": hits.end_s + VISIT_LATER_S_MAX,
        "visits_since_s": max(0, hits.start_s - VISIT_SPAN_S_MAX),
    }
    try:
        return reader.read(sql, all_params)
    except TooCostly as error:
        raise TooCostly(f"The report {error}: {ADVICE}.") from error
