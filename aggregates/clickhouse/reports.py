"""What funnels, journeys and retention share: whose hits they look at, and how they are refused.

They follow visits, and visitors, from hit to hit. Rows know the minute of a hit and not its order
within it; each report says what it makes of hits of the same minute.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aggregates.clickhouse.buckets import MINUTE_S
from aggregates.clickhouse.conditions import Param, condition
from aggregates.clickhouse.filters import Condition, Filter, leaves
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads, Rows, TooCostly
from aggregates.clickhouse.vocabulary import Grain, InvalidQuestion

ADVICE: Final = "ask for fewer days or filter for a part of the site"

Sql = tuple[str, dict[str, Param]]


def require_of_hits(conditions: Sequence[Condition], field: str) -> None:
    """Raises `InvalidQuestion` naming `field` for what only whole visits know."""
    for leaf in leaves(conditions):
        if not isinstance(leaf, Filter) or leaf.dimension.grain is Grain.VISIT:
            name = leaf.dimension.name if isinstance(leaf, Filter) else "scroll depth"
            raise InvalidQuestion(field, f"{name} is not known by hits")


def hit_sql(chosen: Condition, name: str) -> Sql:
    """Whether it holds for a hit, and the parameters, whose names begin with `name`."""
    assert isinstance(chosen, Filter)  # noqa: S101
    return condition(chosen, name)


def filters_sql(conditions: Sequence[Condition]) -> Sql:
    """What follows other conditions of a WHERE: all of `conditions`."""
    parts, params = [], {}
    for index, chosen in enumerate(conditions):
        sql, more = hit_sql(chosen, f"filter_{index}")
        parts.append(f"AND {sql}")
        params |= more
    return " ".join(parts), params


def read_report(
    reader: Reads,
    hits: Question,
    template: str,
    parts: Mapping[str, str],
    params: Mapping[str, Param],
) -> Rows:
    """The rows of `template`, an SQL text that leaves open `filters` and `parts`.

    Raises `TooCostly`, `StoreUnavailable`.
    """
    filters, filter_params = filters_sql(hits.filters)
    period: dict[str, Param] = {
        "site_id": hits.site_id,
        "start_s": hits.start_s // MINUTE_S * MINUTE_S,
        "end_s": hits.end_s,
    }
    sql = template.format(filters=filters, **parts)
    try:
        return reader.read(sql, {**params, **filter_params, **period})
    except TooCostly as error:
        raise TooCostly(f"The report {error}: {ADVICE}.") from error
