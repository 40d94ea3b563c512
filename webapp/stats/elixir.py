"""JSON values as Elixir prints them: errors of Plausible's API quote what was sent in this way."""

from typing import Any, Final

CHARS_MAX: Final = 500  # of a quotation: errors are to be read
DEPTH_MAX: Final = 20

_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\0": "\\0",
    }
)
_WORDS: Final = {None: "nil", True: "true", False: "false"}


def inspect(value: Any) -> str:
    """`["is", "event:page", %{"a" => nil}]`, cut after CHARS_MAX characters."""
    text = _inspect(value, DEPTH_MAX)
    return text if len(text) <= CHARS_MAX else f"{text[:CHARS_MAX]}..."


def _inspect(value: Any, depth: int) -> str:
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"'
    if not isinstance(value, list | dict):
        return str(value)
    if not depth:
        return "..."
    if isinstance(value, list):
        return f"[{', '.join(_inspect(each, depth - 1) for each in value)}]"
    pairs = (f"{_inspect(key, 1)} => {_inspect(value[key], depth - 1)}" for key in sorted(value))
    return f"%{{{', '.join(pairs)}}}"
