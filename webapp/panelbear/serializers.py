"""The shapes of Panelbear's requests and answers."""

from typing import Final

from rest_framework import serializers

from aggregates.clickhouse.questions import METRICS_MAX
from aggregates.clickhouse.vocabulary import Bucket
from webapp.panelbear.names import DIMENSION_NAMES, METRICS
from webapp.panelbear.periods import DEFAULT_PERIOD, PERIODS

FILTERS_MAX: Final = 20
ORDER_MAX: Final = 2
PAGE_MAX: Final = 10_000
PAGE_SIZE_DEFAULT: Final = 10
PAGE_SIZE_MAX: Final = 1_000
OPERATORS: Final = ("eq", "neq", "in", "not_in", "contains", "not_contains")
NAME_CHARS_MAX: Final = 60
DOMAIN_CHARS_MAX: Final = 253

_PERIOD_HELP: Final = "In the request's timezone; `1h` and `24h` end now, the others with today"


class FilterInput(serializers.Serializer[None]):
    dimension = serializers.ChoiceField(choices=DIMENSION_NAMES)
    operator = serializers.ChoiceField(choices=OPERATORS)
    value = serializers.JSONField(
        help_text="A text, or for `in` and `not_in` a list of texts; empty where it is not known"
    )


class QuestionInput(serializers.Serializer[None]):
    site_id = serializers.CharField(max_length=DOMAIN_CHARS_MAX, help_text="The site's domain")
    aggregate = serializers.ListField(
        child=serializers.ChoiceField(choices=list(METRICS)),
        min_length=1,
        max_length=METRICS_MAX,
        help_text="`session_count` are unique visitors, `event_count` pageviews and custom events",
    )
    period = serializers.ChoiceField(
        choices=PERIODS, default=DEFAULT_PERIOD, help_text=_PERIOD_HELP
    )
    # DRF's types do not know what a serializer of many takes.
    filter = FilterInput(many=True, default=list, max_length=FILTERS_MAX)  # type: ignore[call-arg]
    timezone = serializers.CharField(
        max_length=NAME_CHARS_MAX, default="UTC", help_text="IANA, as in America/Costa_Rica"
    )


class TimeseriesInput(QuestionInput):
    time_bucket = serializers.ChoiceField(
        choices=[bucket.value for bucket in Bucket],
        required=False,
        help_text="`minute` for 1h; `hour` for 24h, today and 7d; `day` from 7d on; `week` from "
        "4w on; `month` from 3m on",
    )


class BreakdownInput(QuestionInput):
    group_by = serializers.ChoiceField(choices=DIMENSION_NAMES)
    order_by = serializers.ListField(
        child=serializers.CharField(max_length=NAME_CHARS_MAX),
        default=list,
        max_length=ORDER_MAX,
        help_text="Of what is aggregated and `group_by`; `-` before it for the highest first. By "
        "default the first aggregate, highest first",
    )
    page = serializers.IntegerField(min_value=1, max_value=PAGE_MAX, default=1)
    page_size = serializers.IntegerField(
        min_value=1, max_value=PAGE_SIZE_MAX, default=PAGE_SIZE_DEFAULT
    )


class ValueOutput(serializers.Serializer[None]):
    value = serializers.FloatField(allow_null=True)


# `data`, as Panelbear calls it, is also an attribute of every serializer.
class AggregationOutput(serializers.Serializer[None]):
    data = serializers.DictField(  # type: ignore[assignment]
        child=ValueOutput(), help_text="By what is aggregated"
    )


class ListOutput(serializers.Serializer[None]):
    data = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(),
        help_text="One object a row: `ts` (ISO 8601), or the value of `group_by` under its name, "
        "then one key for all that is aggregated",
    )


class MessageOutput(serializers.Serializer[None]):
    message = serializers.CharField()
    error = serializers.CharField(help_text="The same, as in all other APIs here")
