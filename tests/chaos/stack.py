"""The private stack of a chaos run: servers, collectors and workers under the one supervisor."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import memory, packages
from deploy.local.errors import StackError
from deploy.local.health import Health, ailment
from deploy.local.home import Home, write_private
from deploy.local.program import Program
from deploy.local.progress import Steps
from deploy.local.settings import ROOT, Settings
from deploy.local.shell import run, side_by_side
from deploy.local.stack import Stack, install, locked, needs, plan, prepare_servers, start_together
from deploy.local.testing import empty
from tests.chaos import disks
from tests.chaos.ports import Ports
from tests.forwarder import Forwarder, before, through

WORKERS: Final = ("worker-1", "worker-2")  # the first one speaks through the network
SPARE_WORKER: Final = "worker-3"  # joins and leaves in a rebalance storm
COLLECTORS: Final = ("collector-1", "collector-2")
DISKS: Final = {"kafka": 2_048, "clickhouse": 1_024, "redis": 256}  # megabytes
_WRITES: Final = "<default>"  # the first one in users.xml: the profile of who writes
_READS: Final = "<default><readonly>2</readonly>"
RUNNING_S_MAX: Final = 60.0
GONE_S_MAX: Final = 25.0
STOP_S: Final = 8.0  # nothing of the stack is kept, so it need not end well


@dataclass(frozen=True, slots=True)
class Network:
    """What lies between the first worker and the servers, to be cut and slowed down."""

    kafka: Forwarder
    redis: Forwarder
    clickhouse: Forwarder

    def links(self) -> dict[str, Forwarder]:
        return {"kafka": self.kafka, "redis": self.redis, "clickhouse": self.clickhouse}


@dataclass(frozen=True, slots=True)
class ChaosStack:
    """Everything that runs, and the ways to hurt it."""

    stack: Stack
    programs: dict[str, Program]
    network: Network
    no_disks: str  # why the servers' data is not on disks of their own; "" when it is

    @property
    def home(self) -> Home:
        return self.stack.home

    def url(self, name: str) -> str:
        """Where an HTTP process answers, without a path."""
        return self.programs[name].health.address.removesuffix("/healthz")

    def disk(self, server: str) -> Path:
        return disk_of(self.home, server)

    def pid(self, name: str) -> int:
        """0 while it is not running."""
        return self.stack.supervisor.processes()[name].pid

    async def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a process and what it started, once it runs. Returns its pid.

        Raises StackError when it does not come to run.
        """
        until = time.monotonic() + RUNNING_S_MAX
        while not (pid := await asyncio.to_thread(self.pid, name)):
            if time.monotonic() > until:
                raise StackError(f"{name} does not run")
            await asyncio.sleep(0.2)
        for one in memory.family(pid, memory.parents()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, number)
        return pid

    async def gone(self, name: str, pid: int) -> None:
        """Returns when that process has ended. Raises StackError when it does not."""
        until = time.monotonic() + GONE_S_MAX
        while await asyncio.to_thread(self.pid, name) == pid:
            if time.monotonic() > until:
                raise StackError(f"{name} still runs after {GONE_S_MAX:.0f} s")
            await asyncio.sleep(0.2)

    async def start(self, name: str) -> None:
        await asyncio.to_thread(self.stack.supervisor.start, self.programs[name])

    async def stop(self, name: str) -> None:
        """Returns when it has ended for good. Raises StackError when it does not."""
        supervisor, program = self.stack.supervisor, self.programs[name]
        await asyncio.to_thread(supervisor.stop, program, GONE_S_MAX)

    async def create_topics(self) -> None:
        """As an operator would: `python -m streams create-topics`. Raises StackError."""
        await asyncio.to_thread(_module, self.stack, "streams", "create-topics")

    def ailments(self) -> dict[str, str]:
        """Process -> what is wrong with it, of those that should be well. Blocking."""
        wrong = {
            name: ailment(program.health)
            for name, program in self.programs.items()
            if name != SPARE_WORKER
        }
        return {name: text for name, text in wrong.items() if text is not None}


def disk_of(home: Home, server: str) -> Path:
    """The folder a server keeps its data in."""
    return home.path / server / ("" if server == "redis" else "data")


def _module(stack: Stack, *arguments: str) -> None:
    run((sys.executable, "-P", "-m", *arguments), cwd=ROOT, env=stack.env, what=" ".join(arguments))


