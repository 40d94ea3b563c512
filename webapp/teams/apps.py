"""Teams: who may see which sites."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "webapp.teams"
