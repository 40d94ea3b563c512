"""Segments: filters that people keep under a name."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "webapp.segments"
