"""Small disks of their own for the servers' data, so that one can be full: tmpfs mounts.

A disk is filled by making it as small as what is on it: nothing is written, no memory is taken.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mounts")
_FILL_S_MAX: Final = 5.0  # a server that writes on makes the size too small while we set it


class MountRefused(Exception):
    """This process may not mount; the message says why."""


def mount(path: Path, megabytes: int) -> None:
    """An empty disk of that size at `path`. Raises MountRefused."""
    path.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "pawprint-chaos", str(path))


def fill(path: Path) -> None:
    """From now on nothing more fits on the disk at `path`. Raises MountRefused."""
    until = time.monotonic() + _FILL_S_MAX
    while True:
        disk = os.statvfs(path)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        try:
            _run("mount", "-o", f"remount,size={max(used, disk.f_frsize)}", str(path))
            return
        except MountRefused:
            if time.monotonic() > until:
                raise


def free(path: Path, megabytes: int) -> None:
    """Give the disk at `path` that size again. Raises MountRefused."""
    _run("mount", "-o", f"remount,size={megabytes}m", str(path))


def unmount_below(folder: Path) -> None:
    """Unmount what is mounted below `folder`, also what a killed run left there."""
    for path in mounted_below(folder, _MOUNTS.read_text().splitlines()):
        # Lazily: a process that is just ending may still hold a file.
        subprocess.run(["umount", "--lazy", str(path)], check=False, capture_output=True)


def mounted_below(folder: Path, mounts: Sequence[str]) -> list[Path]:
    """The mount points below `folder` in the lines of /proc/mounts, the deepest first."""
    points = [Path(line.split()[1].replace(r"\040", " ")) for line in mounts if line.strip()]
    return sorted((p for p in points if folder in p.parents), reverse=True)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=10)
    except OSError as error:
        raise MountRefused(str(error)) from error
    if done.returncode:
        raise MountRefused(done.stderr.strip() or f"{command[0]} failed")
