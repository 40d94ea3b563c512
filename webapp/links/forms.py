"""The form before a shared link that has a password."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from webapp.accounts import throttle
from webapp.accounts.addresses import address_of
from webapp.accounts.forms import THROTTLED
from webapp.links.models import SharedLink
from webapp.links.services import PASSWORD_CHARS_MAX
from webapp.rates.limiter import network

WRONG = "This is not the password of this link."
TOO_MANY = f"Too many tries. Wait {throttle.WINDOW_S // 60} minutes, then try again."


class PasswordForm(forms.Form):
    """A link's password, limited in how often it may be tried by an address and in all."""

    password = forms.CharField(max_length=PASSWORD_CHARS_MAX, strip=False)

    def __init__(self, data: Any = None, *, link: SharedLink, meta: dict[str, Any]) -> None:
        super().__init__(data)
        self._link = link
        self._meta = meta

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        link = str(self._link.pk)
        caller = f"{link} {network(address_of(self._meta))}"
        taken = throttle.take(throttle.LINK_ADDRESS, caller) and throttle.take(throttle.LINK, link)
        if not taken:
            raise ValidationError(TOO_MANY, code=THROTTLED)
        if "password" not in cleaned:  # its own error says why
            return cleaned
        if not check_password(cleaned["password"], self._link.password):
            raise ValidationError(WRONG)
        throttle.forget(throttle.LINK_ADDRESS, caller)
        throttle.forget(throttle.LINK, link)
        return cleaned
