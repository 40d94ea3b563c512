"""Writes about alerts. Each may be repeated: a record read twice or a task run again is no harm."""

import logging
from functools import partial
from typing import Final

import msgspec
from django.db import transaction
from redis.exceptions import RedisError

from schemas import redis_keys
from schemas.records import Alert as AlertRecord
from schemas.records import AlertState
from webapp.alerts.messages import AlertMessage
from webapp.alerts.models import Alert, State
from webapp.alerts.selectors import alert_json
from webapp.alerts.tasks import send_alert_mail
from webapp.mail.sending import order
from webapp.sites.models import Site
from webapp.sites.publishing import redis_client

logger = logging.getLogger(__name__)

NUMBER_MAX: Final = 2**32 - 1  # as a time, the year 2106


class UnusableRecord(Exception):
    """The record is of no site that exists (any more), or no alert can have its numbers."""


@transaction.atomic
def record_alert(record: AlertRecord) -> Alert:
    """Keep what a record says; once committed, show what is new and mail what has opened.

    (site, opened minute) names an alert. A repeated record changes nothing; "resolved" is final
    and may come without its "opened". Raises `UnusableRecord`.
    """
    _require_usable(record)
    alert, is_new = Alert.objects.get_or_create(
        site_id=record.site_id,
        opened_minute=record.opened_minute,
        defaults={
            "state": State.OPENED,
            "pageviews": record.pageviews,
            "threshold": record.threshold,
        },
    )
    is_resolved = record.state is AlertState.RESOLVED and _resolve(alert, record.minute)
    if is_new or is_resolved:
        transaction.on_commit(partial(_announce, alert))
    if is_new:
        transaction.on_commit(partial(order, send_alert_mail, alert.pk))
    return alert


def _require_usable(record: AlertRecord) -> None:
    numbers = (record.opened_minute, record.minute, record.pageviews, record.threshold)
    if not all(0 <= number <= NUMBER_MAX for number in numbers):
        raise UnusableRecord(f"out of range: {record}")
    if not Site.objects.filter(pk=record.site_id).exists():
        raise UnusableRecord(f"no site {record.site_id}")


def _resolve(alert: Alert, minute: int) -> bool:
    """Whether the alert was open until now."""
    if alert.state == State.RESOLVED:
        return False
    alert.state = State.RESOLVED
    alert.resolved_minute = minute
    alert.save(update_fields=["state", "resolved_minute"])
    return True


def _announce(alert: Alert) -> None:
    """Tell the open live streams. Redis away: a page sees it when it is loaded again."""
    message = AlertMessage(site_id=alert.site_id, alert=alert_json(alert))
    try:
        redis_client().publish(redis_keys.ALERT_CHANGED, msgspec.json.encode(message))
    except RedisError:
        logger.warning("alert %s not announced: Redis is away", alert.pk)
