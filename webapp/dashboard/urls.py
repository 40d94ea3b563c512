"""Last of all urls: a domain may look like any other first part of a path."""

from django.urls import path, register_converter

from webapp.dashboard import views
from webapp.links.views import SharedDashboardView
from webapp.sites.validators import DOMAIN_PATTERN


class DomainConverter:
    """A site's domain in a path."""

    regex = DOMAIN_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DomainConverter, "domain")

urlpatterns = [
    path("", views.home, name="home"),
    path("share/<domain:domain>", SharedDashboardView.as_view(), name="share"),
    path("<domain:domain>/", views.dashboard, name="dashboard"),
]
