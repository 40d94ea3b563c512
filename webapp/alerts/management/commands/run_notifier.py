"""Keep the alerts that the streams find, show them on open pages and mail them. Runs for ever."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from webapp.alerts.notifier import run


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()  # they load every page and the API: 50 MB for nothing

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(_run_until_stopped(settings.KAFKA_BROKER))


async def _run_until_stopped(broker: str) -> None:
    """SIGTERM and SIGINT end it between two records, with the group left in order."""
    task = asyncio.create_task(run(broker))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.gather(task, return_exceptions=True)
    if not task.cancelled():
        task.result()
