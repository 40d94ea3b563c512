"""Redis as an ordinary process with its own configuration and data."""

from pathlib import Path
from typing import Final

from deploy.local.health import Health
from deploy.local.program import Program

# Salts and the sites the collector knows live in Redis alone, so a kill must not lose them: a new
# salt in mid-day would count returning visitors twice. Hence the append-only file, synced every
# second, instead of snapshots.
_CONFIGURATION: Final = """\
bind 127.0.0.1
port {port}
dir .
save ""
appendonly yes
appendfsync everysec
auto-aof-rewrite-min-size 16mb
maxmemory-policy noeviction
loglevel notice
"""


def render(port: int) -> str:
    """redis.conf for this port."""
    return _CONFIGURATION.format(port=port)


def prepare(home: Path, port: int) -> None:
    """Write the configuration."""
    (home / "redis").mkdir(exist_ok=True)
    (home / "redis" / "redis.conf").write_text(render(port))


def program(home: Path, port: int) -> Program:
    """Redis as a supervised process."""
    return Program(
        name="redis",
        group="servers",
        command=("redis-server", "redis.conf"),
        cwd=home / "redis",
        health=Health("redis", f"redis://127.0.0.1:{port}/0"),
    )
