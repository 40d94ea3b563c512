"""Tasks around a running stack."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import demo, packages, report, requirements, settings
from deploy.local.errors import Interrupted, StackError
from deploy.local.home import Home
from deploy.local.progress import Steps, console
from deploy.local.shell import STOP, show
from deploy.local.stack import STOP_SECONDS, install, locked, plan, running, take_down
from deploy.local.supervisor import Supervisor
from deploy.local.up import Options, bring_up

WATCH_SECONDS: Final = 0.5
INTERRUPTED_STATUS: Final = 130  # what shells give a command that Ctrl-C ended


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn an error a person can act on into its text and exit status 1."""
    try:
        yield
    except StackError as error:
        console.print(f"\n{error}", style="red", markup=False)
        raise Exit(code=1) from None


def listen() -> None:
    """From now on Ctrl-C, SIGTERM and a closed terminal ask to stop; a second one is harmless."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        STOP.requested = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)


def here() -> tuple[Home, dict[str, Any]]:
    """The running stack's home, and what it wrote down of itself. Raises StackError without one."""
    home = Home(settings.read().home)
    found = running(home)
    if found is None:
        raise StackError(f"Nothing runs in {home.path}. Start it with ./inv up")
    return home, found


def _stop(home: Home, why: str) -> None:
    console.print(f"\n{why}")
    with locked(home), Steps() as steps:
        clean = take_down(home, steps)
    console.print("Everything is stopped." if clean else "Stopped; some had to be killed.")


def _watch(home: Home) -> None:
    """Until asked to stop, or stopped from elsewhere: say when something died and came back."""
    supervisor, pids = Supervisor(home), dict[str, int]()
    while not STOP.requested:
        try:
            processes = supervisor.processes().values()
        except OSError:
            return
        for process in processes:
            before = pids.get(process.name)
            if process.pid and before not in (None, process.pid):
                console.print(f"{process.name} had died; it runs again (pid {process.pid})")
            if process.pid:
                pids[process.name] = process.pid
        time.sleep(WATCH_SECONDS)


def _bring_up(found: settings.Settings, options: Options) -> None:
    home = Home(found.home)
    started = time.monotonic()
    with locked(home):
        if Supervisor(home).pid() is not None:
            console.print("A start that did not finish is being cleaned up.")
            with Steps() as steps:
                take_down(home, steps)
        try:
            bring_up(plan(found), options)
        except (StackError, Interrupted):
            with Steps() as steps:
                take_down(home, steps)
            raise
    console.print(f"\nUp in [bold]{time.monotonic() - started:.1f} s[/].")
    report.welcome(home, running(home) or {}, console)


@task(
    help={
        "log": "an access log in combined format to play (a drawn one without it)",
        "domain": f"the site's domain, {demo.DOMAIN} by default",
        "rate": f"live requests a second, {demo.RATE_DEFAULT:g} by default",
        "no-demo": "play nothing: an empty site, for hits of your own",
        "background": "return when all is healthy; ./inv down ends it",
    }
)
def up(
    _context: Context,
    log: str = "",
    domain: str = "",
    rate: float = demo.RATE_DEFAULT,
    no_demo: bool = False,
    background: bool = False,
) -> None:
    """Start everything and show a dashboard whose numbers move."""
    listen()
    found = settings.read()
    home = Home(found.home)
    with told():
        if already := running(home):
            console.print(f"Already running in {home.path}; ./inv down stops it.")
            report.welcome(home, already, console)
            return
        if log and not Path(log).is_file():
            raise StackError(f"--log {log}: there is no such file")
        if rate <= 0:
            raise StackError("--rate: more than 0 requests a second")
        source = Path(log).absolute() if log else None
        options = Options(source, rate, domain.lower(), play=not no_demo, tied=not background)
        try:
            _bring_up(found, options)
        except Interrupted:
            console.print("Everything is stopped.")
            raise Exit(code=INTERRUPTED_STATUS) from None
        if background:
            console.print("It runs in the background; [bold]./inv down[/] ends it.")
            return
        console.print("Ctrl-C stops everything; the data stays.")
        _watch(home)
        if STOP.requested:
            _stop(home, "Stopping: our processes first, the servers last.")
        else:
            Supervisor(home).shutdown(STOP_SECONDS)  # waits for whoever stops it
            console.print("Stopped from elsewhere.")


@task
def down(_context: Context) -> None:
    """Stop everything; the data stays."""
    with told():
        home = Home(settings.read().home)
        if Supervisor(home).pid() is None:
            Supervisor(home).shutdown(0)  # what a killed supervisor left
            console.print(f"Nothing runs in {home.path}.")
            return
        _stop(home, "Stopping: our processes first, the servers last.")


@task
def status(_context: Context) -> None:
    """Show every process and its health; exit 0 only when all are healthy."""
    with told():
        home, found = here()
        rows = report.rows(home, found)
        console.print(report.status_table(rows))
        console.print(f"\n{found['webapp']}   {report.total_mb(home):.0f} MB together")
        if any(row.wrong for row in rows):
            raise Exit(code=1)


@task(help={"name": "a process of ./inv status", "follow": "go on as lines come"})
def logs(_context: Context, name: str = "", follow: bool = False) -> None:
    """Show the end of a process's log, or of all."""
    with told():
        home = Home(settings.read().home)
        found = [home.log_of(name)] if name else sorted(home.logs.glob("*.log"))
        if not found or not all(log.exists() for log in found):
            known = ", ".join(sorted(log.stem for log in home.logs.glob("*.log")))
            raise StackError(f"no log of {name or 'anything'} here; there are: {known or 'none'}")
        lines = "40" if name else "8"
        options = ["-n", lines, *(["-F"] if follow else [])]
        with contextlib.suppress(KeyboardInterrupt):
            subprocess.run(["tail", *options, *map(str, found)], check=False)


@task(help={"wait": "seconds to wait for the last hits to be counted"})
def verify(_context: Context, wait: int = 60) -> None:
    """Count the played log independently and compare with the API."""
    with told():
        home, found = here()
        script = settings.ROOT / "tests" / "system" / "verify.py"
        place = ("--home", str(home.path), "--api", found["webapp"], "--wait", str(wait))
        command = (sys.executable, str(script), *place)
        code = show(command, cwd=settings.ROOT, env=settings.inherited())
    if code != 0:
        raise Exit(code=code)


@task(help={"out": "a folder for the pictures"})
def screenshot(_context: Context, out: str = "deploy/docs") -> None:
    """Take pictures of the running dashboard: wide, narrow, light, dark."""
    listen()
    with told():
        home, found = here()
        env = settings.inherited()
        with Steps() as steps:
            requirements.ensure_dev(env, steps)
            install(packages.missing([packages.CHROMIUM]), env, steps)
        source = ("--url", found["webapp"], "--login", str(home.demo), "--out", out)
        command = (sys.executable, "-P", "-m", "deploy.local.screenshot", *source)
        if show(command, cwd=Path.cwd(), env=env) != 0:
            raise Exit(code=1)
