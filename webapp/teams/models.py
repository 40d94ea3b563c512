"""Teams own sites and API keys; people belong to teams."""

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
    OWNER = "owner"
    MEMBER = "member"


MANAGING = (Role.OWNER,)  # who may manage a team's keys


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
