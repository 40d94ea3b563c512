"""Writes about teams and guests."""

from functools import partial
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from webapp.accounts.models import User, normal_email
from webapp.mail.sending import order
from webapp.sites.models import Site
from webapp.sites.services import lock_site
from webapp.teams.models import Guest, Membership, Role, Team
from webapp.teams.tasks import send_invitation

GUESTS_MAX: Final = 200  # of one site


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


@transaction.atomic
def find_or_invite_guest(*, site: Site, email: str, role: Role) -> Guest:
    """Whoever has that address may see this site, once they have logged in; they are told by mail.

    The role of one who is there already stays. Raises `django.core.exceptions.ValidationError`
    naming the bad fields.
    """
    lock_site(site)
    guest = Guest(site=site, email=normal_email(email), role=role)
    guest.clean_fields()
    found = Guest.objects.filter(site=site, email=guest.email).first()
    if found is not None:
        return found
    if Guest.objects.filter(site=site).count() >= GUESTS_MAX:
        raise ValidationError({"email": f"A site has at most {GUESTS_MAX} guests."})
    guest.save()
    transaction.on_commit(partial(order, send_invitation, guest.pk))
    return guest


def remove_guest(*, site: Site, email: str) -> None:
    """End an invitation or what came of it. No harm where there is none; members stay."""
    Guest.objects.filter(site=site, email=normal_email(email)).delete()


def accept_invitations(user: User) -> int:
    """Make a person a guest of the sites that their address is invited to; of how many.

    To be called only for who has proved to have that address.
    """
    return Guest.objects.filter(email=user.email, user=None).update(user=user)
