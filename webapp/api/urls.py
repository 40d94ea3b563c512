"""API v1."""

from django.urls import include, path

from webapp.alerts.apis import AlertsApi
from webapp.sites.apis import SitesApi

urlpatterns = [
    path("stats/", include("webapp.stats.urls")),
    path("live/", include("webapp.live.urls")),
    path("sites", SitesApi.as_view(), name="sites"),
    path("alerts", AlertsApi.as_view(), name="alerts"),
]
