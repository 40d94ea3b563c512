"""API v1."""

from django.urls import include, path

from webapp.alerts.apis import AlertsApi
from webapp.sites.apis import SitesApi
from webapp.sites.key_apis import KeyApi, KeysApi

urlpatterns = [
    path("stats/", include("webapp.stats.urls")),
    path("live/", include("webapp.live.urls")),
    path("sites", SitesApi.as_view(), name="sites"),
    path("sites/", include("webapp.sites.urls")),
    path("keys", KeysApi.as_view(), name="keys"),
    path("keys/<int:key_id>", KeyApi.as_view(), name="key"),
    path("alerts", AlertsApi.as_view(), name="alerts"),
]
