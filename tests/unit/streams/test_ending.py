"""A worker that hangs while it stops, in a process of its own, since it must not outlive it."""

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from deploy.local.program import Program
from streams.ending import STOP_S_MAX

ENDS_S_MAX = 60.0  # with the start of Python and Faust on a busy machine

HANGING = """
import asyncio, faust
async def hang(self):
    print("stopping", flush=True)
    await asyncio.sleep(600)
faust.App.stop = hang
from streams import ending
ending.end_within.__defaults__ = (0.2,)
from streams.app import app
asyncio.run(app.stop())
"""
ENDING = f"from streams.ending import end_within; end_within({10 * ENDS_S_MAX})"


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PAWPRINT_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=ENDS_S_MAX,
        check=False,
    )


def test_a_worker_that_hangs_while_it_stops_is_ended(tmp_path: Path) -> None:
    ended = run(HANGING, tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "stopping\n")
    assert "still stopping after 0 s" in ended.stderr


def test_one_that_ends_by_itself_waits_for_nothing(tmp_path: Path) -> None:
    assert run(ENDING, tmp_path).returncode == 0


def test_it_comes_before_the_supervisor_loses_patience() -> None:
    patience_s = next(each.default for each in fields(Program) if each.name == "stop_after_s")
    assert isinstance(patience_s, int)
    assert patience_s > STOP_S_MAX
