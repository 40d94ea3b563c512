"""Reads about alerts."""

import datetime as dt
from typing import Any, Final

from django.db.models import QuerySet

from webapp.alerts.models import Alert
from webapp.sites.models import Site

SHOWN_MAX: Final = 100


def alerts_of_site(site: Site) -> QuerySet[Alert]:
    """The newest alerts of a site, newest first."""
    return Alert.objects.filter(site=site)[:SHOWN_MAX]


def alert_json(alert: Alert) -> dict[str, Any]:
    """An alert as the API and the live stream show it; `minute` is in epoch seconds."""
    return {
        "id": alert.pk,
        "opened_at": _iso(alert.opened_at),
        "resolved_at": _iso(alert.resolved_at),
        "minute": alert.opened_minute,
        "pageviews": alert.pageviews,
        "threshold": alert.threshold,
    }


def _iso(at: dt.datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
