"""Keep a site's numbers for some days only; what is older is deleted for good."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from webapp.sites.models import Site
from webapp.sites.services import set_retention


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("days", type=int, help="whole days (UTC); 0 is for ever")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(domain=options["domain"]).first()
        if site is None:
            raise CommandError(f"no site has the domain {options['domain']}")
        try:
            set_retention(site, options["days"])
        except ValidationError as error:
            raise CommandError(str(error.message_dict)) from error
        kept = f"{site.retention_days} days" if site.retention_days else "for ever"
        self.stdout.write(f"{site.domain}: numbers are kept {kept}")
