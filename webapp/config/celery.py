"""The Celery application: `celery -A webapp.config.celery worker --pool threads`, and `beat`."""

import logging.config
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from webapp.config.env import name_settings_module

name_settings_module()
app = Celery("pawprint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_: Any) -> None:
    """One way of logging for all processes; Celery's own would print a second format."""
    logging.config.dictConfig(settings.LOGGING)
