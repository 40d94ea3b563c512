"""The shapes of the answers, for the OpenAPI page and the types generated from it."""

from rest_framework import serializers


class TotalOutput(serializers.Serializer[None]):
    value = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(
        required=False,
        allow_null=True,
        help_text="Percent; of a bounce rate and other percentages the difference in points. With "
        "`compare` only.",
    )
    comparison_value = serializers.FloatField(
        required=False,
        allow_null=True,
        help_text="The value of the period it is compared with. With `compare` only.",
    )


class SpanOutput(serializers.Serializer[None]):
    start = serializers.IntegerField(help_text="First second, epoch seconds")
    end = serializers.IntegerField(help_text="First second after it, epoch seconds")


class RevenueOutput(serializers.Serializer[None]):
    currency = serializers.CharField(
        help_text="Of all revenue, ISO 4217; empty if each row is in its own"
    )
    converted = serializers.ListField(
        child=serializers.CharField(),
        help_text="Currencies converted to it by the operator's rates",
    )
    left_out = serializers.ListField(
        child=serializers.CharField(),
        help_text="Currencies without a rate, whose revenue is not in the numbers: a breakdown by "
        "`event:currency` has it",
    )


class MetaOutput(serializers.Serializer[None]):
    timezone = serializers.CharField(help_text="The site's timezone (IANA)")
    start = serializers.IntegerField(help_text="First second of the period, epoch seconds")
    end = serializers.IntegerField(help_text="First second after the period, epoch seconds")
    compared = SpanOutput(required=False, help_text="With `compare`: the other period")
    revenue = RevenueOutput(required=False, help_text="With revenue: in which currency")
    final_until = serializers.IntegerField(
        required=False,
        help_text="First second of the period that may still change, epoch seconds; `end` if none "
        "may. Not given while it is not known. A late hit, an import of history and a rebuild "
        "change final numbers as well.",
    )
    uniques_error = serializers.FloatField(
        required=False,
        help_text="Relative standard error of visitors and visits; not given where they are exact",
    )
    total_rows = serializers.IntegerField(
        required=False, help_text="With `total_rows`: rows of all pages together"
    )


class AggregateOutput(serializers.Serializer[None]):
    results = serializers.DictField(child=TotalOutput(), help_text="By metric")
    meta = MetaOutput()
    warning = serializers.CharField(required=False, help_text="With `with_imported`")


class RowsOutput(serializers.Serializer[None]):
    results = serializers.ListField(
        child=serializers.DictField(),
        help_text="One object a row: its `date`, or its properties, then one key a metric; with "
        "`compare` also `comparison`: the same of the other period, and `change` by metric. In a "
        "series of `dialect=pawprint`, `provisional: true` for steps that may still change",
    )
    meta = MetaOutput()
    warning = serializers.CharField(required=False, help_text="With `with_imported`")


class MinuteOutput(serializers.Serializer[None]):
    minute = serializers.IntegerField(help_text="Its start, epoch seconds")
    visitors = serializers.IntegerField()
    pageviews = serializers.IntegerField()


class TopOutput(serializers.Serializer[None]):
    name = serializers.CharField(allow_blank=True, help_text="Empty where it is not known")
    visitors = serializers.IntegerField(help_text="Of the last 5 minutes")


class NowOutput(serializers.Serializer[None]):
    now = serializers.IntegerField(help_text="Epoch seconds")


class RealtimeOutput(serializers.Serializer[None]):
    visitors = serializers.IntegerField(help_text="Last seen in the last 5 minutes")
    last_30m = serializers.IntegerField(help_text="Visitors last seen in the last 30 minutes")
    minutes = MinuteOutput(many=True, help_text="The last 30, oldest first; the last still runs")
    pages = TopOutput(many=True)
    sources = TopOutput(many=True)
    countries = TopOutput(many=True)
    devices = TopOutput(many=True)
    meta = NowOutput()


class LedgerEntries(serializers.Serializer[None]):
    accepted = serializers.IntegerField(help_text="counted + all that was left out")
    counted = serializers.IntegerField()
    left_out = serializers.DictField(child=serializers.IntegerField(), help_text="By reason")
    received = serializers.IntegerField(help_text="By the collectors: accepted or refused by them")
    refused = serializers.DictField(child=serializers.IntegerField(), help_text="By reason")


class LedgerOutput(serializers.Serializer[None]):
    results = LedgerEntries()
    meta = MetaOutput()
