"""Writes about people."""

from webapp.accounts.models import User, normal_email


def create_user(*, email: str, password: str) -> User:
    """A new person. Raises `django.core.exceptions.ValidationError` for a bad or taken address."""
    user = User(email=normal_email(email))
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def set_password(*, user: User, password: str) -> None:
    """Replace a password; everything the person is logged in with elsewhere ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
