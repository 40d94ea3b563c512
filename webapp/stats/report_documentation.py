"""Parameters and answers of the reports on the OpenAPI page."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_field
from rest_framework import serializers

from aggregates.clickhouse.buckets import DAY_S
from aggregates.clickhouse.funnels import STEPS_MAX, STEPS_MIN, WITHIN_MINUTES_MAX
from aggregates.clickhouse.journeys import BREADTH_MAX, DEPTH_MAX
from aggregates.clickhouse.retention import COHORTS_MAX, VISITS_MAX
from aggregates.clickhouse.vocabulary import Bucket
from webapp.stats.documentation import DIALECT, FILTERS, PERIOD
from webapp.stats.serializers import MetaOutput

BUCKETS: Final = {each.value: each for each in Bucket if each is not Bucket.MINUTE}
BY_HOURS_S_MAX: Final = 3 * DAY_S
HITS: Final = (*PERIOD, FILTERS, DIALECT)


def _parameter(
    name: str, kind: Any, description: str, example: object, **more: Any
) -> OpenApiParameter:
    examples = [OpenApiExample("for example", value=example)]
    return OpenApiParameter(name, kind, description=description, examples=examples, **more)


FUNNEL: Final = (
    _parameter(
        "step",
        str,
        f"{STEPS_MIN} to {STEPS_MAX} times, in the order of the steps: filters, as in `filters`.",
        ["event:page==/", "event:page==/pricing", "event:name==Signup"],
        required=True,
        many=True,
    ),
    _parameter(
        "by",
        str,
        "Who goes through the steps: each visit for itself, or a visitor over all visits.",
        "visitor",
        enum=("visit", "visitor"),
        default="visit",
    ),
    _parameter(
        "within",
        int,
        f"Minutes from the first step to the last, at most {WITHIN_MINUTES_MAX}; 0 is any.",
        30,
        default=0,
    ),
)
JOURNEYS: Final = (
    _parameter("start", str, "Filters, as in `filters`.", "event:page==/pricing", required=True),
    _parameter(
        "direction",
        str,
        "What came after the start, or before it.",
        "backwards",
        enum=("forwards", "backwards"),
        default="forwards",
    ),
    _parameter("depth", int, f"Steps, at most {DEPTH_MAX}.", 2, default=3),
    _parameter("breadth", int, f"Ways on from each step, at most {BREADTH_MAX}.", 10, default=5),
)
BUCKET: Final = _parameter(
    "bucket",
    str,
    f"The steps of time; the period may have {COHORTS_MAX} of them. By default hours for up to "
    "three days, else days.",
    "day",
    enum=tuple(BUCKETS),
)


class StepOutput(serializers.Serializer[None]):
    step = serializers.CharField()
    visits = serializers.IntegerField(required=False, help_text="That reached it; by visit")
    visitors = serializers.IntegerField(help_text="Different ones")
    conversion_rate = serializers.FloatField(
        allow_null=True, help_text="Percent of those that did the first step"
    )
    dropped = serializers.IntegerField(help_text="Reached the step before, and not this one")
    drop_off_rate = serializers.FloatField(
        allow_null=True, help_text="Percent of those that reached the step before"
    )


class FunnelOutput(serializers.Serializer[None]):
    results = StepOutput(many=True)
    meta = MetaOutput()


class NodeOutput(serializers.Serializer[None]):
    page = serializers.CharField(allow_blank=True, help_text="Empty for the start")
    visits = serializers.IntegerField(help_text="That came here by the same way")
    visitors = serializers.IntegerField()
    ended = serializers.IntegerField(help_text="Visits without a further step")
    unsure = serializers.IntegerField(help_text="Visits the order of whose steps is not known")
    steps = serializers.SerializerMethodField(help_text="The same again, most visits first")

    @extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/NodeOutput"}})
    def get_steps(self, node: object) -> None:
        """Only here to be documented: a tree has no end a serializer could write down."""


class JourneyOutput(serializers.Serializer[None]):
    results = NodeOutput()
    meta = MetaOutput()


class CohortOutput(serializers.Serializer[None]):
    start = serializers.IntegerField(help_text="Of its step of time, epoch seconds")
    visitors = serializers.ListField(
        child=serializers.IntegerField(), help_text="First all of them, then those that came again"
    )


class VisitsOutput(serializers.Serializer[None]):
    visits = serializers.IntegerField(help_text=f"{VISITS_MAX} stands for that many and more")
    visitors = serializers.IntegerField(help_text="That came so often")


class RetentionResults(serializers.Serializer[None]):
    cohorts = CohortOutput(many=True, help_text="Those with anybody in them")
    visits = VisitsOutput(many=True)
    returned_rate = serializers.FloatField(
        allow_null=True, help_text="Percent of the visitors that came more than once"
    )


class RetentionOutput(serializers.Serializer[None]):
    results = RetentionResults()
    meta = MetaOutput()
