"""Requests and answers: bounded reading, one shape of error, nothing of Granian beyond here."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import msgspec

from collector.errors import Rejected, Throttled, Unavailable

JSON: Final = ("content-type", "application/json")
TEXT: Final = ("content-type", "text/plain; charset=utf-8")
RETRY_AFTER_S: Final = 5
LOOK_SHARE: Final = 0.1


class Headers(Protocol):
    def get(self, key: str, default: Any = None) -> Any: ...


class Scope(Protocol):
    """What Granian tells of a request (RSGI)."""

    method: str
    path: str
    query_string: str
    client: str

    @property
    def headers(self) -> Headers: ...


class Exchange(Protocol):
    """Granian's way to read a body and to answer (RSGI)."""

    def __call__(self) -> Awaitable[bytes]: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class Answer(msgspec.Struct, frozen=True):
    """What a client gets."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (TEXT,)


class TooLarge(Exception):
    """The body is larger than its limit."""


class TooSlow(Exception):
    """The body did not come in its time."""


def json_answer(status: int, value: Any, *headers: tuple[str, str]) -> Answer:
    return Answer(status, msgspec.json.encode(value), (JSON, *headers))


def errors_answer(status: int, errors: Mapping[str, str]) -> Answer:
    """`{"errors": {field: [message]}}`, the one shape of a refusal."""
    return json_answer(status, {"errors": {name: [text] for name, text in errors.items()}})


def rejected_answer(rejected: Rejected) -> Answer:
    """400 with the reason, or for one who sends too much 429 with the time to wait."""
    headers = [("x-drop-reason", rejected.reason.value)]
    if isinstance(rejected, Throttled):
        headers.append(("retry-after", str(max(1, math.ceil(rejected.wait_s)))))
    headers.append(("access-control-expose-headers", ", ".join(name for name, _ in headers)))
    answer = errors_answer(
        429 if isinstance(rejected, Throttled) else 400, {rejected.field: rejected.message}
    )
    return Answer(answer.status, answer.body, (*answer.headers, *headers))


def unavailable_answer(error: Unavailable) -> Answer:
    """503, to be tried again."""
    fields = {"errors": {"service": [f"unavailable: {error.reason}"]}}
    return json_answer(503, fields, ("retry-after", str(RETRY_AFTER_S)))


@dataclass(slots=True)
class BodyReader:
    """Reads bodies within limits of size and time, and of memory for all of them together."""

    timeout_s: float
    total_bytes_max: int
    _reserved: int = field(default=0)
    # Who reads, and until when (the loop's time): one timer looks through them, as one for each
    # body would cost more than the reading.
    _reading: dict["asyncio.Task[Any]", float] = field(default_factory=dict)
    _too_slow: set["asyncio.Task[Any]"] = field(default_factory=set)
    _look: asyncio.TimerHandle | None = field(default=None)

    async def read(self, scope: Scope, protocol: Exchange, bytes_max: int) -> bytes:
        """The body, whose bytes stay reserved until `release`.

        Raises `TooLarge`, `TooSlow`, `Unavailable`.
        """
        declared = _content_length(scope.headers)
        if declared is not None and declared > bytes_max:
            raise TooLarge
        need = bytes_max if declared is None else declared
        self.reserve(need)
        body = b""
        try:
            # The server reads no more than was declared.
            chunks = protocol() if declared is not None else _read_chunks(protocol, bytes_max)
            body = await self._in_time(chunks)
        finally:
            self.release(need - len(body))
        return body

    async def _in_time(self, chunks: Awaitable[bytes]) -> bytes:
        """As `asyncio.timeout`, to within LOOK_SHARE of the time. Raises `TooSlow`."""
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        if task is None:
            raise RuntimeError("a body is read in a task")
        self._reading[task] = loop.time() + self.timeout_s
        if self._look is None:
            self._look = loop.call_later(self.timeout_s * LOOK_SHARE, self._end_slow, loop)
        try:
            return await chunks
        except asyncio.CancelledError as error:
            if task in self._too_slow and task.uncancel() == 0:
                raise TooSlow from error
            raise
        finally:
            del self._reading[task]
            self._too_slow.discard(task)

    def _end_slow(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s, self._look = loop.time(), None
        for task, until_s in self._reading.items():
            if until_s <= now_s and task not in self._too_slow:
                self._too_slow.add(task)
                task.cancel()
        if self._reading:
            self._look = loop.call_later(self.timeout_s * LOOK_SHARE, self._end_slow, loop)

    def reserve(self, size: int) -> None:
        """Raises `Unavailable` while so many bytes more would be too many."""
        if self._reserved + size > self.total_bytes_max:
            raise Unavailable("bodies")
        self._reserved += size

    def release(self, size: int) -> None:
        self._reserved -= size


async def _read_chunks(protocol: Exchange, bytes_max: int) -> bytes:
    body = bytearray()
    async for chunk in protocol:
        if len(body) + len(chunk) > bytes_max:
            raise TooLarge
        body += chunk
    return bytes(body)


def _content_length(headers: Headers) -> int | None:
    text = header(headers, "content-length")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def header(headers: Headers, name: str) -> str:
    """A header's text, "" if it is not there."""
    return headers.get(name) or ""
