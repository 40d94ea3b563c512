"""The shapes of the answers, for the OpenAPI page and the types generated from it."""

from rest_framework import serializers


class TotalOutput(serializers.Serializer[None]):
    value = serializers.FloatField(allow_null=True)
    change = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Percent; of a bounce rate the difference in points. With `compare` only.",
    )


class MetaOutput(serializers.Serializer[None]):
    timezone = serializers.CharField(help_text="The site's timezone (IANA)")
    start = serializers.IntegerField(help_text="First second of the period, epoch seconds")
    end = serializers.IntegerField(help_text="First second after the period, epoch seconds")


class AggregateOutput(serializers.Serializer[None]):
    results = serializers.DictField(child=TotalOutput(), help_text="By metric")
    meta = MetaOutput()


class RowsOutput(serializers.Serializer[None]):
    results = serializers.ListField(
        child=serializers.DictField(),
        help_text="One object a row: its `date`, or its properties, then one key a metric",
    )
    meta = MetaOutput()


class LedgerEntries(serializers.Serializer[None]):
    accepted = serializers.IntegerField(help_text="counted + all that was left out")
    counted = serializers.IntegerField()
    left_out = serializers.DictField(child=serializers.IntegerField(), help_text="By reason")
    received = serializers.IntegerField(help_text="By the collectors: accepted or refused by them")
    refused = serializers.DictField(child=serializers.IntegerField(), help_text="By reason")


class LedgerOutput(serializers.Serializer[None]):
    results = LedgerEntries()
    meta = MetaOutput()
