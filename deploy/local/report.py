"""What a person is told of a stack: its processes, their health and memory, where to go next."""

import os
import re
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.local import memory
from deploy.local.demo import PAGES_DOMAIN, Played
from deploy.local.health import Health, ailment
from deploy.local.home import Home, read_json
from deploy.local.supervisor import Process, Supervisor


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `./inv status`."""

    name: str
    state: str
    pid: int
    uptime_s: int
    restarts: int
    memory_mb: float
    address: str
    wrong: str | None


def duration(seconds: int) -> str:
    """Seconds as people say them: 42 s, 3 min 5 s, 2 h 7 min."""
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def without_password(address: str) -> str:
    """An address as it may be shown: a URL's password left out."""
    return re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:...@", address)


def _row(process: Process, health: Health | None, restarts: int, parents: dict[int, int]) -> Row:
    wrong = None
    if process.state != "RUNNING":
        wrong = process.state.lower()
    elif health is not None:
        wrong = ailment(health)
    pids = memory.family(process.pid, parents) if process.pid else set()
    return Row(
        name=process.name,
        state=process.state.lower(),
        pid=process.pid,
        uptime_s=process.uptime_s,
        restarts=restarts,
        memory_mb=memory.megabytes(pids),
        address=health.address if health else "",
        wrong=wrong,
    )


def rows(home: Home, running: dict[str, Any]) -> list[Row]:
    """Every process of a running stack, asked now. Raises OSError when its supervisor is gone."""
    supervisor = Supervisor(home)
    restarts, parents = supervisor.restarts(), memory.parents()
    found = [
        _row(
            process,
            Health(**answers) if (answers := running["programs"].get(name)) else None,
            restarts.get(name, 0),
            parents,
        )
        for name, process in supervisor.processes().items()
    ]
    for name, answers in running["given"].items():
        health = Health(**answers)
        found.append(
            Row(name, "yours", 0, 0, 0, 0.0, without_password(health.address), ailment(health))
        )
    return found


def total_mb(home: Home) -> float:
    """Memory of all processes of a stack together, its supervisor included, in MB."""
    pid = Supervisor(home).pid()
    return memory.megabytes(memory.family(pid, memory.parents())) if pid else 0.0


def status_table(found: list[Row]) -> Table:
    """The rows as a table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("process", "state", "pid", "up", "restarts", "MB", "health"):
        right = title in ("pid", "up", "restarts", "MB")
        table.add_column(title, justify="right" if right else "left")
    for row in found:
        table.add_row(
            row.name,
            row.state,
            str(row.pid or ""),
            duration(row.uptime_s) if row.pid else "",
            str(row.restarts) if row.pid else "",
            f"{row.memory_mb:.0f}" if row.pid else "",
            f"[red]{row.wrong}[/]" if row.wrong else f"[green]ok[/] [dim]{row.address}[/]",
        )
    return table


def welcome(home: Home, running: dict[str, Any], console: Console) -> None:
    """Where the dashboard is, how to get in, and what to try."""
    site = read_json(home.demo) or {}
    played = read_json(home.played)
    api = f"{running['webapp']}/api/v1/stats/realtime/visitors?site_id={site['domain']}"
    prefix = f"PAWPRINT_HOME={home.path} " if "PAWPRINT_HOME" in os.environ else ""
    console.print()
    console.print(f"  Dashboard   [bold]{running['webapp']}/{site['domain']}/[/]")
    console.print(f"  Log in      {site['email']}   {site['password']}")
    console.print(f"  API key     {site['stats_key']}")
    console.print(f"  Visitors    curl -H 'Authorization: Bearer {site['stats_key']}' '{api}'")
    console.print(f"  Memory      {total_mb(home):.0f} MB, all processes together")
    if played:
        console.print(f"  Click       [bold]{running['pages']}[/]  pages that use the script")
        console.print(f"  and see     {running['webapp']}/{PAGES_DOMAIN}/")
        log = Played(**played)
        drawn = "a demo: visitors drawn by the project's own generator" if log.generated else ""
        console.print(f"  Playing     {log.log}  {drawn}".rstrip())
        first = "./inv verify    counts the log itself and compares"
    else:
        source = f"{running['collector']}/js/script.js"
        tag = f'<script defer data-domain="{site["domain"]}" src="{source}"></script>'
        console.print(f"  Your pages  {tag}", markup=False, highlight=False)
        first = "./inv logs collector --follow"
    console.print()
    console.print(f"  Try  {prefix}{first}")
    console.print(f"       {prefix}./inv status    then kill -9 one of the processes it lists")
    console.print(f"       {prefix}./inv logs streams --follow")
    console.print()
