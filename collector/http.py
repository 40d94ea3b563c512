"""Requests and answers: bounded reading, one shape of error, nothing of Granian beyond here."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, Final, Protocol

import msgspec

from collector.errors import Rejected, Throttled, Unavailable

JSON: Final = ("content-type", "application/json")
TEXT: Final = ("content-type", "text/plain; charset=utf-8")
RETRY_AFTER_S: Final = 5
LOOKS: Final = 10  # at a body while it may come


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


class BodyReader:
    """Reads bodies within limits of size and time, and of memory for all of them together."""

    def __init__(self, timeout_s: float, total_bytes_max: int) -> None:
        self._look_s = timeout_s / LOOKS
        self._total_bytes_max = total_bytes_max
        self._reserved = 0
        # Who reads, and at which look he began: one timer looks through them, as one for each body
        # would cost more than the reading.
        self._reading: dict[asyncio.Task[Any], int] = {}
        self._too_slow: set[asyncio.Task[Any]] = set()
        self._looks = 0
        self._looking = False

    async def read(self, headers: Headers, protocol: Exchange, bytes_max: int) -> bytes:
        """The body, whose bytes stay reserved until `release`.

        The time it may take is kept to within a LOOKS-th. Raises `TooLarge`, `TooSlow`,
        `Unavailable`.
        """
        declared = _content_length(headers)
        if declared is not None and declared > bytes_max:
            raise TooLarge
        need = bytes_max if declared is None else declared
        self.reserve(need)
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a body is read in a task")
        self._reading[task] = self._looks
        if not self._looking:
            self._look_later()
        read = 0
        try:
            # The server reads no more than was declared.
            if declared is not None:
                body = await protocol()
            else:
                body = await _read_chunks(protocol, bytes_max)
            read = len(body)
        except asyncio.CancelledError as error:
            if task in self._too_slow and task.uncancel() == 0:
                raise TooSlow from error
            raise
        finally:
            self.release(need - read)
            del self._reading[task]
            self._too_slow.discard(task)
        return body

    def _look_later(self) -> None:
        self._looking = True
        asyncio.get_running_loop().call_later(self._look_s, self._end_slow)

    def _end_slow(self) -> None:
        self._looks += 1
        for task, began in self._reading.items():
            if self._looks - began > LOOKS and task not in self._too_slow:
                self._too_slow.add(task)
                task.cancel()
        self._looking = False
        if self._reading:
            self._look_later()

    def reserve(self, size: int) -> None:
        """Raises `Unavailable` while so many bytes more would be too many."""
        if self._reserved + size > self._total_bytes_max:
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
    return int(text) if len(text) < 20 and text.isascii() and text.isdigit() else None


def header(headers: Headers, name: str) -> str:
    """A header's text, "" if it is not there."""
    return headers.get(name) or ""
