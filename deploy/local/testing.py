"""The private stacks `./inv test` runs against: fresh, on ports of their own, taken down again."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.local import packages, ports
from deploy.local.home import Home, read_json, write_private
from deploy.local.progress import Steps, console
from deploy.local.servers import clickhouse, kafka, postgres
from deploy.local.settings import ROOT, Settings
from deploy.local.shell import run
from deploy.local.stack import (
    install,
    locked,
    needs,
    plan,
    prepare_servers,
    start_together,
    take_down,
)
from deploy.local.supervisor import Supervisor

REAL_LOG: Final = ROOT.parent / "shared" / "data" / "apache_access.log.gz"
_GIVEN: Final = ("KAFKA_BROKER", "REDIS_URL", "CLICKHOUSE_URL", "CLICKHOUSE_READ_URL")


def without_servers(env: Mapping[str, str]) -> dict[str, str]:
    """`env` without the person's own servers: tests drop and flush what they are given."""
    return {name: value for name, value in env.items() if name not in (*_GIVEN, "DATABASE_URL")}


def empty(home: Home, screen: Console = console) -> None:
    """Take down what a killed run left, and begin with nothing but Kafka's jars."""
    if Supervisor(home).pid() is not None:
        with Steps(screen) as steps:
            take_down(home, steps)
    if home.path.exists():
        for path in home.path.iterdir():
            if path.is_dir() and path.name != "kafka":
                shutil.rmtree(path)
            elif path.is_file() and path != home.lock:
                path.unlink()
        for path in (home.path / "kafka").glob("*"):
            if path != kafka.jars(home.path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def servers(
    path: Path, screen: Console = console, wanted: Mapping[str, int] | None = None
) -> Iterator[dict[str, str]]:
    """Fresh Kafka, Redis, ClickHouse and PostgreSQL; yields the TEST_* addresses.

    They get the ports of `wanted` that are free, else the usual ones or free neighbours.
    Raises StackError when one does not start.
    """
    home = Home(path)
    with locked(home):
        empty(home, screen)
        if wanted:
            write_private(home.ports, json.dumps(wanted))
        stack = plan(Settings(home=path))
        cluster = None
        try:
            with Steps(screen) as steps:
                install(packages.missing([*needs(stack), packages.POSTGRES]), stack.env, steps)
                prepare_servers(stack, steps)
                cluster = postgres.prepare(stack.env)
                port = stack.ports["postgres"]
                programs = [*stack.servers, postgres.program(cluster, port)]
                stack.supervisor.launch(programs, stack.env, tied=True)
                start_together(stack, programs, steps)
                postgres.make_database(port, stack.env)
            yield {
                "TEST_KAFKA_BROKER": stack.found.kafka,
                "TEST_REDIS_URL": stack.found.redis,
                "TEST_CLICKHOUSE_URL": clickhouse.url(stack.ports["clickhouse"]) + "_test",
                "TEST_DATABASE_URL": postgres.url(port),
            }
        finally:
            with Steps(screen) as steps:
                take_down(home, steps)
            if cluster is not None:
                shutil.rmtree(cluster, ignore_errors=True)


@contextmanager
def whole_stack(
    path: Path, env: Mapping[str, str], screen: Console = console
) -> Iterator[dict[str, str]]:
    """A fresh `./inv up --background` that plays the real log where it is, else a drawn one.

    Yields PAWPRINT_HOME and the TEST_STACK_* the system and browser tests read.
    """
    home = Home(path)
    with locked(home):
        empty(home, screen)
    given = REAL_LOG.exists()
    source = ("--log", str(REAL_LOG)) if given else ()
    screen.print(f"Playing {REAL_LOG if given else 'a log drawn by the generator'}")
    ours = {**env, "PAWPRINT_HOME": str(path)}
    entrance = str(ROOT / "inv")
    try:
        screen.print(
            run((entrance, "up", "--background", *source), cwd=ROOT, env=ours, what="./inv up"),
            markup=False,
        )
        chosen = read_json(home.ports) or ports.USUAL
        webapp = f"http://127.0.0.1:{chosen['webapp']}"
        login = (read_json(home.demo) or {}) | {
            "webapp_url": webapp,
            "collector_url": f"http://127.0.0.1:{chosen['collector']}",
            "pages_url": f"http://127.0.0.1:{chosen['pages']}",
        }
        write_private(home.login, json.dumps(login, indent=2) + "\n")
        yield {
            "PAWPRINT_HOME": str(path),
            "TEST_STACK_URL": webapp,
            "TEST_STACK_LOGIN": str(home.login),
        }
    finally:
        with locked(home), Steps(screen) as steps:
            take_down(home, steps)
