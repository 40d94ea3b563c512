"""python -m deploy.demo.pages --port N --collector URL --dashboard URL --domain D: serve the pages.

Loopback only, and nothing of a visitor is kept or logged: this is to be clicked in, not a server.
"""

import argparse
import signal
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from deploy.demo.pages.pages import Answer, Place, answer_to

HOST: Final = "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD of the pages."""

    server_version, sys_version = "pawprint-demo", ""
    timeout = 10  # seconds a connection may stand still

    def __init__(self, place: Place, *arguments: object) -> None:
        self._place = place
        super().__init__(*arguments)  # type: ignore[arg-type]  # as the server hands them over

    def do_GET(self) -> None:
        answer = self._begin()
        self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        self._begin()

    def _begin(self) -> Answer:
        answer = answer_to(self.path, self._place)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        return answer

    def log_message(self, format: str, *args: object) -> None:
        """Addresses are nobody's business."""


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--collector", required=True, help="where the script comes from")
    parser.add_argument("--dashboard", required=True, help="where its numbers are shown")
    parser.add_argument("--domain", required=True, help="the site its hits are counted for")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = Place(given.collector, given.dashboard, given.domain)
    server = ThreadingHTTPServer((HOST, given.port), partial(Handler, place))
    server.daemon_threads = True
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
