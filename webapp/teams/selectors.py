"""Reads about teams."""

from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.teams.models import MANAGING, Team


def managed_teams(user: User) -> QuerySet[Team]:
    """The teams whose keys and people a person may manage."""
    return Team.objects.filter(memberships__user=user, memberships__role__in=MANAGING).order_by(
        "pk"
    )
