"""Parameters of a query: every value of a question reaches the server as one of these."""

from typing import Final, TypeAlias

Param: TypeAlias = int | float | str | tuple[str, ...] | tuple[int, ...]

_NAME: Final = "value_"


class Values:
    """Collects values under names of their own; the same value has one name."""

    def __init__(self) -> None:
        self.params: dict[str, Param] = {}
        self._names: dict[tuple[type, Param], str] = {}

    def put(self, value: Param) -> str:
        """The SQL that stands for `value`."""
        name = self._names.setdefault((type(value), value), f"{_NAME}{len(self._names)}")
        self.params[name] = value
        return f"%({name})s"
