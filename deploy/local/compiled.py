"""A copy of `aggregates` and `collector`, compiled by mypyc where every hit passes.

The same sources run the fold half as fast again, and the collector's way of a hit twice as fast.

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
# What every hit passes. Left as they are: the fold's `state` and `rows`, whose classes msgspec and
# NamedTuple make, and `rules`, which only sites with rules run through; of the collector what runs
# beside the hits or once a record, such as its clients of Kafka and Redis.
FOLD: Final = (
    "cells", "flush", "fold", "hashing", "live", "rendering", "sessions", "snapshots", "turns",
    "visits", "windows",
)  # fmt: skip
COLLECTOR: Final = (
    "app", "batcher", "bodies", "clock", "errors", "events", "exclusions", "http", "identity",
    "ledger", "linger", "networks", "outbox", "panelbear", "pipeline", "pixel", "rates", "sites",
    "text",
)  # fmt: skip
STEPS: Final = (
    "__init__", "address", "agents", "channels", "exclude", "fields", "geo", "given", "identity",
    "limits", "parse", "site", "source", "sources", "spam", "time", "urls",
)  # fmt: skip
MODULES: Final = (
    *(f"aggregates/core/{name}.py" for name in FOLD),
    *(f"collector/{name}.py" for name in COLLECTOR),
    *(f"collector/steps/{name}.py" for name in STEPS),
)
PACKAGES: Final = ("aggregates", "collector")
# Built apart, and perhaps later: a link leads there.
SCRIPT: Final = Path("collector", "script")
KEPT: Final = 5
_OPTIONS: Final = """[mypy]
strict = True
[mypy-aiokafka.*,clickhouse_driver.*,clickhouse_migrations.*,cramjam.*]
ignore_missing_imports = True
[mypy-crawleruseragents.*,iptocc.*,referer_parser.*]
ignore_missing_imports = True
"""
_ASK: Final = (
    "import aggregates.core.fold as fold, collector.app as app; print(fold.__file__, app.__file__)"
)


def _has_headers() -> bool:
    return (Path(sysconfig.get_path("include")) / "Python.h").is_file()


def missing() -> list[Need]:
    """What compiling needs and this machine has not."""
    return [] if find(COMPILER.program) and _has_headers() else [COMPILER]


def compile_copy(env: Mapping[str, str]) -> None:
    """Make the compiled copy of these sources; needs the development packages.

    Raises StackError.
    """
    if not _has_headers():
        raise StackError(f"{sys.executable} came without Python.h, which compiling needs")
    copy = compiled_copy()
    being_made = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.rmtree(being_made, ignore_errors=True)
    leave_out = shutil.ignore_patterns("__pycache__", SCRIPT.name)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, being_made / package, ignore=leave_out)
    (being_made / SCRIPT).symlink_to(ROOT / SCRIPT, target_is_directory=True)
    (being_made / "mypy.ini").write_text(_OPTIONS)
    build = {**env, "MYPYC_OPT_LEVEL": "3", "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)}
    mypyc = (sys.executable, "-P", "-m", "mypyc", *MODULES)
    run(mypyc, cwd=being_made, env=build, what="compiling")
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
    found = run((sys.executable, "-P", "-c", _ASK), cwd=copy, env=path, what="what was compiled")
    if not all(name.endswith(".so") for name in found.split()):
        raise StackError(f"It was compiled, but Python takes {found.strip()}")
