"""The built scripts as they are served."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cramjam

from collector.http import TEXT, Answer

FOLDER: Final = Path(__file__).parent / "script" / "dist"
ROUTES: Final = {
    "/js/script.js": "script.js",
    "/js/pa.js": "pa.js",
    "/js/script.pageview-props.js": "legacy.js",
    "/js/analytics.js": "analytics.js",
    "/analytics.js": "analytics.js",  # where Panelbear's own client has it
}
# Pages made for Plausible's script name what they switch on in the file's name; what else stands
# there is on by itself.
_VARIANT: Final = re.compile(r"/js/(?:script|plausible)((?:\.[a-z-]{1,20}){0,10})\.js")
_FLAGS: Final = ("hash", "local", "manual")
# Those that have attributes of their own in the tag, and the script that reads them.
_READERS: Final = frozenset(("pageview-props", "file-downloads"))
_ATTRIBUTES: Final = "/js/script.pageview-props.js"
# The snippet Plausible gives names a site by a word of its own; the page's `init` or its host tells
# us which it is.
_SNIPPET: Final = re.compile(r"/js/pa-[A-Za-z0-9_-]{1,64}\.js")
# A day: a new release reaches every visitor by tomorrow, and most page views ask nothing of us.
CACHE: Final = "public, max-age=86400"
_BEST: Final = 11  # of brotli: each file is packed once
# A coding with its weight (RFC 9110, 12.5.3); without one it is 1.
_CODING: Final = re.compile(r"([\w*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?", re.ASCII)
NOT_BUILT: Final = (
    b"The tracking script is not built. In collector/script run: npm ci && npm run build\n"
)


@dataclass(frozen=True, slots=True)
class Script:
    """The file in memory, plain and packed; what is packed is the same to who has its tag."""

    plain: bytes
    brotli: bytes
    gzip: bytes
    etag: str  # weak: one for all codings

    def coded(self, coding: str) -> bytes:
        """The file in one of `accepted`'s codings."""
        return {"br": self.brotli, "gzip": self.gzip}.get(coding, self.plain)


def make_script(plain: bytes) -> Script:
    etag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
    brotli = bytes(cramjam.brotli.compress(plain, level=_BEST))
    return Script(plain, brotli, gzip.compress(plain, 9, mtime=0), etag)


def load_script(path: Path) -> Script | None:
    """None if it was not built."""
    try:
        return make_script(path.read_bytes())
    except FileNotFoundError:
        return None


def read_flags(path: str) -> tuple[str, ...] | None:
    """The flags in a name as `/js/script.hash.outbound-links.js`; None if it is no such name."""
    match = _VARIANT.fullmatch(path)
    if match is None:
        return None
    words = match[1].split(".")
    return tuple(flag for flag in _FLAGS if flag in words)


def find_script(path: str) -> str | None:
    """The one of ROUTES that answers for this path; None if no script does."""
    if path in ROUTES:
        return path
    if _SNIPPET.fullmatch(path):
        return "/js/pa.js"
    if (match := _VARIANT.fullmatch(path)) is None:
        return None
    return _ATTRIBUTES if _READERS & set(match[1].split(".")) else "/js/script.js"


class Scripts:
    """Every script we serve, by its path; variants are made once each, and there are sixteen."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {path: load_script(folder / name) for path, name in ROUTES.items()}
        self._variants: dict[tuple[str, tuple[str, ...]], Script] = {}

    def find(self, path: str) -> Script | None:
        """None if it was not built, or there is none."""
        route, flags = find_script(path), read_flags(path) or ()
        script = None if route is None else self._files[route]
        if route is None or script is None or not flags:
            return script
        if (route, flags) not in self._variants:
            # Before the script reads the attributes of its tag, as if they had been written there.
            lines = "".join(f'document.currentScript.dataset.{flag}="";' for flag in flags)
            self._variants[route, flags] = make_script(lines.encode() + script.plain)
        return self._variants[route, flags]


def accepted(accept_encoding: str) -> str:
    """ "br", "gzip" or "" for neither: what the header prefers, of equals the smaller file."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        if match := _CODING.fullmatch(part.strip()):
            weights[match[1]] = float(match[2] or 1)
    others = weights.get("*", 0.0)
    found = {name: weights.get(name, others) for name in ("br", "gzip")}
    best = max(found, key=lambda name: found[name])
    return best if found[best] > 0 else ""


def _is_known(etag: str, if_none_match: str) -> bool:
    """Compared weakly (RFC 9110, 8.8.3.2): a proxy that packs for itself may take the W/ away."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return bool(tags & {etag.removeprefix("W/"), "*"})


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
        # Pages that isolate themselves may load it too.
        ("cross-origin-resource-policy", "cross-origin"),
    )
    if _is_known(script.etag, if_none_match):
        return Answer(304, b"", headers)
    coding = accepted(accept_encoding)
    coded = (("content-encoding", coding),) if coding else ()
    return Answer(200, script.coded(coding), (*headers, *coded))
