"""The command line of `./inv import-log`."""

import argparse
import asyncio
import signal
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from deploy.importing.detecting import detect_format, named_format
from deploy.importing.files import STDIN, CannotRead, LogFile
from deploy.importing.front_door import FrontDoor, Refused
from deploy.importing.lines import BadLine, Parser, iso_time_ms
from deploy.importing.pages import FOR_EVER_MS, PageRules, compile_paths
from deploy.importing.reading import Reader, Wanted
from deploy.importing.resuming import Beginning, CannotBegin, begin
from deploy.importing.sending import NoAccess, Sender, check_access
from deploy.importing.showing import Display, report
from deploy.importing.state import DamagedState, Running, StateFolder
from deploy.importing.templates import WrongFormat

DONE, FAILED, STOPPED = 0, 1, 130
WINDOW_S: Final = 60.0
WINDOW_S_MAX: Final = 86_400.0
ERRORS: Final = (
    *(CannotBegin, CannotRead, DamagedState, NoAccess, Refused, Running, WrongFormat, OSError),
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Local:
    """What the stack on this machine knows; "" where there is none."""

    home: Path
    collector: str = ""
    webapp: str = ""
    domain: str = ""  # of its own site
    key: str = ""  # that site's
    given_key: str = ""  # from the environment


def parser() -> argparse.ArgumentParser:
    """What may be said."""
    found = argparse.ArgumentParser(
        prog="./inv import-log",
        description="Import access logs: the same log twice counts once; interrupted, it goes on.",
        epilog="deploy/docs/import-log.md has an example for each format.",
    )
    add = found.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="oldest first; .gz, .bz2, .xz; - reads")
    add("--site", required=True, metavar="DOMAIN", help="the site's domain, as on its dashboard")
    add("--format", default="", help="a format's name, an nginx log_format or Apache LogFormat")
    add("--field", action="append", default=[], metavar="NAME=PLACE", help="JSON: url=request.uri")
    add("--include", action="append", default=[], metavar="PATH", help="only these; * and ** match")
    add("--exclude", action="append", default=[], metavar="PATH", help="not these")
    add("--host", action="append", default=[], help="hosts besides the site's own; * takes all")
    add("--not-found", action="store_true", help="send each 404 as an event of that name")
    add("--since", default="", metavar="TIME", help="from here on: ISO 8601, UTC without a zone")
    add("--until", default="", metavar="TIME", help="before this: such as the script's first day")
    add("--import", dest="name", default="", help="the import's name; made of the log without it")
    add(
        "--window",
        type=float,
        default=WINDOW_S,
        metavar="S",
        help="how far lines may be disordered",
    )
    add("--follow", action="store_true", help="go on as the last file grows and is rotated")
    add(
        "--finish",
        action="store_true",
        help="end the import when --follow is stopped, or a file is damaged",
    )
    add("--url", default="", help="the collector; the one that runs here without it")
    add("--key", default="", help="an ingest key; or PAWPRINT_INGEST_KEY, or the local stack's")
    return found


def run(arguments: Sequence[str], local: Local, console: Console) -> int:
    """Import. Returns 0, 1 for an error that was told, 130 when stopped before the end."""
    options = parser().parse_intermixed_args(arguments)
    try:
        return asyncio.run(_import(options, local, console))
    except ERRORS as error:
        console.print(f"{error}", style="red", markup=False)
        return FAILED


def _check(options: argparse.Namespace) -> None:
    """Raises CannotBegin for options that do not go together."""
    if options.follow and options.files[-1] == STDIN:
        raise CannotBegin("--follow is for a file; - is read until it ends anyway")
    if options.files.count(STDIN) > 1:
        raise CannotBegin("- can be read once")
    if not 0 <= options.window <= WINDOW_S_MAX:
        raise CannotBegin(f"--window: 0 to {WINDOW_S_MAX:g} seconds")


