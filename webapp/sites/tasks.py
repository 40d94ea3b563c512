"""Scheduled work on sites."""

from celery import shared_task

from webapp.sites.publishing import publish


@shared_task(name="sites.publish_sites", ignore_result=True)
def publish_sites() -> None:
    """Each minute: what Redis lost, it gets back."""
    publish()
