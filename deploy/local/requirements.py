"""The development packages (tests, types, lint), installed when a task needs them."""

import hashlib
import sys
from collections.abc import Mapping
from typing import Final

from deploy.local.progress import Steps
from deploy.local.settings import ROOT, VENV_BIN
from deploy.local.shell import run

_LOCKED: Final = ROOT / "deploy" / "requirements" / "dev.txt"
_STAMP: Final = VENV_BIN.parent / "dev.stamp"


def ensure_dev(env: Mapping[str, str], steps: Steps) -> None:
    """Install dev.txt into the virtual environment unless these very versions are there."""
    wanted = hashlib.sha256(_LOCKED.read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return
    pip = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input")
    with steps.step("Python packages for development"):
        command = (*pip, "--require-hashes", "-r", str(_LOCKED))
        run(command, cwd=ROOT, env=env, what="pip install")
        _STAMP.write_text(wanted)
