"""What a site wants its visitors to do, and which properties of its events are shown."""

from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "webapp.goals"
