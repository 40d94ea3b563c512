"""How much memory processes hold, shared pages counted once."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


def pss_kb(smaps_rollup: str) -> int:
    """The proportional set size in a `/proc/PID/smaps_rollup`, in kB; 0 where there is none."""
    for line in smaps_rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def parent(stat: str) -> int:
    """The parent's id in a `/proc/PID/stat`; the command before it may hold spaces and brackets."""
    return int(stat.rpartition(")")[2].split()[1])


def family(pid: int, parents: Mapping[int, int]) -> set[int]:
    """`pid` and all its descendants, given each process's parent."""
    members, grown = {pid}, True
    while grown:
        children = {child for child, of in parents.items() if of in members}
        grown = not children <= members
        members |= children
    return members


def parents(proc: Path = PROC) -> dict[int, int]:
    """Each process on the machine with its parent."""
    found: dict[int, int] = {}
    for entry in proc.iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = parent((entry / "stat").read_text())
            except (OSError, IndexError, ValueError):
                continue  # it ended while we looked
    return found


def megabytes(pids: Iterable[int], proc: Path = PROC) -> float:
    """The proportional set size of all `pids` together, in MB."""
    total_kb = 0
    for pid in pids:
        try:
            total_kb += pss_kb((proc / str(pid) / "smaps_rollup").read_text())
        except OSError:
            continue  # it ended while we looked
    return total_kb / 1024
