"""Where one stack keeps its things: `PAWPRINT_HOME` as names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one stack. Several can live side by side, each on ports of its own."""

    path: Path

    def make(self) -> None:
        """Make the folder, closed to other users: it holds keys and a password."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in (self.logs, self.data):
            part.mkdir(exist_ok=True)

    @property
    def logs(self) -> Path:
        """One bounded log for each process."""
        return self.path / "logs"

    @property
    def data(self) -> Path:
        """PAWPRINT_DATA_DIR: what our own processes write (mail, schedules, caches)."""
        return self.path / "data"

    @property
    def ports(self) -> Path:
        """The ports chosen at the first start, JSON."""
        return self.path / "ports.json"

    @property
    def secrets(self) -> Path:
        """The keys made at the first start, one NAME=value a line."""
        return self.path / "secrets.env"

    @property
    def demo(self) -> Path:
        """The demo site, its log-in and its keys, JSON."""
        return self.path / "demo.json"

    @property
    def login(self) -> Path:
        """demo.json with the addresses, for the browser tests."""
        return self.path / "login.json"

    @property
    def played(self) -> Path:
        """Which access log is being played into this home, JSON."""
        return self.path / "played.json"

    @property
    def stack(self) -> Path:
        """What runs and where it answers, JSON; there from a finished start until the stop."""
        return self.path / "stack.json"

    @property
    def lock(self) -> Path:
        """Held while a start or a stop is at work."""
        return self.path / "lock"

    def log_of(self, name: str) -> Path:
        """The log of one process."""
        return self.logs / f"{name}.log"


def read_json(path: Path) -> Any | None:
    """What `path` holds, or None where it is missing or was torn by a crash."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def write_private(path: Path, text: str) -> None:
    """Replace `path` whole, readable by its owner only."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
