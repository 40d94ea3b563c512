"""Write all sites and ingest keys to Redis now; the scheduler does it each minute."""

from typing import Any

from django.core.management.base import BaseCommand

from webapp.sites.publishing import publish


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"announced {publish()} sites")
