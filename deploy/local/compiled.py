"""A copy of `aggregates` whose core is compiled by mypyc: the same sources, half as fast again.

The copy lies in a folder named by the hash of all it was made from, and is used only while that is
the hash of what is here. So a change of the sources is never run with code of before it.
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError
from deploy.local.packages import Need, find
from deploy.local.settings import ROOT, compiled_copy
from deploy.local.shell import run

COMPILER: Final = Need("cc", ("gcc", "libc6-dev", "python3-dev"))
# What the fold runs through at every hit. Left as they are: `state` and `rows`, whose classes
# msgspec and NamedTuple make, and `rules`, which only sites with rules run through.
MODULES: Final = (
    "cells", "flush", "fold", "hashing", "live", "rendering", "sessions", "snapshots", "turns",
    "visits", "windows",
)  # fmt: skip
KEPT: Final = 5
_OPTIONS: Final = """[mypy]
strict = True
[mypy-clickhouse_driver.*,clickhouse_migrations.*]
ignore_missing_imports = True
"""
_ASK: Final = "import aggregates.core.fold as fold; print(fold.__file__)"


def _has_headers() -> bool:
    return (Path(sysconfig.get_path("include")) / "Python.h").is_file()


def missing() -> list[Need]:
    """What compiling needs and this machine has not."""
    return [] if find(COMPILER.program) and _has_headers() else [COMPILER]


def compile_core(env: Mapping[str, str]) -> None:
    """Make the compiled copy of these sources; needs the development packages.

    Raises StackError.
    """
    if not _has_headers():
        raise StackError(f"{sys.executable} came without Python.h, which compiling needs")
    copy = compiled_copy()
    being_made = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.rmtree(being_made, ignore_errors=True)
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "aggregates", being_made / "aggregates", ignore=leave_out)
    (being_made / "mypy.ini").write_text(_OPTIONS)
    modules = [f"aggregates/core/{name}.py" for name in MODULES]
    build = {**env, "MYPYC_OPT_LEVEL": "3", "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)}
    mypyc = (sys.executable, "-P", "-m", "mypyc", *modules)
    run(mypyc, cwd=being_made, env=build, what="compiling the fold")
    shutil.rmtree(being_made / "build", ignore_errors=True)
    _check(being_made, env)
    _prune(copy.parent)
    try:
        being_made.rename(copy)
    except OSError:
        if not copy.is_dir():
            raise
        shutil.rmtree(being_made)  # another has made it meanwhile


def _prune(folder: Path) -> None:
    """What runs may still be of an earlier copy, but hardly of one before the last KEPT."""
    made = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in made[KEPT:]:
        shutil.rmtree(path)


def _check(copy: Path, env: Mapping[str, str]) -> None:
    path = {**env, "PYTHONPATH": os.pathsep.join((str(copy), str(ROOT)))}
    found = run((sys.executable, "-P", "-c", _ASK), cwd=copy, env=path, what="the compiled fold")
    if not found.strip().endswith(".so"):
        raise StackError(f"The fold was compiled, but Python takes {found.strip()}")
