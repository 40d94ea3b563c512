"""The live stream of a site."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "webapp.live"
