"""Annotations: what happened to a site, noted on its chart."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "webapp.annotations"
