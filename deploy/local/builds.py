"""The two TypeScript packages, built when their sources changed."""

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local.digests import digest
from deploy.local.errors import StackError
from deploy.local.settings import ROOT, VENV_BIN
from deploy.local.shell import run

PACKAGES: Final = (ROOT / "webapp" / "frontend", ROOT / "collector" / "script")
_NPM: Final = str(VENV_BIN / "npm")


def _stamp(folder: Path, name: str) -> Path:
    return folder / "node_modules" / f".pawprint-{name}"


def _is_stamped(folder: Path, name: str, value: str) -> bool:
    stamp = _stamp(folder, name)
    return stamp.exists() and stamp.read_text() == value


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While it lasts, no other stack of this checkout builds `folder`."""
    lock = VENV_BIN.parent / f"{folder.name}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def install(folder: Path, env: Mapping[str, str]) -> None:
    """`npm ci` unless the lock file is the one installed."""
    lock = folder / "package-lock.json"
    if not lock.exists():
        raise StackError(f"{lock} is missing")
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not _is_stamped(folder, "installed", wanted):
        command = (_NPM, "ci", "--no-audit", "--no-fund", "--no-progress")
        run(command, cwd=folder, env=env, what=f"npm ci in {folder.relative_to(ROOT)}")
        _stamp(folder, "installed").write_text(wanted)


def build(folder: Path, env: Mapping[str, str]) -> bool:
    """Build a package unless its sources are those of the last build; True when it built."""
    with _alone(folder):
        wanted = digest(folder)
        if (folder / "dist").is_dir() and _is_stamped(folder, "built", wanted):
            return False
        install(folder, env)
        what = f"npm run build in {folder.relative_to(ROOT)}"
        run((_NPM, "run", "build"), cwd=folder, env=env, what=what)
        _stamp(folder, "built").write_text(wanted)
        return True
