"""Mails in text and HTML, each sent once: what all mails of the web application share.

The HTML of each extends `mail.html`.
"""

import datetime as dt
import logging
import smtplib
from collections.abc import Callable, Mapping
from typing import Any, Final

from anymail.exceptions import AnymailError
from celery import Task
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.timezone import now
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# What a task that sends mails is tried again for, and how.
RETRIES: Final[Mapping[str, Any]] = {
    "autoretry_for": (OSError, smtplib.SMTPException, AnymailError),
    "retry_backoff": True,  # 1, 2, 4, ... seconds
    "retry_backoff_max": 600,
    "max_retries": 10,
}


DUE_AFTER: Final = dt.timedelta(minutes=1)  # then the task that was ordered is taken for lost
DUE_UNTIL: Final = dt.timedelta(days=1)  # a mail about something older helps nobody


def is_due(sent: str, since: str) -> Q:
    """Rows that nobody was told of although it is time, by when they were told and since when."""
    at = now()
    return Q(**{sent: None, f"{since}__lt": at - DUE_AFTER, f"{since}__gt": at - DUE_UNTIL})


def send(recipient: str, subject: str, template: str, context: Mapping[str, Any]) -> None:
    """One mail to one address, so that nobody's address is shown to another.

    `template` is a name to which .txt and .html are added. Raises what the mail backend raises.
    """
    text = render_to_string(f"{template}.txt", dict(context))
    mail = EmailMultiAlternatives(subject, text, to=[recipient])
    mail.attach_alternative(render_to_string(f"{template}.html", dict(context)), "text/html")
    mail.send()


def send_once(row: QuerySet[Any], field: str, send_it: Callable[[], None]) -> bool:
    """Send what is about a row, unless that was done; whether it was done now.

    Whoever sets `field`, a time, sends, so of two tries side by side one does. If sending fails it
    is cleared, for the next try. (Killed in between, the mail is lost rather than sent twice.)
    Raises what `send_it` raises.
    """
    if row.filter(**{field: None}).update(**{field: now()}) != 1:
        return False
    try:
        send_it()
    except Exception:
        row.update(**{field: None})
        raise
    return True


def order(task: "Task[[int], None]", number: int) -> None:
    """Have a mail sent by a worker. Redis away: a scheduled task finds later what is due."""
    try:
        task.delay(number)
    except (OperationalError, RedisError):
        logger.warning("%s of %s not ordered: Redis is away", task.name, number)
