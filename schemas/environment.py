"""Settings from the environment: declared once as fields, read once at the start of a process.

@dataclass(frozen=True, slots=True)
class Settings:
    port: int = setting("PAWPRINT_PORT", 8001, parse_count, "TCP port to listen on")

settings = read_settings(Settings, os.environ)
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields
from typing import Any, ClassVar, Protocol, TypeVar


class IsDataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


D = TypeVar("D", bound=IsDataclass)


class BadSetting(ValueError):
    """An environment variable that cannot be used; the message names it."""


def setting(env: str, default: Any, parse: Callable[[str], Any], why: str) -> Any:
    """A field read from the variable `env`; `default` is already parsed, `why` gives unit, reason.

    `default` is MISSING where the process must not start without the variable.
    """
    metadata = {"env": env, "parse": parse, "why": why}
    return (
        field(metadata=metadata)
        if default is MISSING
        else field(default=default, metadata=metadata)
    )


def parse_count(text: str) -> int:
    """A whole number, 1 or more."""
    number = int(text)
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def parse_whole(text: str) -> int:
    """A whole number, 0 or more."""
    number = int(text)
    if number < 0:
        raise ValueError("must be 0 or more")
    return number


def parse_seconds(text: str) -> float:
    """A duration above 0."""
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError("must be more than 0")
    return seconds


def read_settings(of: type[D], environ: Mapping[str, str]) -> D:
    """The settings in `environ`; an empty variable counts as unset.

    Raises `BadSetting` naming the variable.
    """
    values: dict[str, Any] = {}
    for item in fields(of):
        env = item.metadata.get("env")
        if env is None:
            continue
        text = environ.get(env, "")
        if text:
            try:
                values[item.name] = item.metadata["parse"](text)
            except ValueError as error:
                raise BadSetting(f"{env}: {error}") from error
        elif item.default is MISSING:
            raise BadSetting(f"{env} is not set: {item.metadata['why']}")
    return of(**values)
