"""Write the demo's access log: `python -m deploy.demo.generate --out FILE --seed 7`.

The same arguments give the same bytes.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deploy.demo.visits import Request, Week

HITS_MAX: Final = 400_000
DAYS_MAX: Final = 60.0
END: Final = "2026-01-05T00:00:00+00:00"  # midnight after a Sunday: Monday to Sunday are whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the log. Exit code 0, or 2 if the file can't be written."""
    options = _parser().parse_args(arguments)
    requests = sorted(
        Week(options.seed, options.days, int(options.end.timestamp())).requests(options.hits),
        key=logged_s,
    )
    try:
        with options.out.open("w", encoding="ascii", newline="\n") as file:
            file.writelines(format_line(request) + "\n" for request in requests)
    except OSError as error:
        print(f"The demo's log can't be written: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: {len(requests):,} lines, {options.hits:,} pageviews of people, invented")
    return 0


def logged_s(request: Request) -> tuple[float, Request]:
    """When a server writes the line: after the answer, so large files come late."""
    return request.at_s + request.body_bytes / 60_000, request


def format_line(request: Request) -> str:
    """The request in the combined format. No field holds a quote."""
    at = datetime.fromtimestamp(int(request.at_s), UTC)
    size = request.body_bytes or "-"
    return (
        f"{request.address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "
        f'"{request.method} {request.target} HTTP/1.1" {request.status} {size} '
        f'"{request.referrer or "-"}" "{request.agent or "-"}"'
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy.demo.generate", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=_days, default=7.0, help="length of the log")
    parser.add_argument("--hits", type=_hits, default=12_000, help="pageviews of people")
    parser.add_argument(
        "--end", type=_instant, default=END, help="ISO 8601, UTC unless it names a zone"
    )
    return parser


def _days(text: str) -> float:
    days = float(text)
    if not 0.1 <= days <= DAYS_MAX:
        raise argparse.ArgumentTypeError(f"not between 0.1 and {DAYS_MAX:g}")
    return days


def _hits(text: str) -> int:
    hits = int(text)
    if not 1 <= hits <= HITS_MAX:
        raise argparse.ArgumentTypeError(f"not between 1 and {HITS_MAX}")
    return hits


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