def _mapping(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if wrong := [name for name, _, place in pairs if not name or not place]:
        raise WrongFormat(f"--field {wrong[0]}: written as NAME=PLACE, such as url=request.uri")
    return {name: place for name, _, place in pairs}


def _time_ms(option: str, text: str, default_ms: int) -> int:
    """Raises CannotBegin."""
    try:
        return iso_time_ms(text) if text else default_ms
    except BadLine:
        raise CannotBegin(f"{option}: a time such as 2025-05-17 or 2025-05-17T10:00Z") from None


def _rules(options: argparse.Namespace, domain: str) -> PageRules:
    hosts = {domain, f"www.{domain}", *(host.lower() for host in options.host)}
    return PageRules(
        hosts=frozenset() if "*" in hosts else frozenset(hosts),
        include=compile_paths(options.include),
        exclude=compile_paths(options.exclude),
        not_found=options.not_found,
        since_ms=_time_ms("--since", options.since, 0),
        until_ms=_time_ms("--until", options.until, FOR_EVER_MS),
    )


def _format(options: argparse.Namespace, logs: Sequence[LogFile]) -> Parser:
    mapping = _mapping(options.field)
    if options.format:
        return named_format(options.format, mapping)
    first = next((log.first for log in logs if log.first), b"")
    return detect_format(first.split(b"\n"), mapping)


def _access(options: argparse.Namespace, local: Local, domain: str) -> tuple[str, str]:
    """(the collector's address, the key). Raises NoAccess where one is missing."""
    url = options.url or local.collector
    if not url:
        raise NoAccess("no collector runs here: start it with ./inv up, or name one with --url")
    own = local.key if not options.url and domain == local.domain else ""
    key = options.key or local.given_key or own
    if not key:
        raise NoAccess("an ingest key of the site is needed: --key KEY or PAWPRINT_INGEST_KEY")
    return url, key


async def _import(options: argparse.Namespace, local: Local, console: Console) -> int:
    _check(options)
    domain: str = options.site.strip().lower()
    url, key = _access(options, local, domain)
    _rules(options, domain)  # says what is wrong with them before anything is sent
    await check_access(url, key, domain)
    folder = StateFolder(local.home / "imports")
    states = folder.of_site(domain)
    with ExitStack() as opened:
        logs: list[LogFile] = []
        for path in options.files:
            logs.append(LogFile(path))
            opened.callback(logs[-1].close)
        beginning = begin(logs, states, domain, options.name, follow=options.follow)
        for text in beginning.said:
            console.print(text, markup=False)
        if not beginning.logs:
            console.print("Nothing is left to do: everything counts once.")
            return DONE
        with folder.alone(beginning.state):
            return await _run(options, local, console, beginning, folder)


async def _run(
    options: argparse.Namespace,
    local: Local,
    console: Console,
    beginning: Beginning,
    folder: StateFolder,
) -> int:
    domain, (url, key) = beginning.state.domain, _access(options, local, beginning.state.domain)
    log_format = _format(options, beginning.logs)
    console.print(f"Format: {log_format.name}", markup=False)
    state = beginning.state
    reader = Reader(
        beginning.logs,
        log_format,
        Wanted(domain, state.import_name, _rules(options, domain), round(options.window * 1000)),
        state.place,
        state.acknowledged,
        follow=options.follow,
    )
    display = Display(reader, state, _total(options, beginning), console)
    stop = _stopped_by_signals()
    with display.shown():
        async with FrontDoor(url, display.tell) as door:
            sender = Sender(reader, state, folder, door, key, display.advanced)
            whole = await sender.run(stop, finish_when_stopped=options.follow and options.finish)
            damaged = any(log.damaged for _, log in reader.files())
            finished = whole and (options.finish or not (options.follow or damaged))
            if finished:
                await sender.finish()
    said = _next_step(options, local, domain, finished=finished, damaged=damaged)
    console.print(report(reader, state, display.spent_s, said))
    if damaged:
        return FAILED
    return DONE if finished or (options.follow and not options.finish) else STOPPED


def _total(options: argparse.Namespace, beginning: Beginning) -> int | None:
    sizes = [log.size for log in beginning.logs]
    return None if options.follow or None in sizes else sum(size or 0 for size in sizes)


def _stopped_by_signals() -> asyncio.Event:
    """Set by Ctrl-C, SIGTERM or a closed terminal."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _next_step(
    options: argparse.Namespace, local: Local, domain: str, *, finished: bool, damaged: bool
) -> str:
    if damaged and not finished:
        return "The same command goes on once the file is whole; --finish ends the import as it is."
    if not finished and not options.follow:
        return "Stopped: the same command goes on where it was."
    if not finished:
        return "Stopped: the same command goes on; with --finish its end ends the import."
    if local.webapp and not options.url:
        return f"See them at {local.webapp}/{domain}/"
    return f"See them on the dashboard of {domain}"


def local_stack(home: Path, found: dict[str, Any] | None, site: dict[str, Any] | None) -> Local:
    """What `./inv up` wrote down of itself (stack.json, demo.json)."""
    stack, own = found or {}, site or {}
    with suppress(KeyError):
        return Local(home, stack["collector"], stack["webapp"], own["domain"], own["ingest_key"])
    return Local(home, stack.get("collector", ""), stack.get("webapp", ""))
