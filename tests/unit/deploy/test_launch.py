"""Nothing outlives what started it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local import launch

URL = "unix:///home/one.sock"


def environ(url: str = URL, name: str = "collector") -> bytes:
    return f"A=1\0SUPERVISOR_SERVER_URL={url}\0SUPERVISOR_PROCESS_NAME={name}\0".encode()


def test_a_process_belongs_to_its_supervisor_and_to_its_name() -> None:
    assert launch.is_of(environ(), URL)
    assert launch.is_of(environ(), URL, "collector")
    assert not launch.is_of(environ(), URL, "streams")
    assert not launch.is_of(environ("unix:///home/one.sock2"), URL)
    assert not launch.is_of(b"A=1\0", URL)


LAUNCHER = (sys.executable, "-I", "-S", launch.__file__)


def marked(url: str, name: str) -> dict[str, str]:
    return os.environ | {"SUPERVISOR_SERVER_URL": url, "SUPERVISOR_PROCESS_NAME": name}


def asleep(url: str, name: str) -> subprocess.Popen[bytes]:
    """A launched command that has got past its launcher."""
    child = subprocess.Popen([*LAUNCHER, "sleep", "60"], env=marked(url, name))
    while not Path(f"/proc/{child.pid}/cmdline").read_bytes().startswith(b"sleep"):
        time.sleep(0.01)
    return child


def test_a_start_ends_what_an_earlier_one_of_that_name_left(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/x.sock"  # no other test's
    first, other = asleep(url, "a"), asleep(url, "b")
    try:
        assert (
            subprocess.run([*LAUNCHER, "true"], env=marked(url, "a"), check=False).returncode == 0
        )
        assert first.wait(10) == -signal.SIGKILL
        assert other.poll() is None
    finally:
        launch.kill_left_over(url)
    assert other.wait(10) == -signal.SIGKILL


@pytest.mark.timeout(20)
def test_a_command_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/x.sock"
    # As the supervisor: it has not the marks it gives, and is killed without a word.
    parent = """
import json, os, subprocess, sys, time
command, env = json.loads(sys.argv[1])
subprocess.Popen(command, env=env)
time.sleep(1)
os.kill(os.getpid(), 9)
"""
    child = json.dumps([[*LAUNCHER, "sleep", "60"], marked(url, "a")])
    subprocess.run([sys.executable, "-c", parent, child], check=False)
    while list(launch.left_over(url)):
        time.sleep(0.05)
