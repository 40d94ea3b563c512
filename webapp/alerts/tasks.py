"""Mails about alerts, outside the notifier's way."""

import smtplib

from anymail.exceptions import AnymailError

from webapp.alerts.mails import due_alerts, notify
from webapp.config.celery import app

MAIL_FAILURES = (OSError, smtplib.SMTPException, AnymailError)


@app.task(
    name="alerts.send_alert_mail",
    autoretry_for=MAIL_FAILURES,
    retry_backoff=True,  # 1, 2, 4, ... seconds
    retry_backoff_max=600,
    max_retries=10,
)
def send_alert_mail(alert_id: int) -> None:
    """Tell the team of an alert, once."""
    notify(alert_id)


@app.task(name="alerts.send_due_alert_mails")
def send_due_alert_mails() -> None:
    """Each minute: order again what was ordered while the queue was away, or lost with it."""
    for alert_id in due_alerts().values_list("pk", flat=True):
        send_alert_mail.delay(alert_id)
