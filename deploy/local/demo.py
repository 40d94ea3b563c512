"""The demo: a site, an access log, and the player that sends it through the front door."""

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.local.errors import StackError
from deploy.local.health import Health
from deploy.local.home import Home, read_json, write_private
from deploy.local.program import Program
from deploy.local.settings import ROOT
from deploy.local.shell import run

DOMAIN: Final = "demo.pawprint.test"
# What is clicked in the demo's pages counts for a site of its own: `./inv verify` holds the other
# against the log, hit by hit.
PAGES_DOMAIN: Final = "click.pawprint.test"
SEED: Final = 7
# Pageviews a minute: more than the player makes of RATE_DEFAULT, so an alert is a person's doing.
SPIKE_THRESHOLD: Final = 450
# The log drawn: 70 % of it is history, so two weeks lie behind now to compare. It ends when the
# live part would, so that its days and nights are ours.
LOG_DAYS: Final = 20
LOG_DAYS_AHEAD: Final = 6
LOG_PAGEVIEWS: Final = 30_000
RATE_DEFAULT: Final = 5.0  # requests a second


@dataclass(frozen=True, slots=True)
class Played:
    """The access log of one home; which bytes it was, for a home plays only one."""

    log: str
    sha256: str
    generated: bool


def fingerprint(log: Path) -> str:
    """SHA-256 of a file."""
    with log.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def choose_log(home: Home, given: Path | None, env: Mapping[str, str]) -> Played:
    """The log to play: the one of the last start, the given one, else a generated one.

    Raises StackError when another log is already being played into this home: its numbers
    would be the sum of both.
    """
    known = read_json(home.played)
    if known:
        before = Played(**known)
        if given is not None and fingerprint(given) != before.sha256:
            raise StackError(
                f"{home.path} already plays {before.log}.\nTo play {given}, give it a home of "
                f"its own: PAWPRINT_HOME=FOLDER ./inv up --log {given}"
            )
        if not Path(before.log).exists():
            raise StackError(f"the log played before is gone: {before.log}")
        return before
    log = given or _generate(home, env)
    return Played(str(log.absolute()), fingerprint(log), generated=given is None)


def remember(home: Home, played: Played) -> None:
    """From here on the home plays this log and no other; call it when playing begins."""
    write_private(home.played, json.dumps(asdict(played), indent=2) + "\n")


def _generate(home: Home, env: Mapping[str, str]) -> Path:
    log = home.path / "demo" / "access.log"
    log.parent.mkdir(exist_ok=True)
    end = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=LOG_DAYS_AHEAD)
    size = ("--days", str(LOG_DAYS), "--hits", str(LOG_PAGEVIEWS), "--end", end.isoformat())
    drawn = ("--out", str(log), "--seed", str(SEED), *size)
    command = (sys.executable, "-m", "deploy.demo.generate", *drawn)
    run(command, cwd=ROOT, env=env, what="drawing the demo's access log")
    return log


def choose_domain(home: Home, given: str) -> str:
    """The domain this home measures: the one of the last start, the given one, else the demo's.

    Raises StackError when another is given: a home has one site and one log.
    """
    known = (read_json(home.demo) or {}).get("domain", "")
    if given and known and given != known:
        raise StackError(
            f"{home.path} already measures {known}.\nFor {given}, give it a home of its own: "
            f"PAWPRINT_HOME=FOLDER ./inv up --domain {given}"
        )
    return given or known or DOMAIN


def make_site(home: Home, env: Mapping[str, str], domain: str, pages: bool) -> dict[str, Any]:
    """The demo account, site and keys, made once; also written to the home's demo.json.

    `pages` makes the site of the pages to click around in as well.
    """
    known = ("--known", str(home.demo)) if home.demo.exists() else ()
    site = ("--domain", domain, "--timezone", "UTC", "--spike-threshold", str(SPIKE_THRESHOLD))
    also = ("--also", PAGES_DOMAIN) if pages else ()
    command = (sys.executable, "-m", "webapp", "make_demo", *site, *also, *known)
    output = run(command, cwd=ROOT, env=env, what="making the demo site")
    made: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    write_private(home.demo, json.dumps(made, indent=2) + "\n")
    return made


def play_command(home: Home, played: Played, collector: str, rate: float) -> tuple[str, ...]:
    """The player of the demo's log."""
    source = ("--log", played.log, "--home", str(home.path))
    target = ("--collector", collector, "--rate", f"{rate:g}")
    return (sys.executable, "-m", "deploy.demo.play", *source, *target)


def player(home: Home, played: Played, collector: str, rate: float) -> Program:
    """The player as a supervised process: live traffic for ever."""
    return Program(
        name="player",
        group="applications",
        command=play_command(home, played, collector, rate),
        cwd=ROOT,
        health=Health("running"),
    )


def pages(collector: str, webapp: str, address: str) -> Program:
    """The pages to click around in as a supervised process; `address` is theirs."""
    port = str(urlsplit(address).port)
    shown = ("--dashboard", f"{webapp}/{PAGES_DOMAIN}/", "--domain", PAGES_DOMAIN)
    command = ("-m", "deploy.demo.pages", "--port", port, "--collector", collector, *shown)
    return Program(
        name="pages",
        group="applications",
        command=(sys.executable, *command),
        cwd=ROOT,
        health=Health("http", f"{address}/"),
    )
