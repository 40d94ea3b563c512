"""A call as it goes out, and what comes back, without any network: pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable, Generic, TypeVar
from urllib.parse import urlsplit

import httpx

from pawprint_client.errors import PawprintError
from pawprint_client.results import LiveEvent

T = TypeVar("T")

VERSION = "0.1.0"
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request and how its JSON is read; `is_safe` says that sending it again does no harm."""

    path: str
    params: Mapping[str, str]
    read: Callable[[Any], T]
    method: str = "GET"
    body: Mapping[str, Any] | None = None
    is_safe: bool = True

    def parse(self, response: httpx.Response) -> T:
        """Raises `PawprintError` for an answer that is not as agreed."""
        try:
            return self.read(response.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PawprintError(
                f"{self.path} answered what this client does not understand ({error!r})",
                response.status_code,
            ) from error


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
