"""Runs before each supervised command, in the same process: nothing outlives what started it.

Kept free of imports of ours and of packages: it is started as a plain file, quickly.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when its parent ends, even by kill -9."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def is_of(environ: bytes, server_url: str, name: str | None = None) -> bool:
    """Whether `/proc/PID/environ` is of a process under the supervisor at `server_url`.

    With `name`, of that supervised process or of what it started: they inherit its variables.
    """
    variables = set(environ.split(b"\0"))
    wanted = {b"SUPERVISOR_SERVER_URL=" + os.fsencode(server_url)}
    if name is not None:
        wanted.add(b"SUPERVISOR_PROCESS_NAME=" + os.fsencode(name))
    return wanted <= variables


def left_over(server_url: str, name: str | None = None) -> Iterator[int]:
    """Process ids that are there but for our own."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environ = (entry / "environ").read_bytes()
            except OSError:
                continue  # it ended, or is another user's
            if is_of(environ, server_url, name):
                yield int(entry.name)


def kill_left_over(server_url: str, name: str | None = None) -> None:
    """End what a killed process left behind: a server's workers would go on holding its port."""
    for pid in left_over(server_url, name):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def main() -> None:
    """Become the command given, as a process that leaves nothing behind."""
    die_with_parent()
    kill_left_over(os.environ["SUPERVISOR_SERVER_URL"], os.environ["SUPERVISOR_PROCESS_NAME"])
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  # the point: no process in between


if __name__ == "__main__":
    main()
