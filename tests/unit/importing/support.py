"""Lines, logs and a collector for the importer's tests."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.importing.detecting import detect_format
from deploy.importing.files import LogFile
from deploy.importing.ordering import Moment
from deploy.importing.pages import PageRules
from deploy.importing.reading import Reader, Wanted
from deploy.importing.state import Place, State

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
DOMAIN = "example.com"
BEGAN = datetime(2024, 3, 9, 23, 59, tzinfo=UTC)


def combined(at_s: int, target: str = "/", status: int = 200, agent: str = FIREFOX) -> str:
    """A line in the combined format, `at_s` seconds after BEGAN."""
    when = (BEGAN + timedelta(seconds=at_s)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'81.2.69.142 - - [{when}] "GET {target} HTTP/1.1" {status} 512 "-" "{agent}"'


def write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def reader(
    paths: Sequence[Path],
    state: State | None = None,
    *,
    window_s: float = 60,
    rules: PageRules = PageRules(frozenset()),  # noqa: B008 - frozen
    follow: bool = False,
    now_ms: Callable[[], int] | None = None,
) -> Reader:
    """A reader of an import of these files, from its beginning or where `state` is."""
    logs = [LogFile(path) for path in paths]
    parser = detect_format(logs[0].first.split(b"\n"), {})
    wanted = Wanted(DOMAIN, "log", rules, round(window_s * 1000))
    place = state.place if state else Place()
    acknowledged = state.acknowledged if state else Moment(-1, -1)
    clock = {"now_ms": now_ms} if now_ms else {}
    return Reader(logs, parser, wanted, place, acknowledged, follow=follow, **clock)


def events(found: Reader) -> list[dict[str, Any]]:
    """All it would send."""
    return [json.loads(event) for batch in found.batches(lambda: True) for event in batch.events]
