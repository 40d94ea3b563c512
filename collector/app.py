"""The routes: from a request to an answer, and never an error that quotes what was sent."""

import asyncio
import logging
from typing import Final, Protocol
from urllib.parse import unquote

from granian._granian import RSGIProtocolClosed as ProtocolClosed
from granian._granian import RSGIProtocolError as ProtocolError

from collector.batches import Batches
from collector.errors import Unavailable
from collector.events import Events
from collector.http import (
    Answer,
    BodyReader,
    Exchange,
    Scope,
    TooLarge,
    TooSlow,
    errors_answer,
    header,
    json_answer,
    unavailable_answer,
)
from collector.metrics import Metrics
from collector.outbox import Outbox
from collector.pixel import pixel_answer
from collector.script_file import ROUTES, Scripts, find_script, script_answer
from collector.settings import Settings

EVENT: Final = "/api/event"
IMPORTS: Final = "/api/imports/"
FINISH: Final = "/finish"
FINISH_ROUTE: Final = "/api/imports/finish"
CORS: Final = ("access-control-allow-origin", "*")
PREFLIGHT: Final = (
    CORS,
    ("access-control-allow-methods", "POST, OPTIONS"),
    ("access-control-allow-headers", "content-type, authorization, content-encoding"),
    ("access-control-max-age", "86400"),
)
# Route -> the methods it has; the name is the metric's tag, so it must not hold what was sent.
METHODS: Final = {
    EVENT: ("POST", "OPTIONS"),
    "/api/batch": ("POST", "OPTIONS"),
    "/api/pixel.gif": ("GET", "HEAD"),
    FINISH_ROUTE: ("POST", "OPTIONS"),
    **dict.fromkeys(ROUTES, ("GET", "HEAD")),
    "/healthz": ("GET", "HEAD"),
    "/metrics": ("GET", "HEAD"),
}
NOT_FOUND: Final = "no such route"
GONE: Final = 0  # in place of a status, for who hung up

log = logging.getLogger(__name__)


def find_route(path: str) -> str:
    """The route's name, or NOT_FOUND."""
    if path in METHODS:
        return path if path != FINISH_ROUTE else NOT_FOUND
    if path.startswith(IMPORTS) and path.endswith(FINISH) and len(path) > len(IMPORTS + FINISH):
        return FINISH_ROUTE
    return find_script(path) or NOT_FOUND


class Parts(Protocol):
    """What the application stands on (`runtime.Runtime`)."""

    settings: Settings
    metrics: Metrics
    events: Events
    batches: Batches
    outbox: Outbox | None  # None until Kafka and the topic were found

    def start(self) -> None: ...
    def health(self) -> dict[str, str]: ...
    async def stop(self) -> None: ...


