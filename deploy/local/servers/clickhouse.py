"""ClickHouse as an ordinary process with its own configuration and data."""

import shutil
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from deploy.local.health import Health
from deploy.local.program import Program
from deploy.local.settings import ROOT

_TEMPLATES: Final = ROOT / "deploy" / "local" / "clickhouse"


def url(port: int, user: str = "default") -> str:
    """Where `user` finds the product's database."""
    return f"clickhouse://{user}@127.0.0.1:{port}/pawprint"


def render(folder: Path, native: int, http: int) -> str:
    """config.xml for these ports, with all data under `folder`."""
    template = (_TEMPLATES / "config.xml").read_text()
    filled = template.replace("{native}", str(native)).replace("{http}", str(http))
    return filled.replace("{path}", escape(str(folder)))


def prepare(home: Path, native: int, http: int) -> None:
    """Write the configuration and make the folders."""
    folder = home / "clickhouse"
    for part in ("data", "tmp", "files", "schemas"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "config.xml").write_text(render(folder, native, http))
    shutil.copy(_TEMPLATES / "users.xml", folder)


def program(home: Path, native: int) -> Program:
    """ClickHouse as a supervised process."""
    return Program(
        name="clickhouse",
        group="servers",
        command=("clickhouse-server", "--config-file=config.xml"),
        cwd=home / "clickhouse",
        health=Health("clickhouse", url(native)),
        stop_after_s=15,
    )
