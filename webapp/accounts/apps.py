"""People and how they log in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "webapp.accounts"
