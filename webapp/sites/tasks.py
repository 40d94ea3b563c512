"""Scheduled work on sites."""

from webapp.config.celery import app
from webapp.sites.publishing import publish


@app.task(name="sites.publish_sites")
def publish_sites() -> None:
    """Each minute: what Redis lost, it gets back."""
    publish()