@contextmanager
def running(path: Path, wants_disks: bool) -> Iterator[ChaosStack]:
    """A fresh stack that runs and is well; taken down at the end. Raises StackError."""
    home = Home(path)
    with ExitStack() as cleaning:
        cleaning.enter_context(locked(home))
        disks.unmount_below(home.path)
        empty(home)
        ports = Ports()
        write_private(home.ports, json.dumps(ports.of_stack()))
        stack = plan(Settings(home=path))
        no_disks = _mount(home) if wants_disks else ""
        cleaning.callback(disks.unmount_below, home.path)
        with Steps() as steps:
            install(packages.missing(needs(stack)), stack.env, steps)
            prepare_servers(stack, steps)
            inner = ports.take()
            outer = cleaning.enter_context(Forwarder("127.0.0.1", inner, ports.take()))
            _add_listener(home, inner, outer.port)
            network = Network(
                outer,
                cleaning.enter_context(before(stack.found.redis, ports.take())),
                cleaning.enter_context(before(stack.found.clickhouse, ports.take())),
            )
            programs = _programs(stack, network, ports)
            stack.supervisor.launch(list(programs.values()), stack.env, tied=True)
            cleaning.callback(stack.supervisor.shutdown, STOP_S)
            _start(stack, programs, steps)
        yield ChaosStack(stack, programs, network, no_disks)


def _mount(home: Home) -> str:
    """Give each server a disk of its own. Returns why not, "" when it was done."""
    try:
        for server, megabytes in DISKS.items():
            disks.mount(disk_of(home, server), megabytes)
    except disks.MountRefused as error:
        disks.unmount_below(home.path)
        return str(error)
    return ""


def _add_listener(home: Home, inner: int, outer: int) -> None:
    """A second way into Kafka, which tells its clients to come by the network's port.

    Later lines of a Java properties file win over earlier ones.
    """
    path = home.path / "kafka" / "server.properties"
    lines = path.read_text().splitlines()
    known = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    added = {
        "listeners": f"{known['listeners']},NETWORK://127.0.0.1:{inner}",
        "advertised.listeners": (f"{known['advertised.listeners']},NETWORK://127.0.0.1:{outer}"),
        "listener.security.protocol.map": (
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,NETWORK:PLAINTEXT"
        ),
    }
    path.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in added.items()), ""]))


def _programs(stack: Stack, network: Network, ports: Ports) -> dict[str, Program]:
    servers = {program.name: program for program in stack.servers}
    by_network = {
        "KAFKA_BROKER": f"127.0.0.1:{network.kafka.port}",
        "REDIS_URL": through(network.redis, stack.found.redis),
        "CLICKHOUSE_URL": through(network.clickhouse, stack.found.clickhouse),
    }
    workers = {
        name: _ours(stack, name, ("streams", "worker"), "PAWPRINT_STREAMS_PORT", ports, given)
        for name, given in zip((*WORKERS, SPARE_WORKER), (by_network, {}, {}), strict=True)
    }
    collectors = {
        name: _ours(stack, name, ("collector",), "PAWPRINT_COLLECTOR_PORT", ports, {})
        for name in COLLECTORS
    }
    return servers | collectors | workers


def _ours(
    stack: Stack,
    name: str,
    module: Sequence[str],
    port_name: str,
    ports: Ports,
    given: dict[str, str],
) -> Program:
    port = ports.take()
    own = {port_name: str(port), "PAWPRINT_DATA_DIR": str(stack.home.data / name)}
    return Program(
        name=name,
        group="applications",
        command=(sys.executable, "-P", "-m", *module),
        cwd=ROOT,
        health=Health("http", f"http://127.0.0.1:{port}/healthz"),
        environment=own | given,
        ready_after_s=120,
    )


def _start(stack: Stack, programs: dict[str, Program], steps: Steps) -> None:
    """Servers, then topics and tables, then our processes."""
    start_together(stack, stack.servers, steps)
    with steps.step("topics and tables"):
        side_by_side(
            lambda: _module(stack, "streams", "create-topics"),
            lambda: _module(stack, "aggregates.clickhouse", "migrate"),
        )
    first = [programs[name] for name in COLLECTORS + WORKERS]
    start_together(stack, first, steps)


def set_readonly(home: Home, readonly: bool) -> None:
    """Whether whoever connects to ClickHouse from now on may only read.

    The server looks at this file every two seconds; a connection keeps what it was opened with.
    """
    path = home.path / "clickhouse" / "users.xml"
    pair = (_WRITES, _READS) if readonly else (_READS, _WRITES)
    write_private(path, path.read_text().replace(*pair, 1))
