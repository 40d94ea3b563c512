"""JSON lines: Caddy's, Traefik's, and whatever keys an nginx `log_format escape=json` was given.

Each field is looked for under the names that servers use, or under the one that was named for it.
A name may be a path: `request.uri`, `request.headers.User-Agent`.

Sources: https://caddyserver.com/docs/caddyfile/directives/log
         https://doc.traefik.io/traefik/observability/access-logs/
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from deploy.importing.lines import (
    LINE_BYTES_MAX,
    BadLine,
    Line,
    build_line,
    clf_ms,
    epoch_ms,
    iso_time_ms,
)
from deploy.importing.templates import WrongFormat

_CLF: Final = re.compile(r"\[?(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]?", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,19}(?:\.\d{1,9})?", re.ASCII)
VALUE_CHARS_MAX: Final = 8_192

# Field -> where it may be, the first that is there counts.
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "time": (
        *("ts", "StartUTC", "time_iso8601", "msec", "time_local", "@timestamp", "timestamp"),
        *("time", "date"),
    ),
    "address": (
        *("request.client_ip", "request.remote_ip", "ClientHost", "remote_addr", "client_ip"),
        *("remote_ip", "clientip", "ip"),
    ),
    "forwarded": (
        *("request.headers.X-Forwarded-For", "request_X-Forwarded-For", "http_x_forwarded_for"),
        "x_forwarded_for",
    ),
    "method": ("request.method", "RequestMethod", "request_method", "method"),
    "url": ("request.uri", "RequestPath", "request_uri", "uri", "url", "path"),
    "request": ("request",),
    "status": ("status", "DownstreamStatus", "status_code", "response"),
    "bytes": ("size", "DownstreamContentSize", "body_bytes_sent", "bytes_sent", "bytes"),
    "referrer": (
        *("request.headers.Referer", "request_Referer", "http_referer", "referer", "referrer"),
    ),
    "agent": (
        *("request.headers.User-Agent", "request_User-Agent", "http_user_agent", "user_agent"),
        *("agent", "useragent"),
    ),
    "host": ("request.host", "RequestHost", "http_host", "host", "server_name", "vhost"),
}
_NAMES: Final = {"url": "target"}  # as `build_line` calls it

_decoder = msgspec.json.Decoder()


class JsonFormat:
    """The parser of JSON lines; `mapping` names the place of some fields."""

    name = "json"
    names_agents = True  # a missing one is a request that named none

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        """Raises WrongFormat for a field that is none of KEYS."""
        given = dict(mapping or {})
        if unknown := sorted(set(given) - set(KEYS)):
            raise WrongFormat(f"--field {unknown[0]}: a field is one of {', '.join(KEYS)}")
        self.header = ""
        self._places = {
            field: tuple(
                (place, tuple(place.split(".")))
                for place in ((given[field],) if field in given else places)
            )
            for field, places in KEYS.items()
        }

    def parse(self, number: int, raw: bytes) -> Line | None:
        """As in `Parser`."""
        if len(raw) > LINE_BYTES_MAX:
            raise BadLine(f"longer than {LINE_BYTES_MAX} bytes")
        try:
            entry = _decoder.decode(raw)
        except (ValueError, RecursionError):
            raise BadLine("not JSON") from None
        if not isinstance(entry, dict):
            raise BadLine("not a JSON object")
        at_ms = _time_ms(self._find(entry, "time"))
        values: dict[str, str] = {}
        for field in KEYS:
            if field != "time":
                text = _text(self._find(entry, field))
                if text:
                    values[_NAMES.get(field, field)] = text
        if "status" not in values:
            raise BadLine("no status")
        return build_line(number, at_ms, values)

    def _find(self, entry: dict[str, Any], field: str) -> Any:
        """The value at the first of the field's places that holds a text or number; else None."""
        for whole, path in self._places[field]:
            found = entry.get(whole)
            if found is None and len(path) > 1:
                found = _walk(entry, path)
            if isinstance(found, list):  # headers come as lists
                found = found[0] if found else None
            if isinstance(found, str | int | float):
                return found
        return None


def _walk(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _text(value: Any) -> str:
    """A value as one line of text, "" for none."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        value = f"{value:.0f}" if abs(value) < 1e18 else ""
    text: str = value[:VALUE_CHARS_MAX]
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def _time_ms(value: Any) -> int:
    """Raises BadLine."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return epoch_ms(float(value) if abs(value) < 1e19 else -1.0)
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return epoch_ms(float(value))
        clf = _CLF.fullmatch(value)
        return clf_ms(clf[1]) if clf else iso_time_ms(value[:40])
    raise BadLine("no time")
