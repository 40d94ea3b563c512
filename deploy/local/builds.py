"""The two TypeScript packages, built when their sources changed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.digests import digest
from deploy.local.errors import StackError
from deploy.local.locks import alone
from deploy.local.settings import ROOT, VENV_BIN
from deploy.local.shell import run

PACKAGES: Final = (ROOT / "webapp" / "frontend", ROOT / "collector" / "script")
_NPM: Final = str(VENV_BIN / "npm")


def _stamp(folder: Path, name: str) -> Path:
    return folder / "node_modules" / f".pawprint-{name}"


def _is_stamped(folder: Path, name: str, value: str) -> bool:
    stamp = _stamp(folder, name)
    return stamp.exists() and stamp.read_text() == value


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
    with alone(folder.name):
        wanted = digest(folder)
        if (folder / "dist").is_dir() and _is_stamped(folder, "built", wanted):
            return False
        install(folder, env)
        what = f"npm run build in {folder.relative_to(ROOT)}"
        run((_NPM, "run", "build"), cwd=folder, env=env, what=what)
        _stamp(folder, "built").write_text(wanted)
        return True
