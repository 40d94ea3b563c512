"""Play an access log into a running Pawprint: `python -m deploy.demo.play --log FILE --home HOME`.

The first part becomes the history of the last days, the rest live traffic, again and again. All of
it goes through the collector's HTTP endpoints. Killed at any moment it goes on where it was.
"""

import argparse
import asyncio
import fcntl
import hashlib
import signal
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from deploy.demo.access_log import BadLines, read_lines
from deploy.demo.history import BATCH_PAGES, play_history
from deploy.demo.journal import DamagedJournal, Journal, Position
from deploy.demo.live import exponential_gaps_s, play_live
from deploy.demo.manifest import (
    Manifest,
    WrongManifest,
    check_same,
    read_manifest,
    write_manifest,
)
from deploy.demo.plan import NothingToPlay, Plan, make_plan
from deploy.demo.progress import say, shown
from deploy.importing.front_door import FrontDoor, Refused

RATE_MAX: Final = 1_000.0  # hits a second
REPORT_EVERY_S: Final = 60.0


class Demo(msgspec.Struct):
    """What the player needs of HOME/demo.json."""

    domain: str
    ingest_key: str


class CannotPlay(RuntimeError):
    """The player can't begin; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play until stopped. Exit code 0 when stopped or done, 2 with a reason otherwise."""
    options = _parser().parse_args(arguments)
    folder: Path = options.home / "demo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / "player.lock"):
            asyncio.run(_play(options, folder))
    except (
        CannotPlay,
        NothingToPlay,
        WrongManifest,
        DamagedJournal,
        Refused,
        OSError,
        EOFError,
    ) as error:
        print(f"The demo's player: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy.demo.play", description=__doc__)
    parser.add_argument("--log", type=Path, required=True, help="an access log, plain or .gz")
    parser.add_argument("--home", type=Path, required=True, help="PAWPRINT_HOME, with demo.json")
    parser.add_argument("--collector", required=True, help="the collector's address")
    parser.add_argument("--rate", type=_rate, default=5.0, help="live hits a second")
    parser.add_argument("--history-share", type=_share, default=0.7, help="0 to 1; first run only")
    parser.add_argument("--history-only", action="store_true", help="end when history is sent")
    return parser


def _rate(text: str) -> float:
    rate = float(text)
    if not 0.0 < rate <= RATE_MAX:
        raise argparse.ArgumentTypeError(f"not above 0 and at most {RATE_MAX:g}")
    return rate


def _share(text: str) -> float:
    share = float(text)
    if not 0.0 <= share <= 1.0:
        raise argparse.ArgumentTypeError("not between 0 and 1")
    return share


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One player a home: two would write one manifest. The kernel frees it when we are killed."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotPlay(f"another player plays into {path.parent.parent}") from None
        yield


async def _play(options: argparse.Namespace, folder: Path) -> None:
    demo = _read_demo(options.home / "demo.json")
    log: Path = options.log.absolute()
    manifest_path = folder / "manifest.json"
    plan, manifest = _prepare(log, demo.domain, manifest_path, options.history_share)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    history = _history(options.collector, demo, plan, manifest, manifest_path)
    if not await _unless_stopped(history, stop) or options.history_only or not plan.live:
        return
    await _live(options.collector, plan, folder / "live.jsonl", options.rate, stop)


async def _unless_stopped(work: Coroutine[None, None, None], stop: asyncio.Event) -> bool:
    """Await `work`, cancelled as soon as `stop` is set. Whether it came to its end."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return False


def _read_demo(path: Path) -> Demo:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Demo)
    except FileNotFoundError:
        raise CannotPlay(f"there is no {path}: `./inv up` makes it") from None
    except msgspec.DecodeError as error:
        raise CannotPlay(f"{path} is damaged: {error}") from error


def _prepare(
    log: Path, domain: str, manifest_path: Path, history_share: float
) -> tuple[Plan, Manifest]:
    """Read the log, and the manifest of an earlier run or a new one."""
    with log.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    known = read_manifest(manifest_path)
    if known is not None:
        check_same(known, sha256, domain)
        history_share = known.history_pages / known.pages
    bad = BadLines()
    plan = make_plan(read_lines(log, bad), domain, sha256[:16], history_share)
    if bad.count:
        number, reason = bad.first[0]
        say(f"Lines of the log that can't be read: {bad.count:,}, first line {number}: {reason}")
    manifest = known or _new_manifest(log, sha256, plan)
    counted = (len(plan.history) + len(plan.live), len(plan.history))
    if counted != (manifest.pages, manifest.history_pages):
        raise WrongManifest(f"{manifest_path} is of a version with other rules for pages")
    write_manifest(manifest_path, manifest)
    return plan, manifest


def _new_manifest(log: Path, sha256: str, plan: Plan) -> Manifest:
    started_ms = time.time_ns() // 1_000_000
    return Manifest(
        log=str(log),
        sha256=sha256,
        domain=plan.domain,
        pages=len(plan.history) + len(plan.live),
        history_pages=len(plan.history),
        batch_pages=BATCH_PAGES,
        started_ms=started_ms,
        shift_ms=plan.shift_ms(started_ms),
        import_name=plan.import_name,
    )


async def _history(
    collector: str, demo: Demo, plan: Plan, manifest: Manifest, manifest_path: Path
) -> None:
    if manifest.finished:
        return
    done = manifest.batches_done * manifest.batch_pages
    with shown("History", done, len(plan.history)) as progress:
        async with FrontDoor(collector, progress.tell) as door:
            await play_history(
                plan, manifest, manifest_path, demo.ingest_key, door, progress.advance
            )
    left_out = sum(manifest.dropped.values())
    say(f"History: {len(plan.history):,} pageviews sent, {left_out:,} of them not to be counted")


async def _live(collector: str, plan: Plan, path: Path, rate: float, stop: asyncio.Event) -> None:
    started_ms = time.time_ns() // 1_000_000
    gaps_s = exponential_gaps_s(rate, f"{plan.log_id}:{started_ms}")
    with Journal(path) as journal:
        journal.start(started_ms)
        say(f"Live: {rate:g} hits a second, {len(plan.live):,} pageviews a round")
        async with FrontDoor(collector, say) as door:
            await play_live(plan, journal, door, gaps_s, stop, _Report().add)


class _Report:
    """A line a minute about live traffic."""

    def __init__(self) -> None:
        self._since_s = time.monotonic()
        self._answers: Counter[str | None] = Counter()

    def add(self, position: Position, dropped: str | None) -> None:
        """A hit was answered."""
        self._answers[dropped] += 1
        now_s = time.monotonic()
        if now_s - self._since_s < REPORT_EVERY_S:
            return
        left_out = ", ".join(f"{n} {reason}" for reason, n in self._answers.items() if reason)
        counted = f"{self._answers[None]} hits taken" + (
            f", dropped: {left_out}" if left_out else ""
        )
        say(f"Live: {counted} in {now_s - self._since_s:.0f} s, round {position.round}")
        self._since_s = now_s
        self._answers.clear()


if __name__ == "__main__":
    sys.exit(main())
