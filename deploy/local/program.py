"""One supervised process as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deploy.local.health import Health

Group = Literal["servers", "applications"]


@dataclass(frozen=True, slots=True)
class Program:
    """What the supervisor runs. Groups stop in reverse order: servers go last."""

    name: str
    group: Group
    command: tuple[str, ...]
    cwd: Path
    health: Health
    user: str | None = None  # only root can start a process as somebody else
    environment: Mapping[str, str] = field(default_factory=dict)  # what only this one needs
    ready_after_s: float = 60.0  # longest wait for health at the start
    stop_signal: str = "TERM"
    stop_after_s: int = 10  # longest wait for a clean end; then it is killed

    @property
    def address(self) -> str:
        """Name in the supervisor."""
        return f"{self.group}:{self.name}"
