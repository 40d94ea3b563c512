"""Sites and API keys, published to the collector and the streams."""

from django.apps import AppConfig


class SitesConfig(AppConfig):
    name = "webapp.sites"
