from django.urls import path

from webapp.stats import apis, realtime, report_apis

urlpatterns = [
    path("realtime", realtime.RealtimeApi.as_view(), name="realtime"),
    path("realtime/visitors", realtime.RealtimeVisitorsApi.as_view(), name="realtime-visitors"),
    path("aggregate", apis.AggregateApi.as_view(), name="aggregate"),
    path("timeseries", apis.TimeseriesApi.as_view(), name="timeseries"),
    path("breakdown", apis.BreakdownApi.as_view(), name="breakdown"),
    path("funnel", report_apis.FunnelApi.as_view(), name="funnel"),
    path("journeys", report_apis.JourneysApi.as_view(), name="journeys"),
    path("retention", report_apis.RetentionApi.as_view(), name="retention"),
    path("ledger", apis.LedgerApi.as_view(), name="ledger"),
]
