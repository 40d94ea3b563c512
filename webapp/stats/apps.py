"""The stats API."""

from django.apps import AppConfig


class StatsConfig(AppConfig):
    name = "webapp.stats"
