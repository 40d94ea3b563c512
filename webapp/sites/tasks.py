"""Scheduled work on sites."""

from webapp.config.celery import app
from webapp.sites.publishing import publish
from webapp.sites.services import forget_former_domains


@app.task(name="sites.publish_sites")
def publish_sites() -> None:
    """Each minute: what Redis lost, it gets back; domains that were kept long enough go."""
    forget_former_domains()
    publish()
