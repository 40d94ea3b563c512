"""What the person at the keyboard set in the environment, read once."""

import hashlib
import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.digests import digest

ROOT: Final = Path(__file__).resolve().parents[2]  # the checkout
VENV_BIN: Final = ROOT / ".venv" / "bin"
DEFAULT_HOME: Final = ROOT / ".pawprint"
COMPILED_FROM: Final = (ROOT / "aggregates", ROOT / "collector", ROOT / "schemas")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field has a default; an address that is set means: use that server, start none."""

    home: Path = DEFAULT_HOME  # PAWPRINT_HOME: data, logs, ports and secrets of one stack
    kafka_broker: str | None = None  # KAFKA_BROKER, host:port
    redis_url: str | None = None  # REDIS_URL
    clickhouse_url: str | None = None  # CLICKHOUSE_URL, native protocol
    clickhouse_read_url: str | None = None  # CLICKHOUSE_READ_URL; defaults to the one above
    database_url: str | None = None  # DATABASE_URL; SQLite in the home without it
    ingest_key: str | None = None  # PAWPRINT_INGEST_KEY: what `./inv import-log` sends with
    api_url: str | None = None  # PAWPRINT_API_URL: a Pawprint elsewhere that `./inv query` asks
    api_key: str | None = None  # PAWPRINT_API_KEY: what it asks with


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`; an empty variable counts as unset."""

    def given(name: str) -> str | None:
        return environ.get(name) or None

    home = given("PAWPRINT_HOME")
    return Settings(
        home=Path(home).expanduser().absolute() if home else DEFAULT_HOME,
        kafka_broker=given("KAFKA_BROKER"),
        redis_url=given("REDIS_URL"),
        clickhouse_url=given("CLICKHOUSE_URL"),
        clickhouse_read_url=given("CLICKHOUSE_READ_URL"),
        database_url=given("DATABASE_URL"),
        ingest_key=given("PAWPRINT_INGEST_KEY"),
        api_url=given("PAWPRINT_API_URL"),
        api_key=given("PAWPRINT_API_KEY"),
    )


def compiled_copy() -> Path:
    """Where the compiled copy of these very sources is, if it has been made (compiled.py)."""
    made_from = "".join(map(digest, COMPILED_FROM)) + str(sysconfig.get_config_var("EXT_SUFFIX"))
    return VENV_BIN.parent / "compiled" / hashlib.sha256(made_from.encode()).hexdigest()[:16]


def inherited(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of what we start: the person's own, with the virtual environment first.

    Servers live in sbin, which is not on everyone's PATH. What is compiled comes before what is not
    for processes started with `python -P`.
    """
    path = f"{VENV_BIN}:{environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin"
    plain = {} if sys.stdout.isatty() else {"NO_COLOR": "1"}
    python_path = [*filter(Path.is_dir, [compiled_copy()]), ROOT]
    ours = {
        "PATH": path,
        "PYTHONPATH": os.pathsep.join(map(str, python_path)),
        "PYTHONUNBUFFERED": "1",
    }
    return dict(environ) | ours | plain
