"""The built tracking script as it is served."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.http import TEXT, Answer

PATH: Final = Path(__file__).parent / "script" / "dist" / "script.js"
# A day: a new release reaches every visitor by tomorrow, and most page views ask nothing of us.
CACHE: Final = "public, max-age=86400"
NOT_BUILT: Final = (
    b"The tracking script is not built. In collector/script run: npm ci && npm run build\n"
)


@dataclass(frozen=True, slots=True)
class Script:
    """The file in memory, plain and packed."""

    plain: bytes
    packed: bytes
    etag: str


def load_script(path: Path = PATH) -> Script | None:
    """None if it was not built."""
    try:
        plain = path.read_bytes()
    except FileNotFoundError:
        return None
    etag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
    return Script(plain, gzip.compress(plain, 9, mtime=0), etag)


def script_answer(script: Script | None, if_none_match: str, accept_encoding: str) -> Answer:
    if script is None:
        return Answer(503, NOT_BUILT, (TEXT, ("retry-after", "60")))
    headers = (
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", CACHE),
        ("etag", script.etag),
        ("vary", "accept-encoding"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
    )
    if script.etag in (tag.strip() for tag in if_none_match.split(",")):
        return Answer(304, b"", headers)
    if "gzip" in accept_encoding:
        return Answer(200, script.packed, (*headers, ("content-encoding", "gzip")))
    return Answer(200, script.plain, headers)
