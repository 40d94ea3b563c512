"""Teams own sites and API keys; people belong to teams, or are guests of one site."""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.utils.timezone import now


class Team(models.Model):
    """All members see all sites of their team."""

    name = models.CharField(max_length=100)
    is_demo = models.BooleanField(default=False)  # made by `make_demo`; its pages say so
    created_at = models.DateTimeField(default=now)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="teams"
    )

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person may do in a team, or as a guest of one site (then editor or viewer)."""

    OWNER = "owner"  # also delete sites
    ADMIN = "admin"  # also manage keys, people and guests
    EDITOR = "editor"  # also change sites and what belongs to them
    VIEWER = "viewer"  # read


READING: Final = tuple(Role)
EDITING: Final = (Role.OWNER, Role.ADMIN, Role.EDITOR)
MANAGING: Final = (Role.OWNER, Role.ADMIN)
OWNING: Final = (Role.OWNER,)


class Membership(models.Model):
    """One person in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("team", "user"), name="one_membership_a_team"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Guest(models.Model):
    """A person who may see one site of a team they are not in, or is invited to.

    Until `user` is set, it is an invitation to whoever proves to have that address.
    """

    ROLES: ClassVar = ((Role.EDITOR.value, "Editor"), (Role.VIEWER.value, "Viewer"))

    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="guests")
    email = models.EmailField()  # in lower case
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="guest_at",
    )
    role = models.CharField(max_length=10, choices=ROLES)
    invited_at = models.DateTimeField(default=now)
    mailed_at = models.DateTimeField(null=True, blank=True)  # when they were told

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "email"), name="one_guest_an_address"),
        )

    def __str__(self) -> str:
        return f"{self.email} at {self.site}"

    @property
    def has_accepted(self) -> bool:
        return self.user_id is not None
