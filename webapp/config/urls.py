"""All addresses of the web application."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from webapp.apidocs.views import docs
from webapp.config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    # "Split": the page's script is a file of its own, as the content security policy asks for.
    path("api/try/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="try"),
    path("api/docs/", docs, name="docs"),
    path("api/v1/", include("webapp.api.urls")),
    path("v1/stats/", include("webapp.panelbear.urls")),
    path("api/v2/", include("webapp.plausible.urls")),
    path("", include("webapp.accounts.urls")),
    path("", include("webapp.dashboard.urls")),
]

handler400 = "webapp.dashboard.views.bad_request"
handler403 = "webapp.dashboard.views.forbidden"
handler404 = "webapp.dashboard.views.not_found"
handler500 = "webapp.dashboard.views.server_error"
