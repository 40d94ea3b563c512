"""API v1."""

from django.urls import include, path

from webapp.alerts.apis import AlertsApi
from webapp.annotations.apis import AnnotationApi, AnnotationsApi
from webapp.segments.apis import SegmentApi, SegmentsApi
from webapp.sites.apis import SitesApi
from webapp.sites.key_apis import KeyApi, KeysApi
from webapp.stats.export_apis import ExportApi

urlpatterns = [
    path("stats/", include("webapp.stats.urls")),
    path("live/", include("webapp.live.urls")),
    path("sites", SitesApi.as_view(), name="sites"),
    path("sites/", include("webapp.sites.urls")),
    path("keys", KeysApi.as_view(), name="keys"),
    path("keys/<int:key_id>", KeyApi.as_view(), name="key"),
    path("exports", ExportApi.as_view(), name="exports"),
    path("annotations", AnnotationsApi.as_view(), name="annotations"),
    path("annotations/<int:annotation_id>", AnnotationApi.as_view(), name="annotation"),
    path("segments", SegmentsApi.as_view(), name="segments"),
    path("segments/<int:segment_id>", SegmentApi.as_view(), name="segment"),
    path("alerts", AlertsApi.as_view(), name="alerts"),
]
