"""The mail about an alert, sent once."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.alerts.models import Alert
from webapp.mail.sending import is_due, send, send_once


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
    return Alert.objects.filter(is_due("notified_at", "created_at"))


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
