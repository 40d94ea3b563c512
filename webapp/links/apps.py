"""Shared links: who has one sees a site's dashboard without an account."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    name = "webapp.links"
