"""The supervisor's configuration and what its log tells."""

import configparser
import gc
import os
import shlex
import sys
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import pytest
from supervisor.xmlrpc import Faults

from deploy.local import supervisor
from deploy.local.health import Health
from deploy.local.home import Home
from deploy.local.program import Group, Program


def program(name: str, *command: str, group: Group = "applications") -> Program:
    return Program(name, group, command, cwd=Path("/x"), health=Health("running"))


def parsed(home: Home, *programs: Program) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(supervisor.render(home, programs))
    return parser


def test_nothing_starts_by_itself_and_everything_is_started_again() -> None:
    section = parsed(Home(Path("/h")), program("a", "true"))["program:a"]
    assert section["autostart"] == "false"
    assert section["autorestart"] == "true"


def test_a_command_with_spaces_and_percents_comes_back_whole() -> None:
    found = parsed(Home(Path("/h")), program("a", "/my folder/run", "100%"))
    command = found["program:a"]["command"] % {}  # as supervisor expands it
    assert shlex.split(command)[-2:] == ["/my folder/run", "100%"]


def test_applications_stop_before_servers() -> None:
    found = parsed(
        Home(Path("/h")), program("kafka", "x", group="servers"), program("streams", "y")
    )
    assert int(found["group:applications"]["priority"]) > int(found["group:servers"]["priority"])
    assert found["group:servers"]["programs"] == "kafka"


def test_logs_are_bounded() -> None:
    section = parsed(Home(Path("/h")), program("a", "true"))["program:a"]
    assert int(section["stdout_logfile_maxbytes"]) == supervisor.LOG_BYTES_MAX
    assert section["stdout_logfile"] == "/h/logs/a.log"


def test_a_long_home_has_its_socket_elsewhere() -> None:
    assert supervisor.socket_path(Home(Path("/h"))) == Path("/h/supervisor.sock")
    long = Home(Path("/") / ("x" * 120))
    path = supervisor.socket_path(long)
    assert len(str(path)) <= supervisor.SOCKET_PATH_MAX
    assert path != supervisor.socket_path(Home(Path("/") / ("y" * 120)))


def test_restarts_are_counted_from_the_last_start_of_the_supervisor() -> None:
    log = """\
2026-01-01 10:00:00,000 INFO supervisord started with pid 1
2026-01-01 10:00:01,000 INFO spawned: 'streams' with pid 2
2026-01-01 10:00:02,000 INFO spawned: 'streams' with pid 3
2026-01-01 11:00:00,000 INFO supervisord started with pid 9
2026-01-01 11:00:01,000 INFO spawned: 'streams' with pid 10
2026-01-01 11:00:01,000 INFO spawned: 'webapp' with pid 11
2026-01-01 11:00:09,000 INFO exited: streams (terminated by SIGKILL; not expected)
2026-01-01 11:00:10,000 INFO spawned: 'streams' with pid 12
"""
    assert supervisor.restarts(log) == {"streams": 1, "webapp": 0}


class AboutToStart:
    """The real supervisor's interface; of what it is asked to stop first it says that it does not
    run, as in the moment between a death and the next start."""

    def __init__(self, real: Any) -> None:
        self._real, self._said = real, False

    def stopProcess(self, name: str, wait: bool) -> bool:
        if not self._said:
            self._said = True
            raise Fault(Faults.NOT_RUNNING, "NOT_RUNNING")
        return bool(self._real.stopProcess(name, wait))

    def getAllProcessInfo(self) -> Any:
        return self._real.getAllProcessInfo()


# Whoever starts the supervisor does not wait for it: it is to outlive most of them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_about_to_be_started_again_is_stopped_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.make()
    running = supervisor.Supervisor(home)
    sleeper = Program(
        "sleeper", "applications", (sys.executable, "-c", "import time; time.sleep(60)"),
        cwd=tmp_path, health=Health("running"),
    )  # fmt: skip
    running.launch([sleeper], os.environ, tied=True)
    try:
        running.start(sleeper)
        said = AboutToStart(running._call())
        with monkeypatch.context() as patched:
            patched.setattr(running, "_call", lambda: said)
            running.stop(sleeper, 15)
        assert running.processes()["sleeper"].state == "STOPPED"
    finally:
        running.shutdown(15)
        gc.collect()  # here and not in another test it is noticed that nobody waited
