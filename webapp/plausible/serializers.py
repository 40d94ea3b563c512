"""The shapes of a query and its answer, for the OpenAPI page and the types generated from it.

Queries are validated by `webapp.plausible.schema`, whose errors clients know.
"""

from rest_framework import serializers

from webapp.plausible.schema import LIMIT_MAX, METRICS


class IncludeInput(serializers.Serializer[None]):
    imports = serializers.BooleanField(required=False)
    time_labels = serializers.BooleanField(required=False)
    total_rows = serializers.BooleanField(required=False)
    trim_relative_date_range = serializers.BooleanField(required=False)


class PaginationInput(serializers.Serializer[None]):
    limit = serializers.IntegerField(required=False, min_value=1, max_value=LIMIT_MAX)
    offset = serializers.IntegerField(required=False, min_value=0)


class QueryInput(serializers.Serializer[None]):
    site_id = serializers.CharField(help_text="The site's domain")
    metrics = serializers.ListField(child=serializers.ChoiceField(METRICS), min_length=1)
    date_range = serializers.JSONField(
        help_text="`day`, `24h`, `7d`, `6mo`, `month`, `year`, `all`, or a list of two dates or "
        "two datetimes"
    )
    dimensions = serializers.ListField(child=serializers.CharField(), required=False)
    filters = serializers.ListField(child=serializers.JSONField(), required=False)
    order_by = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        required=False,
    )
    include = IncludeInput(required=False)
    pagination = PaginationInput(required=False)


class ResultOutput(serializers.Serializer[None]):
    metrics = serializers.ListField(
        child=serializers.JSONField(allow_null=True),
        help_text="In the order of the query's metrics; revenue as an object, or null",
    )
    dimensions = serializers.ListField(
        child=serializers.CharField(), help_text="In the order of the query's dimensions"
    )


class QueryOutput(serializers.Serializer[None]):
    results = ResultOutput(many=True)
    meta = serializers.DictField(help_text="What `include` asks for, and warnings")
    query = serializers.DictField(help_text="The query as it was understood")
