"""Settings: defaults, values, and errors that name the variable."""

from dataclasses import MISSING, dataclass

import pytest

from schemas.environment import (
    BadSetting,
    parse_count,
    parse_seconds,
    read_settings,
    setting,
)


@dataclass(frozen=True, slots=True)
class Settings:
    secret: str = setting("PAWPRINT_SECRET", MISSING, str, "signs things")
    port: int = setting("PAWPRINT_PORT", 8001, parse_count, "TCP port")
    wait_s: float = setting("PAWPRINT_WAIT_S", 1.5, parse_seconds, "time to wait")
    fixed: int = 7


def test_defaults_and_values() -> None:
    assert read_settings(Settings, {"PAWPRINT_SECRET": "x"}) == Settings("x", 8001, 1.5)
    given = {"PAWPRINT_SECRET": "x", "PAWPRINT_PORT": "9", "PAWPRINT_WAIT_S": "0.2"}
    assert read_settings(Settings, given) == Settings("x", 9, 0.2)
    assert read_settings(Settings, given | {"PAWPRINT_PORT": ""}).port == 8001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAWPRINT_PORT", "0"),
        ("PAWPRINT_PORT", "many"),
        ("PAWPRINT_WAIT_S", "0"),
        ("PAWPRINT_WAIT_S", "inf"),
        ("PAWPRINT_WAIT_S", "nan"),
        ("PAWPRINT_SECRET", ""),
    ],
)
def test_errors_name_the_variable(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings(Settings, {"PAWPRINT_SECRET": "x", name: value})
