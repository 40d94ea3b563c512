"""`./inv up`: from nothing to a dashboard whose numbers move."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import applications, builds, demo, packages
from deploy.local.errors import StackError
from deploy.local.program import Program
from deploy.local.progress import Steps
from deploy.local.settings import ROOT
from deploy.local.shell import run, show, side_by_side
from deploy.local.stack import (
    Stack,
    check_given,
    install,
    needs,
    prepare_servers,
    remember_running,
    start,
    start_together,
)


@dataclass(frozen=True, slots=True)
class Options:
    """What `./inv up` was asked for."""

    log: Path | None = None  # an access log in combined format; None draws one
    rate: float = demo.RATE_DEFAULT  # live requests a second
    domain: str = ""  # of the site; "" keeps the one of the last start, or the demo's
    play: bool = True  # False: an empty demo site, nothing is played into it
    tied: bool = True  # the stack ends with this process


def _module(stack: Stack, title: str, steps: Steps, *arguments: str) -> None:
    with steps.step(title):
        run((sys.executable, "-m", *arguments), cwd=ROOT, env=stack.env, what=title)


def _build(stack: Stack, steps: Steps) -> None:
    with steps.step("front end and script") as say:
        made = [folder.name for folder in builds.PACKAGES if builds.build(folder, stack.env)]
        say(f"built {', '.join(made)}" if made else "unchanged")


def _get_ready(stack: Stack, steps: Steps) -> None:
    """What needs no server: packages, jars, formats, builds; apt and npm side by side."""
    missing = packages.missing(needs(stack))

    def servers() -> None:
        install(missing, stack.env, steps)
        prepare_servers(stack, steps)

    side_by_side(servers, lambda: _build(stack, steps))


def _start_all(
    stack: Stack, ours: Sequence[Program], domain: str, play: bool, steps: Steps
) -> None:
    """Servers, what has to be made in them, our processes: each as soon as what it needs is there.

    Kafka takes longest to start, so what reads no topic does not wait for it.
    """
    servers = {program.name: program for program in stack.servers}
    on_topics = [program for program in ours if program.name in applications.ON_TOPICS]
    others = [program for program in ours if program not in on_topics]

    def server(name: str) -> None:
        if name in servers:
            start(stack, servers[name], steps)

    def topics() -> None:
        server("kafka")
        _module(stack, "topics", steps, "streams", "create-topics")

    def rollups() -> None:
        server("clickhouse")
        _module(stack, "rollup migrations", steps, "aggregates.clickhouse", "migrate")

    def pipeline() -> None:
        side_by_side(topics, rollups)
        start_together(stack, on_topics, steps)

    def web() -> None:
        _module(stack, "webapp migrations", steps, "webapp", "migrate", "--no-input")
        with steps.step("demo site"):
            demo.make_site(stack.home, stack.env, domain, pages=play)
        start_together(stack, others, steps)

    server("redis")  # both ways need it, and it starts in no time
    side_by_side(pipeline, web)


def bring_up(stack: Stack, options: Options) -> list[Program]:
    """Start everything in order; the programs that run. Raises StackError, Interrupted."""
    ours = applications.programs(stack.home, stack.found)
    domain = demo.choose_domain(stack.home, options.domain)
    with Steps() as steps:
        check_given(stack, steps)
        _get_ready(stack, steps)
        played, players = None, []
        if options.play:
            with steps.step("access log") as say:
                played = demo.choose_log(stack.home, options.log, stack.env)
                say(f"{played.log}{' (drawn for the demo)' if played.generated else ''}")
            players = [
                demo.player(stack.home, played, stack.found.collector, options.rate),
                demo.pages(stack.found.collector, stack.found.webapp, stack.found.pages),
            ]
        programs: Sequence[Program] = [*stack.servers, *ours, *players]
        stack.supervisor.launch(programs, stack.env, tied=options.tied)
        _start_all(stack, ours, domain, options.play, steps)
    if played:
        _play_history(stack, played, options.rate)
        with Steps() as steps:
            start_together(stack, players, steps)
    remember_running(stack, programs)
    return list(programs)


def _play_history(stack: Stack, played: demo.Played, rate: float) -> None:
    demo.remember(stack.home, played)
    command = demo.play_command(stack.home, played, stack.found.collector, rate)
    if show((*command, "--history-only"), cwd=ROOT, env=stack.env) != 0:
        raise StackError("bringing in the history failed; the reason is above")
