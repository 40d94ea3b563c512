"""The one supervisor: its configuration, its start and end, and what it says of its processes."""

import contextlib
import hashlib
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import Faults, SupervisorTransport

from deploy.local import launch
from deploy.local.errors import StackError
from deploy.local.home import Home
from deploy.local.program import Program

SOCKET_PATH_MAX: Final = 100  # bytes; the kernel refuses 108 and supervisor adds a suffix
LOG_BYTES_MAX: Final = 5 * 2**20  # per process, and two older files as large
SETTLED_SECONDS: Final = 2  # a process that lived so long has started, as far as one can see
STOP_LOOK_S: Final = 0.2
ENDED: Final = ("STOPPED", "FATAL")  # what is not started again by itself
GROUP_PRIORITY: Final = {"servers": 10, "applications": 20}  # higher stops first

_SUPERVISORD: Final = """\
[supervisord]
nodaemon=true
silent=true
pidfile={home}/supervisor.pid
logfile={home}/logs/supervisor.log
logfile_maxbytes={log_bytes}
logfile_backups=1
childlogdir={home}/logs
{user}
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM: Final = """
[program:{name}]
command={command}
directory={cwd}
environment={environment}
autostart=false
autorestart=true
startsecs={settled}
startretries=1000000
stopsignal={signal}
stopwaitsecs={stop}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes={log_bytes}
stdout_logfile_backups=2
{user}"""


def socket_path(home: Home) -> Path:
    """The supervisor's socket: in the home, or in the temporary folder when that path is long."""
    path = home.path / "supervisor.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_MAX:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"pawprint-{os.getuid()}-{digest}.sock"


def _literal(value: object) -> str:
    return str(value).replace("%", "%%")  # supervisor expands %(names)s


def _command(program: Program) -> tuple[str, ...]:
    # Another user may not be allowed to read this checkout, so has to do without the launcher.
    launcher = () if program.user else (sys.executable, "-I", "-S", launch.__file__)
    return (*launcher, *program.command)


def render(home: Home, programs: Sequence[Program]) -> str:
    """supervisord.conf for `programs`.

    Environment values come from the supervisor's own environment, so that no secret is written
    here; a program's own additions hold none.
    """
    as_root = "user=root\n" if os.geteuid() == 0 else ""
    parts = [
        _SUPERVISORD.format(
            home=_literal(home.path),
            socket=_literal(socket_path(home)),
            log_bytes=LOG_BYTES_MAX,
            user=as_root,
        )
    ]
    for group, priority in GROUP_PRIORITY.items():
        members = [program.name for program in programs if program.group == group]
        if members:
            parts.append(f"\n[group:{group}]\nprograms={','.join(members)}\npriority={priority}\n")
    for program in programs:
        parts.append(
            _PROGRAM.format(
                name=program.name,
                command=_literal(shlex.join(_command(program))),
                cwd=_literal(program.cwd),
                environment=",".join(
                    f'{name}="{_literal(value)}"' for name, value in program.environment.items()
                ),
                settled=SETTLED_SECONDS,
                signal=program.stop_signal,
                stop=program.stop_after_s,
                log=_literal(home.log_of(program.name)),
                log_bytes=LOG_BYTES_MAX,
                user=f"user={program.user}\n" if program.user else "",
            )
        )
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Process:
    """What the supervisor knows of one process."""

    name: str
    state: str  # RUNNING, STARTING, BACKOFF, EXITED, STOPPED, STOPPING, FATAL
    pid: int  # 0 when there is none
    uptime_s: int


def restarts(log: str) -> dict[str, int]:
    """How often each process was started again, from the supervisor's log since its last start."""
    counts: dict[str, int] = {}
    for line in log.splitlines():
        if "supervisord started with pid" in line:
            counts = {}
        elif spawned := re.search(r"spawned: '([^']+)' with pid", line):
            counts[spawned[1]] = counts.get(spawned[1], -1) + 1
    return counts


