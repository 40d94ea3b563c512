"""Make the demo account and print it as one line of JSON, its secrets included."""

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from webapp.sites.demo import Demo, DomainTaken, make_demo


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--domain", required=True)
        parser.add_argument("--also", default="", help="domain of another site of the same team")
        parser.add_argument("--timezone", default="UTC", help="IANA name")
        parser.add_argument(
            "--spike-threshold", type=int, default=0, help="pageviews a minute; 0: no alerts"
        )
        parser.add_argument(
            "--known",
            type=Path,
            help="file with the line an earlier call printed: printed again if it still holds",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo = make_demo(
                domain=options["domain"],
                also=options["also"],
                timezone=options["timezone"],
                spike_threshold=options["spike_threshold"],
                password=secrets.token_urlsafe(12),
                known=_read(options["known"]),
            )
        except DomainTaken as error:
            raise CommandError(f"--domain {error} belongs to another team") from error
        except ValidationError as error:
            raise CommandError(str(error.message_dict)) from error
        self.stdout.write(msgspec.json.encode(demo).decode())


def _read(path: Path | None) -> Demo | None:
    """What an earlier call printed; None when there is no such file or it cannot be read."""
    if path is None or not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Demo)
    except msgspec.DecodeError:
        return None
