"""The page of the API."""

from django.apps import AppConfig


class ApiDocsConfig(AppConfig):
    name = "webapp.apidocs"
