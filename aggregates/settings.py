"""Settings of `python -m aggregates.clickhouse`; everyone else hands a URL to an adapter."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas import environment
from schemas.environment import setting


@dataclass(frozen=True, slots=True)
class Settings:
    clickhouse_url: str = setting(
        "CLICKHOUSE_URL",
        "clickhouse://default@127.0.0.1:9000/pawprint",
        str,
        "native protocol; the user may create the database and its tables",
    )


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`. Raises `BadSetting` naming the variable."""
    return environment.read_settings(Settings, environ)
