"""Teams and guests: who may see which sites."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class TeamsConfig(AppConfig):
    name = "webapp.teams"

    def ready(self) -> None:
        user_logged_in.connect(_accept_invitations, dispatch_uid="teams.accept_invitations")


def _accept_invitations(sender: object, user: Any, **_: object) -> None:
    """Who logs in has an address that the operator, who makes accounts, vouches for."""
    from webapp.teams.services import accept_invitations  # models are not there before `ready`

    accept_invitations(user)
