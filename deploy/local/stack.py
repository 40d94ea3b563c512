"""One stack: planned, brought up in order, and taken down again."""

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from deploy.local import applications, packages, ports, secrets
from deploy.local.applications import Addresses
from deploy.local.errors import StackError
from deploy.local.health import Health
from deploy.local.home import Home, read_json, write_private
from deploy.local.program import Program
from deploy.local.progress import Steps
from deploy.local.servers import clickhouse, kafka, redis
from deploy.local.settings import Settings, inherited
from deploy.local.shell import side_by_side
from deploy.local.supervisor import Supervisor
from deploy.local.waiting import until_answers, until_healthy

STOP_SECONDS: Final = 60.0  # longest wait for a clean end of everything


@dataclass(frozen=True, slots=True)
class Stack:
    """What will run, where, and what it will be told."""

    home: Home
    ports: Mapping[str, int]
    found: Addresses
    env: Mapping[str, str]
    servers: tuple[Program, ...]  # those we start
    given: Mapping[str, Health]  # those we were pointed at

    @property
    def supervisor(self) -> Supervisor:
        """The supervisor of this stack's home."""
        return Supervisor(self.home)


def plan(settings: Settings) -> Stack:
    """Choose ports, make keys, and decide which servers to start."""
    home = Home(settings.home)
    home.make()
    chosen = ports.remember(home.ports)
    found = applications.addresses(home, chosen, settings)
    keys = secrets.remember(home.secrets)
    env = inherited() | applications.environment(home, chosen, found, keys)
    starts = {
        "kafka": kafka.program(home.path, chosen["kafka"]),
        "redis": redis.program(home.path, chosen["redis"]),
        "clickhouse": clickhouse.program(home.path, chosen["clickhouse"]),
    }
    given = {
        name: health
        for name, health, address in (
            ("kafka", Health("kafka", found.kafka), settings.kafka_broker),
            ("redis", Health("redis", found.redis), settings.redis_url),
            ("clickhouse", Health("clickhouse", found.clickhouse), settings.clickhouse_url),
        )
        if address
    }
    ours = tuple(program for name, program in starts.items() if name not in given)
    return Stack(home, chosen, found, env, ours, given)


def needs(stack: Stack) -> list[packages.Need]:
    """What the servers of this stack need on the machine."""
    starts = {program.name for program in stack.servers}
    wanted = []
    if "kafka" in starts:
        wanted.append(packages.JAVA)
        if not kafka.jars(stack.home.path).exists():
            wanted.append(packages.MAVEN)
    if "redis" in starts:
        wanted.append(packages.REDIS)
    if "clickhouse" in starts:
        wanted.append(packages.CLICKHOUSE)
    return wanted


def install(missing: Sequence[packages.Need], env: Mapping[str, str], steps: Steps) -> None:
    """Install missing packages, or say exactly how. Raises StackError where we may not."""
    if not missing:
        return
    prefix = packages.as_root() if packages.find("apt-get") else None
    if prefix is None:
        raise packages.refusal(missing)
    with steps.step("Debian packages") as say:
        say(", ".join(package for need in missing for package in need.packages))
        packages.install(list(missing), prefix, env)


def prepare_servers(stack: Stack, steps: Steps) -> None:
    """Everything the servers need in their folders: jars, formats, configurations."""
    home, chosen = stack.home.path, stack.ports
    starts = {program.name for program in stack.servers}
    if "redis" in starts:
        redis.prepare(home, chosen["redis"])
    if "clickhouse" in starts:
        clickhouse.prepare(home, chosen["clickhouse"], chosen["clickhouse_http"])
    if "kafka" in starts:
        if not kafka.jars(home).exists():
            with steps.step("Kafka's jars (Maven)"):
                kafka.fetch(home, stack.env)
        kafka.prepare(home, chosen, stack.env)


def start(stack: Stack, program: Program, steps: Steps) -> None:
    """Start one process and wait until it answers."""
    with steps.step(program.name) as say:
        say(program.health.address)
        stack.supervisor.start(program)
        until_healthy(stack.home, stack.supervisor, program)


def start_together(stack: Stack, programs: Sequence[Program], steps: Steps) -> None:
    """Start processes side by side and wait for all."""
    side_by_side(*(lambda one=one: start(stack, one, steps) for one in programs))


def check_given(stack: Stack, steps: Steps) -> None:
    """See that the servers we were pointed at answer."""
    for name, health in stack.given.items():
        with steps.step(f"{name} (yours)"):
            until_answers(name, health)


def remember_running(stack: Stack, programs: Sequence[Program]) -> None:
    """Write down what runs: from here on the stack counts as up."""
    answers = {program.name: asdict(program.health) for program in programs}
    given = {name: asdict(health) for name, health in stack.given.items()}
    running = {"programs": answers, "given": given, "webapp": stack.found.webapp}
    places = ("collector", "pages", "kafka", "redis", "clickhouse")
    running |= {name: getattr(stack.found, name) for name in places}
    write_private(stack.home.stack, json.dumps(running, indent=2) + "\n")


def running(home: Home) -> dict[str, Any] | None:
    """What was written down at the end of a finished start, while its supervisor lives."""
    if Supervisor(home).pid() is None:
        return None
    found: dict[str, Any] | None = read_json(home.stack)
    return found


def take_down(home: Home, steps: Steps) -> bool:
    """Stop everything of this home in order, servers last. False when some had to be killed."""
    home.stack.unlink(missing_ok=True)
    with steps.step("stopping") as say:
        clean = Supervisor(home).shutdown(STOP_SECONDS)
        say("" if clean else "some had to be killed")
    return clean


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """While it lasts, no other `./inv` starts or stops this home. Raises StackError if one does."""
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with home.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"another ./inv is starting or stopping {home.path}") from None
        yield
