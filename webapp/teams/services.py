"""Writes about teams."""

from django.db import transaction

from webapp.accounts.models import User
from webapp.teams.models import Membership, Role, Team


@transaction.atomic
def create_team(*, name: str, owner: User, is_demo: bool = False) -> Team:
    """A new team with its first member."""
    team = Team.objects.create(name=name, is_demo=is_demo)
    add_member(team=team, user=owner, role=Role.OWNER)
    return team


def add_member(*, team: Team, user: User, role: Role) -> Membership:
    """Let a person in. Asked again it changes the role."""
    membership, _ = Membership.objects.update_or_create(
        team=team, user=user, defaults={"role": role}
    )
    return membership
