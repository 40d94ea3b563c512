"""People. They log in with their e-mail address."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.timezone import now


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with that address; capitals do not matter."""
        return self.get(email=normal_email(username or ""))


class User(AbstractBaseUser):
    """A person. Written by `webapp.accounts.services` only."""

    email = models.EmailField(unique=True)  # in lower case
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.email

    @property
    def initials(self) -> str:
        """One or two capitals for the page's corner: "JD" for jane.doe@example.com."""
        words = self.email.partition("@")[0].replace("-", ".").replace("_", ".").split(".")
        return "".join(word[0] for word in words if word)[:2].upper()


def normal_email(email: str) -> str:
    """The form an address is stored and looked up in."""
    return email.strip().lower()
