"""A web site and a collector in one small server: pages by path, and what the script sent."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from collector.script_file import Scripts

DIST: Final = Path(__file__).parents[3] / "collector" / "script" / "dist"
WAIT_S: Final = 15.0
SLOW_S: Final = 1.0

Event = dict[str, Any]


@dataclass(slots=True)
class Site:
    """What is served, and what came; `status` and `is_slow` are how the collector answers."""

    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 202
    is_slow: bool = False
    tries: list[Event] = field(default_factory=list)
    taken: list[Event] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [event["n"] for event in self.taken]

    def named(self, name: str) -> list[Event]:
        return [event for event in self.taken if event["n"] == name]

    def wait(self, is_there: Callable[[], object]) -> None:
        """Until it is true. Fails after WAIT_S, with what came."""
        end = time.monotonic() + WAIT_S
        while not is_there():
            assert time.monotonic() < end, f"did not come; came: {self.taken}"
            time.sleep(0.02)

    def wait_for(self, *names: str) -> None:
        self.wait(lambda: self.names == list(names))


def page(body: str = "", attributes: str = "", script: str = "/js/script.js") -> str:
    """A page with the script."""
    tag = f'<script defer data-local {attributes} src="{script}"></script>'
    return f"<!doctype html><title>Page</title>{tag}<body>{body}</body>"


def make_server(site: Site) -> ThreadingHTTPServer:
    scripts = Scripts(DIST)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            if path.startswith("/js/"):
                script = scripts.find(path)  # None: a file that only the package has
                body = script.plain if script else (DIST / path[4:]).read_bytes()
                self._answer(200, body, "text/javascript")
            elif path in site.pages:
                self._answer(200, site.pages[path].encode(), "text/html", site.headers)
            else:  # the icon, which browsers ask for by themselves
                self._answer(204 if path == "/favicon.ico" else 404, b"", "text/plain")

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            site.tries.append(event)
            if site.is_slow:
                time.sleep(SLOW_S)
            if site.status == 202:
                site.taken.append(event)
            self._answer(site.status, b"ok", "text/plain")

        def _answer(
            self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None
        ) -> None:
            headers = {"content-type": kind, "content-length": str(len(body)), **(more or {})}
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                pass  # the browser went; what it sent was read before

        def log_message(self, format: str, *args: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def serve(site: Site) -> ThreadingHTTPServer:
    """Start serving; the caller shuts it down."""
    server = make_server(site)
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
