"""The mail about an alert, sent once."""

import datetime as dt
import logging
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.timezone import now

from webapp.accounts.models import User
from webapp.alerts.models import Alert

logger = logging.getLogger(__name__)

DUE_AFTER = dt.timedelta(minutes=1)  # then the task that was ordered is taken for lost
DUE_UNTIL = dt.timedelta(days=1)  # a mail about an older spike helps nobody


def notify(alert_id: int) -> bool:
    """Mail all members of the alert's team, unless that was done; whether it was done now.

    Whoever sets `notified_at` sends, so of two tries side by side one does. If sending fails it is
    cleared, for the next try. (Killed in between, the mail is lost rather than sent twice.)
    Raises what the mail backend raises.
    """
    claim = Alert.objects.filter(pk=alert_id, notified_at=None)
    if claim.update(notified_at=now()) != 1:
        return False
    alert = Alert.objects.select_related("site").get(pk=alert_id)
    try:
        _send(alert, _recipients(alert))
    except Exception:
        Alert.objects.filter(pk=alert_id).update(notified_at=None)
        raise
    return True


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
    """One mail to each, so that no member's address is shown to another."""
    context = _context(alert)
    subject = f"{alert.site.domain}: {alert.pageviews} pageviews in one minute"
    text = render_to_string("alerts/spike.txt", context)
    html = render_to_string("alerts/spike.html", context)
    for recipient in recipients:
        mail = EmailMultiAlternatives(subject, text, to=[recipient])
        mail.attach_alternative(html, "text/html")
        mail.send()


def _context(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "domain": alert.site.domain,
        "timezone": alert.site.timezone,
        "at": alert.opened_at.astimezone(ZoneInfo(alert.site.timezone)),
        "dashboard_url": f"{settings.BASE_URL}/{alert.site.domain}/",
    }
