"""A call as it goes out, and what comes back, without any network: pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Generic, TypeVar, Union
from urllib.parse import quote, urlsplit

import httpx

from pawprint_client.errors import PawprintError, Unavailable
from pawprint_client.results import LiveEvent

T = TypeVar("T")
# Of a query; of a list each value for itself.
Params = Mapping[str, Union[str, int, Sequence[str]]]

VERSION = "0.1.0"
PAGE_ROWS_MAX = 1_000  # of a list that comes in pages
LINE_BYTES_MAX = 4_000_000  # of a stream; longer ones are no answer of a Pawprint
_UNPACKED_BYTES_MAX = 262_144  # at once
_GZIP = 31  # zlib's window bits with gzip's head and foot
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request and how its JSON is read; `is_safe` says that sending it again does no harm."""

    path: str
    params: Params
    read: Callable[[Any], T]
    method: str = "GET"
    body: Mapping[str, Any] | None = None
    is_safe: bool = True

    def parse(self, response: httpx.Response) -> T:
        """Raises `PawprintError` for an answer that is not as agreed."""
        try:
            return self.read(response.json() if response.content else None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PawprintError(
                f"{self.path} answered what this client does not understand ({error!r})",
                response.status_code,
            ) from error


@dataclass(frozen=True)
class Page:
    """One page of a list, and the cursor of the next one, "" on the last."""

    found: Mapping[str, Any]
    after: str

    def rows(self, name: str, read: Callable[[Any], T]) -> list[T]:
        """Those called `name`. Raises `PawprintError` for what is not as agreed."""
        try:
            return [read(each) for each in self.found[name]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PawprintError(f"{name} that this client does not understand") from error


def page_of(found: Any) -> Page:
    return Page(found, str((found.get("meta") or {}).get("after") or ""))


def nothing_of(found: Any) -> None:
    """Of an answer that says no more than that it is done."""


def path_part(text: str) -> str:
    """`text` as one part of a path. Raises `ValueError` for what would name another path."""
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} is no name")
    return quote(text, safe="")


def headers(key: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json",
        "User-Agent": f"pawprint-client/{VERSION}",
    }


def checked_url(base_url: str, plain_http: bool = False) -> str:
    """Raises `ValueError` for what is no address, or would show the key to everybody between."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{base_url!r} is not like https://pawprint.example.com")
    if parts.username or parts.password:
        raise ValueError("base_url must not hold a name or password: pass the key as `key`")
    if parts.scheme == "http" and parts.hostname not in _LOCAL and not plain_http:
        raise ValueError(
            "http:// would send the key in the clear: use https://, or say plain_http=True"
        )
    return base_url.rstrip("/")


def checked_key(key: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("key must be an API key, as its page shows it once")
    return key


class EventReader:
    """Server-sent events from lines (html.spec.whatwg.org, server-sent-events)."""

    def __init__(self) -> None:
        self._kind = "message"
        self._data: list[str] = []

    def feed(self, line: str) -> Iterator[LiveEvent]:
        """The event that `line` completes, if it does."""
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._kind = value
        elif name == "data":
            self._data.append(value)
        elif not line:
            kind, data = self._kind, "\n".join(self._data)
            self._kind, self._data = "message", []
            if data:
                yield LiveEvent(kind, json.loads(data))


class LineReader:
    """Lines of a text that comes in pieces; what has no line end yet waits for it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[str]:
        """The lines that `piece` completes. Raises `PawprintError` for one without an end."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LINE_BYTES_MAX:
            raise PawprintError(f"a line of more than {LINE_BYTES_MAX} bytes")
        for line in lines:
            yield line.rstrip(b"\r").decode("utf-8", "replace")


class Unpacker:
    """Bytes out of a gzip that comes in pieces, some at a time, however well they were packed."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=_GZIP)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Raises `PawprintError` for what is no gzip."""
        try:
            while piece and not self._zlib.eof:
                yield self._zlib.decompress(piece, _UNPACKED_BYTES_MAX)
                piece = self._zlib.unconsumed_tail
        except zlib.error as error:
            raise PawprintError(f"what came is no gzip ({error})") from error

    def end(self) -> None:
        """Raises `Unavailable` where the end of it has not come."""
        if not self._zlib.eof:
            raise Unavailable("the export broke off before its end: ask again")
