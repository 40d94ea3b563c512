"""Mails about invitations, outside the way of who invites."""

from webapp.config.celery import app
from webapp.mail.sending import RETRIES, order
from webapp.teams.mails import due_invitations, tell


@app.task(name="teams.send_invitation", **RETRIES)
def send_invitation(guest_id: int) -> None:
    """Tell somebody that they are invited, once."""
    tell(guest_id)


@app.task(name="teams.send_due_invitations")
def send_due_invitations() -> None:
    """Each minute: order again what was ordered while the queue was away, or lost with it."""
    for guest_id in due_invitations().values_list("pk", flat=True):
        order(send_invitation, guest_id)
