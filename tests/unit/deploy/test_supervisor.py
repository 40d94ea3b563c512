"""The supervisor's configuration and what its log tells."""

import configparser
import shlex
from pathlib import Path

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
