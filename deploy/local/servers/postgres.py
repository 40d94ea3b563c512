"""PostgreSQL for the tests: a throw-away cluster of Debian's package, run as an ordinary user."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError
from deploy.local.health import Health
from deploy.local.program import Program
from deploy.local.shell import run

USER: Final = "pawprint"
_VERSIONS: Final = Path("/usr/lib/postgresql")
# The cluster lives as long as one test run: nothing needs to survive a power cut.
_OPTIONS: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binaries() -> Path | None:
    """The folder of the newest server installed, None without one."""
    found = [path.parent for path in _VERSIONS.glob("*/bin/postgres")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def _binary(name: str) -> str:
    folder = binaries()
    if folder is None:
        raise StackError("no PostgreSQL server in /usr/lib/postgresql")
    return str(folder / name)


def _account() -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    return "postgres" if os.geteuid() == 0 else None


def url(port: int, database: str = USER) -> str:
    """Where Django finds `database`."""
    return f"postgres://{USER}@127.0.0.1:{port}/{database}"


def prepare(env: Mapping[str, str]) -> Path:
    """Make a new, empty cluster and return its folder, which is the caller's to remove.

    It lies in the temporary folder: the server's account may not be able to enter the home.
    """
    cluster = Path(tempfile.mkdtemp(prefix="pawprint-postgres-"))
    if account := _account():
        shutil.chown(cluster, account, account)
    options = ("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
    command = (_binary("initdb"), "-U", USER, *options, "-D", str(cluster))
    run(command, cwd=cluster, env=env, what="making a PostgreSQL cluster", user=_account())
    return cluster


def make_database(port: int, env: Mapping[str, str]) -> None:
    """Make the product's database in a running cluster."""
    command = (_binary("createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", USER, USER)
    run(command, cwd=Path("/"), env=env, what="making the PostgreSQL database")


def program(cluster: Path, port: int) -> Program:
    """PostgreSQL as a supervised process."""
    options = (*_OPTIONS, "listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=")
    return Program(
        name="postgres",
        group="servers",
        command=(
            _binary("postgres"),
            "-D",
            str(cluster),
            *(part for option in options for part in ("-c", option)),
        ),
        cwd=cluster,
        user=_account(),
        stop_signal="INT",  # does not wait for clients to leave, as TERM would
        health=Health("tcp", f"127.0.0.1:{port}"),
    )
