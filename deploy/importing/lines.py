"""One request of an access log, whatever the format: hostile input, read strictly."""

import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol

import msgspec

LINE_BYTES_MAX: Final = 16_384

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_NOT_TAB: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_REQUEST: Final = re.compile(r"([A-Z]{1,20}) (\S+) HTTP/\d(?:\.\d)?", re.ASCII)
_METHOD: Final = re.compile(r"[A-Z]{1,20}", re.ASCII)
# nginx escapes a quote as \x22, Apache as \"; others, such as \xe4, stay as they were logged.
_ESCAPE: Final = re.compile(r'\\(?:(["\\])|x(22|5[cC]))')
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_ZONES_S_MAX: Final = 86_400
_EPOCH_MS_MAX: Final = 2**43  # the year 2248, the last a hit can have


class BadLine(ValueError):
    """The line cannot be read; the message says why and holds nothing of the line."""


class Line(msgspec.Struct, frozen=True):
    """One request. Texts a client did not send, logged as "-", are ""."""

    number: int  # from 1
    at_ms: int  # epoch milliseconds, UTC
    address: str
    method: str
    target: str  # as sent: path and query, still percent-encoded
    status: int
    body_bytes: int
    referrer: str
    agent: str
    host: str = ""  # the site's name by the log, lower case, without port


class Parser(Protocol):
    """Reads the lines of one format."""

    @property
    def name(self) -> str:
        """The format's name, as `--format` takes it."""

    @property
    def names_agents(self) -> bool:
        """Whether the format has a place for user agents at all."""

    header: str  # what the file said of its format and a later line is read by; "" for most

    def parse(self, number: int, raw: bytes) -> Line | None:
        """The request on line `number`, None for a line about the log. Raises BadLine."""


def line_text(raw: bytes, *, tabs: bool = False) -> str:
    """A raw line as text without its end. Raises BadLine."""
    if len(raw) > LINE_BYTES_MAX:
        raise BadLine(f"longer than {LINE_BYTES_MAX} bytes")
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if (_CONTROL_NOT_TAB if tabs else _CONTROL).search(text):
        raise BadLine("holds a control character")
    return text


def build_line(number: int, at_ms: int, values: Mapping[str, str]) -> Line:
    """The request of a line whose format gave `values`; what it lacks has a default.

    address, forwarded, method, target, path, query, request, status, bytes, referrer, agent, host.
    Raises BadLine.
    """
    method, target = _request(values)
    status = values.get("status", "200")
    if len(status) != 3 or not (status.isascii() and status.isdigit()):
        raise BadLine("the status is not a number of three digits")
    size = values.get("bytes", "-")
    return Line(
        number=number,
        at_ms=at_ms,
        address=pick_address(values.get("address", ""), values.get("forwarded", "")),
        method=method,
        target=target,
        status=int(status),
        body_bytes=int(size) if size.isascii() and size.isdigit() and len(size) <= 18 else 0,
        referrer=_text(values.get("referrer", "")),
        agent=_text(values.get("agent", "")),
        host=_host(values.get("host", "")),
    )


def _request(values: Mapping[str, str]) -> tuple[str, str]:
    """(method, target). Raises BadLine."""
    target = values.get("target", "")
    if not target and "path" in values:
        query = values.get("query", "").removeprefix("?")
        target = values["path"] + (f"?{query}" if query not in ("", "-") else "")
    if target:
        method = values.get("method", "GET")
        if not _METHOD.fullmatch(method) or " " in target:
            raise BadLine("no method and target")
        return method, target
    asked = _REQUEST.fullmatch(values.get("request", ""))
    if asked is None:
        raise BadLine("the request is not METHOD TARGET HTTP/VERSION")
    return asked[1], asked[2]


def _text(logged: str) -> str:
    if logged in ("", "-"):
        return ""
    if "\\" in logged:
        logged = _ESCAPE.sub(_unescaped, logged)
    return logged.strip()


def _unescaped(found: re.Match[str]) -> str:
    return found[1] or ('"' if found[2] == "22" else "\\")


@lru_cache(maxsize=1_024)
def _host(logged: str) -> str:
    host = logged.strip().lower()
    if host in ("", "-", "_"):
        return ""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].rstrip(".")


@lru_cache(maxsize=65_536)
def pick_address(address: str, forwarded: str) -> str:
    """The client's address: the peer's, or where that is a proxy of one's own, whom it names.

    Raises BadLine where neither is an address.
    """
    peer = _address(address)
    if peer is None or not peer.is_global:
        for part in forwarded.split(",", 8)[:8]:
            client = _address(part)
            if client is not None and client.is_global:
                return str(client)
    if peer is None:
        raise BadLine("does not begin with an IP address" if not forwarded else "no IP address")
    return address.strip()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


@lru_cache(maxsize=4_096)
def clf_ms(text: str) -> int:
    """Epoch milliseconds of `17/May/2015:10:05:03 +0000`, already of that shape. Raises BadLine.

    Source: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
    """
    day, hour, minute, second = text[:11], int(text[12:14]), int(text[15:17]), int(text[18:20])
    if hour > 23 or minute > 59 or second > 60:  # 60: a leap second
        raise BadLine("not a time of day")
    return _day_ms(day, text[21:]) + ((hour * 60 + minute) * 60 + second) * 1000


@lru_cache(maxsize=512)
def _day_ms(day: str, zone: str) -> int:
    offset_s = (int(zone[1:3]) * 60 + int(zone[3:])) * 60 * (-1 if zone[0] == "-" else 1)
    if abs(offset_s) >= _ZONES_S_MAX:
        raise BadLine("not a zone")
    try:
        start = datetime(int(day[7:]), _MONTHS[day[3:6]], int(day[:2]), tzinfo=UTC)
    except (ValueError, KeyError):
        raise BadLine("not a date") from None
    return _known_time((int(start.timestamp()) - offset_s) * 1000)


@lru_cache(maxsize=4_096)
def iso_time_ms(text: str) -> int:
    """Epoch milliseconds of an ISO 8601 time; without a zone it is UTC. Raises BadLine."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadLine("not an ISO 8601 time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return _known_time(int(moment.timestamp() * 1000 + 0.5))
    except (OverflowError, ValueError):
        raise BadLine("not a date") from None


def epoch_ms(value: float) -> int:
    """Epoch milliseconds of epoch seconds, milliseconds, microseconds or nanoseconds.

    Which of them is told by the size: seconds reach 10^11 in the year 5138. Raises BadLine.
    """
    for unit in (1e3, 1.0, 1e-3, 1e-6):
        if 0 <= value * unit < _EPOCH_MS_MAX:
            return _known_time(int(value * unit + 0.5))
    raise BadLine("not a time")


def _known_time(at_ms: int) -> int:
    if at_ms < 0:
        raise BadLine("a date before 1970")
    if at_ms >= _EPOCH_MS_MAX:
        raise BadLine("a date after 2248")
    return at_ms


def iso_ms(at_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds, as in 2015-05-17T10:05:03.000Z."""
    return f"{_iso_second(at_ms // 1000)}.{at_ms % 1000:03d}Z"


@lru_cache(maxsize=4_096)
def _iso_second(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%S}"
