"""The alerts of a site."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.alerts.selectors import SHOWN_MAX, alert_json, alerts_of_site
from webapp.api.views import ERRORS, SITE_ID, SiteView


class AlertOutput(serializers.Serializer[None]):
    id = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    minute = serializers.IntegerField(help_text="The minute that opened it, epoch seconds")
    pageviews = serializers.IntegerField(help_text="In that minute")
    threshold = serializers.IntegerField(help_text="Pageviews a minute")


class AlertsOutput(serializers.Serializer[None]):
    results = AlertOutput(many=True)


class AlertsApi(SiteView):
    @extend_schema(
        operation_id="alerts",
        summary="Spike alerts, newest first",
        description=f"At most the last {SHOWN_MAX}.",
        parameters=[SITE_ID],
        responses={200: AlertsOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        alerts = alerts_of_site(self.find_site(request))
        return Response({"results": [alert_json(alert) for alert in alerts]})