class Supervisor:
    """The supervisor of one home, reached over its socket."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def _address(self) -> str:
        return f"unix://{socket_path(self._home)}"

    def _call(self) -> Any:
        # One connection a question: a ServerProxy may not be shared between threads.
        transport = SupervisorTransport(None, None, self._address())
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def pid(self) -> int | None:
        """Its process id, None when it does not run. It may be starting or stopping."""
        try:
            pid = int((self._home.path / "supervisor.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        # A killed supervisor leaves its file; by now the id may be somebody else's.
        return pid if os.fsencode(self._configuration) in command else None

    @property
    def _configuration(self) -> Path:
        return self._home.path / "supervisord.conf"

    def _answers(self) -> bool:
        try:
            self._call().getState()
        except (OSError, Fault, HTTPException):
            return False
        return True

    def launch(self, programs: Sequence[Program], env: Mapping[str, str], *, tied: bool) -> None:
        """Start it with nothing running yet. `tied`: it ends when this process ends, however.

        Raises StackError when it does not answer.
        """
        self._configuration.write_text(render(self._home, programs))
        launch.kill_left_over(self._address())  # of a supervisor that was killed itself
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._configuration)]
        output = self._home.log_of("supervisor.start")
        with output.open("w") as log:
            child = subprocess.Popen(
                command,
                cwd=self._home.path,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we stop the processes in order
                preexec_fn=_end_with_us if tied else None,
            )
        deadline = time.monotonic() + 15
        while not self._answers():
            if child.poll() is not None or time.monotonic() > deadline:
                child.kill()
                raise StackError(f"the supervisor did not start:\n{output.read_text()}")
            time.sleep(0.05)

    def start(self, program: Program) -> None:
        """Start one process; its health is another question."""
        try:
            self._call().startProcess(program.address, False)
        except Fault as fault:
            raise StackError(f"{program.name}: {fault.faultString}") from None

    def stop(self, program: Program, within_s: float) -> None:
        """Returns when one process has ended and is not started again. Raises StackError.

        Asked once is not enough: one that has just died by itself is about to be started again.
        """
        deadline = time.monotonic() + within_s
        while self.processes()[program.name].state not in ENDED:
            if time.monotonic() > deadline:
                raise StackError(f"{program.name} still runs after {within_s:.0f} s")
            try:
                self._call().stopProcess(program.address, False)
            except Fault as fault:
                if fault.faultCode != Faults.NOT_RUNNING:
                    raise StackError(f"{program.name}: {fault.faultString}") from None
            time.sleep(STOP_LOOK_S)

    def processes(self) -> dict[str, Process]:
        """Every process by name. Raises OSError when the supervisor does not run."""
        try:
            found = self._call().getAllProcessInfo()
        except (Fault, HTTPException) as error:  # it is shutting down
            raise OSError(str(error)) from error
        return {
            one["name"]: Process(
                name=one["name"],
                state=one["statename"],
                pid=one["pid"],
                uptime_s=max(0, one["now"] - one["start"]) if one["pid"] else 0,
            )
            for one in found
        }

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        log = self._home.log_of("supervisor")
        return restarts(log.read_text(errors="replace")) if log.exists() else {}

    def shutdown(self, within_s: float) -> bool:
        """Stop all processes in order, then itself. False when some had to be killed."""
        pid = self.pid()
        if pid is None:
            launch.kill_left_over(self._address())
            return True
        try:
            self._call().shutdown()
        except Fault:
            pass  # somebody else is stopping it
        except (OSError, HTTPException):
            os.kill(pid, signal.SIGTERM)
        clean = _gone_within(pid, within_s)
        if not clean:
            _kill(pid)
        launch.kill_left_over(self._address())
        return clean


def _end_with_us() -> None:
    launch.die_with_parent(signal.SIGTERM)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _is_running(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):  # somebody else's child
        os.waitpid(pid, os.WNOHANG)  # our own would stay a zombie otherwise
    return Path(f"/proc/{pid}").exists()


def _gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
