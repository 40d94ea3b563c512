"""How many partitions the topic had, on disk: a collector that starts while Kafka is away needs it.

With another number, visitors would meet in other partitions than their earlier hits.
"""

import logging
from pathlib import Path
from typing import Final

FILE: Final = "collector-partitions"
DIGITS_MAX: Final = 6

log = logging.getLogger(__name__)


def remembered_partitions(path: Path) -> int:
    """0 where nothing can be read."""
    try:
        text = path.read_bytes()
    except OSError:
        return 0
    return int(text) if text.isdigit() and len(text) <= DIGITS_MAX else 0


def remember_partitions(path: Path, count: int) -> None:
    """All of it or nothing; a disk that fails costs no more than the next start without Kafka."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(b"%d" % count)
        part.replace(path)
    except OSError as error:
        log.warning("partitions cannot be noted", extra={"fields": {"errno": error.errno}})
