from django.urls import path

from webapp.panelbear import apis

urlpatterns = [
    path("aggregation", apis.AggregationApi.as_view(), name="panelbear-aggregation"),
    path("timeseries", apis.TimeseriesApi.as_view(), name="panelbear-timeseries"),
    path("breakdown", apis.BreakdownApi.as_view(), name="panelbear-breakdown"),
]
