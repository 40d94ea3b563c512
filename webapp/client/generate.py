"""Makes the client's modules from those for asyncio: one source, so that they cannot differ.

python webapp/client/generate.py
"""

import re
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent / "src" / "pawprint_client"
MADE_FROM: Final = {
    "client.py": "aio.py",
    "calls.py": "calls_aio.py",
    "reports.py": "reports_aio.py",
    "sites.py": "sites_aio.py",
}
# In this order: longer names first.
RULES: Final = (
    (
        r'^"""(.+?),? (for|with) asyncio\. `\w+\.py` is made.*?"""',
        r'"""\1. Made by `generate.py` from the one for asyncio: edit that."""',
    ),
    (r"\bpawprint_client\.(\w+)_aio\b", r"pawprint_client.\1"),
    (r"Safe for many tasks at once", "Safe for many threads at once"),
    (r"\bAsyncGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsync(Pawprint|Calls|Reports|Sites|Iterator|Generator)\b", r"\1"),
    (r"\bhttpx\.Async", "httpx."),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\bimport asyncio\nimport datetime as dt\n", "import datetime as dt\nimport time\n"),
    (r"\b__a(enter|exit)__", r"__\1__"),
    (r"\ba(close|read|iter_bytes)\b", r"\1"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\[(\w+) for \1 in (.+)\]", r"list(\2)"),
    (r"\bfor (\w+) in (.+):\n +yield \1\n", r"yield from \2\n"),
)


def generated(source: str) -> str:
    """The text of a module for this text of the one for asyncio."""
    for pattern, text in RULES:
        source = re.sub(pattern, text, source)
    return source


if __name__ == "__main__":
    for made, source in MADE_FROM.items():
        (PACKAGE / made).write_text(generated((PACKAGE / source).read_text()))
