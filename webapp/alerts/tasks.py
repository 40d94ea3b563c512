"""Mails about alerts, outside the notifier's way."""

from webapp.alerts.mails import due_alerts, notify
from webapp.config.celery import app
from webapp.mail.sending import RETRIES, order


@app.task(name="alerts.send_alert_mail", **RETRIES)
def send_alert_mail(alert_id: int) -> None:
    """Tell the team of an alert, once."""
    notify(alert_id)


@app.task(name="alerts.send_due_alert_mails")
def send_due_alert_mails() -> None:
    """Each minute: order again what was ordered while the queue was away, or lost with it."""
    for alert_id in due_alerts().values_list("pk", flat=True):
        order(send_alert_mail, alert_id)
