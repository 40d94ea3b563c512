"""Makes `client.py` from `aio.py`: one source for both clients, so that they cannot differ.

python webapp/client/generate.py
"""

import re
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent / "src" / "pawprint_client"
# In this order: longer names first.
RULES: Final = (
    (
        r'^"""The client for asyncio.*?"""',
        '"""The client. Made from `aio.py` by `generate.py`: edit that one."""',
    ),
    (r"Safe for many tasks at once", "Safe for many threads at once"),
    (r"\bAsyncPawprint\b", "Pawprint"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bhttpx\.Async", "httpx."),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\bimport asyncio\nimport datetime as dt\n", "import datetime as dt\nimport time\n"),
    (r"\b__a(enter|exit)__", r"__\1__"),
    (r"\ba(close|read|iter_lines)\b", r"\1"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bfor (\w+) in (.+):\n +yield \1\n", r"yield from \2\n"),
)


def generated(source: str) -> str:
    """The text of `client.py` for this text of `aio.py`."""
    for pattern, text in RULES:
        source = re.sub(pattern, text, source)
    return source


if __name__ == "__main__":
    (PACKAGE / "client.py").write_text(generated((PACKAGE / "aio.py").read_text()))
