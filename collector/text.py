"""Making any text safe to store: no control characters, no half characters, no more than fits."""

import re
from typing import Final

# NUL and its like end strings, lines and terminals elsewhere; lone surrogates cannot be encoded.
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"


def clean(text: str) -> str:
    """`text` with each unsafe character replaced, so that it can be written and read anywhere."""
    return text if text.isprintable() else _UNSAFE.sub(REPLACEMENT, text)


def cut(text: str, chars_max: int) -> str:
    """`text` cleaned, without white space around it, at most `chars_max` characters."""
    return clean(text.strip())[:chars_max]


def bytes_len(text: str) -> int:
    """Length in UTF-8; a lone surrogate counts as the replacement it becomes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
