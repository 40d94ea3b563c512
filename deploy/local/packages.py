"""Debian packages: what is missing is found by its program, and installed where we may."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError
from deploy.local.locks import alone
from deploy.local.servers import postgres
from deploy.local.shell import run

# Servers live in sbin, which is not on everyone's PATH.
SEARCHED: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
_QUIET_AND_PATIENT: Final = ("-q", "-o", "DPkg::Lock::Timeout=120")
_POLICY: Final = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True, slots=True)
class Need:
    """A program and the Debian packages it comes with; `units` are the services they bring."""

    program: str
    packages: tuple[str, ...]
    units: tuple[str, ...] = ()


JAVA: Final = Need("java", ("openjdk-17-jre-headless",))
MAVEN: Final = Need("mvn", ("maven",))
REDIS: Final = Need("redis-server", ("redis-server",), ("redis-server",))
CLICKHOUSE: Final = Need(
    "clickhouse-server", ("clickhouse-server", "clickhouse-client"), ("clickhouse-server",)
)
POSTGRES: Final = Need("postgres", ("postgresql",), ("postgresql",))
CHROMIUM: Final = Need("chromium", ("chromium",))


def find(program: str) -> str | None:
    """The path of an installed program."""
    if program == POSTGRES.program:
        folder = postgres.binaries()
        return str(folder / program) if folder else None
    return shutil.which(program, path=SEARCHED)


def missing(needs: Iterable[Need]) -> list[Need]:
    """The needs whose program is not on this machine."""
    return [need for need in needs if find(need.program) is None]


def apt_line(needs: Iterable[Need]) -> str:
    """What a person would type to install them."""
    names = " ".join(package for need in needs for package in need.packages)
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"


def as_root() -> tuple[str, ...] | None:
    """What to put before a command that needs root; None when there is no way."""
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") is None:
        return None
    # With a terminal it may ask for the password, before any progress line is drawn.
    ask = ["sudo", "-v"] if sys.stdin.isatty() else ["sudo", "-n", "true"]
    return ("sudo",) if subprocess.run(ask, capture_output=False).returncode == 0 else None


def refusal(needs: Iterable[Need]) -> StackError:
    """Why we stop, with the exact way on."""
    return StackError(
        f"Missing on this machine: {', '.join(need.program for need in needs)}\n"
        f"Install them, then run this again:\n  {apt_line(needs)}\n"
        "Or point KAFKA_BROKER, REDIS_URL, CLICKHOUSE_URL at servers you have. "
        "Compose files come with a later release."
    )


@contextmanager
def _services_left_alone(prefix: tuple[str, ...], env: Mapping[str, str]) -> Iterator[None]:
    """While it lasts, installing a package starts no service."""
    if _POLICY.exists():
        yield
        return
    script = f"printf '#!/bin/sh\\nexit 101\\n' >{_POLICY} && chmod 755 {_POLICY}"
    run((*prefix, "sh", "-c", script), cwd=Path("/"), env=env, what="holding services back")
    try:
        yield
    finally:
        subprocess.run([*prefix, "rm", "-f", str(_POLICY)], check=False)


def install(needs: list[Need], prefix: tuple[str, ...], env: Mapping[str, str]) -> None:
    """Install the packages of `needs`; their own services are neither started nor enabled."""
    names = [package for need in needs for package in need.packages]
    # Another apt may be at work, as just after a machine's start: wait for it, in seconds.
    apt = (*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *_QUIET_AND_PATIENT)

    def at_root(command: tuple[str, ...]) -> None:
        # Stopped half-way, dpkg would need a person to mend it.
        run(command, cwd=Path("/"), env=env, what="apt-get", stoppable=False)

    with alone("apt"), _services_left_alone(prefix, env):
        at_root((*apt, "update"))
        at_root((*apt, "install", "-y", "--no-install-recommends", *names))
    units = [unit for need in needs for unit in need.units]
    if units and shutil.which("systemctl"):
        disable = [*prefix, "systemctl", "disable", "--quiet", *units]
        subprocess.run(disable, check=False, capture_output=True)