class App:
    """The RSGI application of one worker."""

    def __init__(self, runtime: Parts) -> None:
        self._runtime = runtime
        settings = runtime.settings
        self._bodies = BodyReader(settings.body_timeout_s, settings.bodies_bytes_max)
        self._scripts = Scripts()
        self._busy = 0
        self._uncounted: dict[tuple[str, int], int] = {}  # by (route, status)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._runtime.start()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._stop())

    async def _stop(self) -> None:
        """The queue first: requests in progress wait for it; then they are let answer."""
        await self._runtime.stop()
        try:
            async with asyncio.timeout(self._runtime.settings.drain_timeout_s):
                while self._busy:
                    await asyncio.sleep(0.01)
        except TimeoutError:
            log.warning("stopped with requests in progress")

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        self._busy += 1
        route, held = find_route(scope.path), 0
        try:
            try:
                if route == EVENT and scope.method == "POST":  # here: a coroutine more costs time
                    outbox, headers = self._outbox(), scope.headers  # a copy each time
                    limit = self._runtime.settings.body_bytes_max
                    body = await self._bodies.read(headers, exchange, limit)
                    held = len(body)
                    events = self._runtime.events
                    answer, stored = events.post(headers, scope.client, body, outbox)
                    if stored is not None:
                        await stored
                else:
                    answer = await self._dispatch(route, scope, exchange)
            except Exception as error:
                answer = self._failed(route, error)
            answered = [*answer.headers, ("content-length", str(len(answer.body)))]
            if route.startswith("/api/"):
                answered.append(CORS)
            content = b"" if scope.method == "HEAD" else answer.body
            exchange.response_bytes(answer.status, answered, content)
            self._count(route, answer.status)
        except (ProtocolClosed, ProtocolError):
            self._count(route, GONE)
        finally:
            self._bodies.release(held)
            self._busy -= 1

    def _count(self, route: str, status: int) -> None:
        key = (route, status)
        self._uncounted[key] = self._uncounted.get(key, 0) + 1

    def _metrics(self) -> bytes:
        """Answers are counted here, all at once: one by one it would cost more than answering."""
        uncounted, self._uncounted = self._uncounted, {}
        metrics = self._runtime.metrics
        for (route, number), count in uncounted.items():
            status = "gone" if number == GONE else str(number)
            metrics.count("pawprint_collector_requests_total", count, route=route, status=status)
        return metrics.render()

    def _failed(self, route: str, error: Exception) -> Answer:
        """What a request is told that could not be answered."""
        match error:
            case TooLarge():
                return errors_answer(413, {"request": "is too large"})
            case TooSlow():
                return errors_answer(408, {"request": "took too long"})
            case Unavailable():
                return unavailable_answer(error)
            case ProtocolClosed() | ProtocolError():
                # The body broke off. Who hung up hears nothing; who only closed its half does.
                return errors_answer(400, {"request": "is not complete"})
        # Ours to mend: told with its place in the code, and nothing of what was sent.
        log.error("unexpected error", exc_info=error, extra={"fields": {"route": route}})
        self._runtime.metrics.count("pawprint_collector_errors_total", kind=type(error).__name__)
        return errors_answer(500, {"service": "an error of ours; it was logged"})

    async def _dispatch(self, route: str, scope: Scope, exchange: Exchange) -> Answer:
        methods = METHODS.get(route)
        if methods is None:
            return errors_answer(404, {"request": NOT_FOUND})
        if scope.method not in methods:
            answer = errors_answer(405, {"request": "method not allowed"})
            return Answer(405, answer.body, (*answer.headers, ("allow", ", ".join(methods))))
        if scope.method == "OPTIONS":
            return Answer(204, b"", PREFLIGHT[1:])
        match route:
            case "/healthz":
                return self._health()
            case "/metrics":
                kind = ("content-type", "text/plain; version=0.0.4; charset=utf-8")
                return Answer(200, self._metrics(), (kind,))
            case _ if route in ROUTES:
                match_tags = header(scope.headers, "if-none-match")
                script = self._scripts.find(scope.path)
                return script_answer(script, match_tags, header(scope.headers, "accept-encoding"))
            case "/api/pixel.gif":
                return await self._pixel(scope)
            case _:
                return await self._batch(route, scope, exchange)

    async def _pixel(self, scope: Scope) -> Answer:
        if scope.method == "HEAD":  # a look at what would come: nobody saw anything
            return pixel_answer(())
        outbox, events = self._outbox(), self._runtime.events
        answer, stored = events.pixel(scope.headers, scope.client, scope.query_string, outbox)
        if stored is not None:
            await stored
        return answer

    async def _batch(self, route: str, scope: Scope, exchange: Exchange) -> Answer:
        settings, batches = self._runtime.settings, self._runtime.batches
        limit = settings.batch_bytes_max if route == "/api/batch" else settings.body_bytes_max
        outbox = self._outbox()
        body = await self._bodies.read(scope.headers, exchange, limit)
        held = len(body)
        try:
            if header(scope.headers, "content-encoding"):  # as large as it may become, until stored
                self._bodies.reserve(limit)
                held += limit
            if route == "/api/batch":
                return await batches.post(scope.headers, body, outbox)
            name = unquote(scope.path[len(IMPORTS) : -len(FINISH)])
            return await batches.finish(scope.headers, name, body, outbox)
        finally:
            self._bodies.release(held)

    def _outbox(self) -> Outbox:
        if self._runtime.outbox is None:
            raise Unavailable("kafka")
        return self._runtime.outbox

    def _health(self) -> Answer:
        """Redis or Kafka away alone is no reason to send traffic elsewhere."""
        parts = self._runtime.health()
        well = "waiting" not in parts.values()
        status = "ok" if well else "waiting"
        return json_answer(200 if well else 503, {"status": status} | parts)
