"""The log-in form."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from webapp.accounts import throttle
from webapp.accounts.addresses import address_of
from webapp.accounts.models import normal_email
from webapp.rates.limiter import network

THROTTLED = "throttled"


class LogInForm(AuthenticationForm):
    """E-mail address and password, both limited in how often they may be tried."""

    username = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {  # noqa: RUF012 - Django's own attribute, not typed as ClassVar there
        "invalid_login": "This e-mail address and password do not belong together.",
        "inactive": "This account is switched off.",
        THROTTLED: f"Too many tries. Wait {throttle.WINDOW_S // 60} minutes, then try again.",
    }

    def clean(self) -> dict[str, Any]:
        account = normal_email(self.cleaned_data.get("username") or "")
        address = network(address_of(self.request.META if self.request else {}))
        taken = [throttle.take(throttle.ADDRESS, address)]
        if account:
            taken.append(throttle.take(throttle.ACCOUNT, account))
        if not all(taken):
            raise ValidationError(self.error_messages[THROTTLED], code=THROTTLED)
        cleaned = super().clean()
        throttle.forget(throttle.ACCOUNT, account)
        return cleaned
