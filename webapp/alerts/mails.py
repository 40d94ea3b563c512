"""The mail about an alert, sent once."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.timezone import now

from webapp.accounts.models import User
from webapp.alerts.models import Alert
from webapp.mail.sending import send, send_once

DUE_AFTER = dt.timedelta(minutes=1)  # then the task that was ordered is taken for lost
DUE_UNTIL = dt.timedelta(days=1)  # a mail about an older spike helps nobody


def notify(alert_id: int) -> bool:
    """Mail all members of the alert's team, unless that was done; whether it was done now.

    Raises what the mail backend raises.
    """
    row = Alert.objects.filter(pk=alert_id)

    def send_it() -> None:
        alert = row.select_related("site").get()
        _send(alert, _recipients(alert))

    return send_once(row, "notified_at", send_it)


def due_alerts() -> QuerySet[Alert]:
    """Alerts that nobody was told of although it is time."""
    at = now()
    return Alert.objects.filter(
        notified_at=None, created_at__lt=at - DUE_AFTER, created_at__gt=at - DUE_UNTIL
    )


def _recipients(alert: Alert) -> list[str]:
    members = User.objects.filter(memberships__team=alert.site.team_id, is_active=True)
    return list(members.order_by("email").values_list("email", flat=True))


def _send(alert: Alert, recipients: list[str]) -> None:
    context = _context(alert)
    subject = f"{alert.site.domain}: {alert.pageviews} pageviews in one minute"
    for recipient in recipients:
        send(recipient, subject, "alerts/spike", context)


def _context(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "domain": alert.site.domain,
        "timezone": alert.site.timezone,
        "at": alert.opened_at.astimezone(ZoneInfo(alert.site.timezone)),
        "dashboard_url": f"{settings.BASE_URL}/{alert.site.domain}/",
    }
