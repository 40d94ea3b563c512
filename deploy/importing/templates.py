"""Log formats as their servers' settings write them, compiled to one regular expression each.

nginx `log_format`:  $remote_addr - $remote_user [$time_local] "$request" $status ...
Apache `LogFormat`:  %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"

Sources: https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
         https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats

A hostile line must not cost more than its length: no piece can match what ends it, and none gives
back what it took, so there is nothing to try again.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from deploy.importing.lines import (
    BadLine,
    Line,
    build_line,
    clf_ms,
    epoch_ms,
    iso_time_ms,
    line_text,
)

TEMPLATE_CHARS_MAX: Final = 2_000

_NGINX: Final = {
    "remote_addr": "address",
    "http_x_forwarded_for": "forwarded",
    "http_x_real_ip": "forwarded",
    "http_cf_connecting_ip": "forwarded",
    "proxy_add_x_forwarded_for": "forwarded",
    "time_local": "time_clf",
    "time_iso8601": "time_iso",
    "msec": "time_epoch",
    "request": "request",
    "request_method": "method",
    "request_uri": "target",
    "uri": "path",
    "document_uri": "path",
    "args": "query",
    "query_string": "query",
    "status": "status",
    "body_bytes_sent": "bytes",
    "bytes_sent": "bytes",
    "http_referer": "referrer",
    "http_user_agent": "agent",
    "host": "host",
    "http_host": "host",
    "server_name": "host",
}
_APACHE: Final = {
    "h": "address",
    "a": "address",
    "r": "request",
    "m": "method",
    "U": "path",
    "q": "query",
    "s": "status",
    "b": "bytes",
    "B": "bytes",
    "O": "bytes",
    "v": "host",
    "V": "host",
}
_APACHE_HEADERS: Final = {
    "referer": "referrer",
    "user-agent": "agent",
    "x-forwarded-for": "forwarded",
    "x-real-ip": "forwarded",
    "cf-connecting-ip": "forwarded",
    "host": "host",
}
_NGINX_PIECE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_APACHE_PIECE: Final = re.compile(
    r"%(?:(%)|(?:!?\d{3}(?:,\d{3}){0,9})?[<>]?(?:\{([^{}]{1,100})\})?([a-zA-Z]))"
)
_TIME: Final = r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"
# Shapes that end by themselves, so that another variable may follow at once.
_SHAPES: Final = {
    "time_clf": _TIME,
    "time_iso": r"[\dT:.+Z-]{10,35}+",
    "time_epoch": r"\d{1,13}+(?:\.\d{1,9}+)?+",
    "method": r"[A-Z]{1,20}+",
    "status": r"\d{3}",
    "bytes": r"(?:\d{1,18}+|-)",
    "host": r'(?:\[[^\]\s"]*+\]|[^\s/":]*+)(?::\d{1,5})?',
    "path": r'[^?\s"]*+',
}
_USERS: Final = frozenset({"remote_user", "u"})
_QUOTED: Final = r'(?:[^"\\]++|\\.)*+'


class WrongFormat(ValueError):
    """The format names no time, address or target, or cannot be told apart; says what to do."""


class Piece(NamedTuple):
    """Fixed text, or a value: `field` is what it is of a request, "" for nothing we use."""

    text: str = ""
    field: str | None = None
    name: str = ""  # as the template calls it


class TextFormat:
    """The parser of one template."""

    def __init__(self, name: str, pieces: list[Piece]) -> None:
        """Raises WrongFormat."""
        self.name = name
        self.header = ""
        fields: list[str] = []
        self._line = re.compile(_pattern(pieces, fields), re.ASCII)
        self._fields = fields
        self.names_agents = "agent" in fields
        self._time, self._read_time = _time_of(fields)
        if not {"address", "forwarded"} & set(fields):
            raise WrongFormat("the format names no address: $remote_addr or %h")
        if not {"request", "target", "path"} & set(fields):
            raise WrongFormat('the format names no request: "$request" or "%r"')

    def parse(self, number: int, raw: bytes) -> Line | None:
        """As in `Parser`."""
        found = self._line.fullmatch(line_text(raw))
        if found is None:
            raise BadLine(f"not of the {self.name} format")
        values = dict(zip(self._fields, found.groups(), strict=True))
        return build_line(number, self._read_time(values[self._time]), values)


def _read_epoch(text: str) -> int:
    return epoch_ms(float(text))


_TIMES: Final[dict[str, Callable[[str], int]]] = {
    "time_epoch": _read_epoch,  # the most exact first
    "time_iso": iso_time_ms,
    "time_clf": clf_ms,
}


def _time_of(fields: list[str]) -> tuple[str, Callable[[str], int]]:
    for name, read in _TIMES.items():
        if name in fields:
            return name, read
    raise WrongFormat("the format names no time: $time_local, $time_iso8601, $msec or %t")


def _pattern(pieces: list[Piece], fields: list[str]) -> str:
    """The regular expression; `fields` gets the name of each of its groups."""
    parts: list[str] = []
    for at, piece in enumerate(pieces):
        if piece.field is None:
            parts.append(re.escape(piece.text))
            continue
        before = pieces[at - 1].text if at else ""
        after = pieces[at + 1] if at + 1 < len(pieces) else Piece(text="\n")
        shape = _shape(piece, before, after)
        if not piece.field or piece.field in fields:
            parts.append(f"(?:{shape})")
            continue
        fields.append(piece.field)
        parts.append(f"({shape})")
    return "".join(parts)


def _shape(piece: Piece, before: str, after: Piece) -> str:
    is_quoted = after.text.startswith('"') and before.endswith('"')
    if is_quoted and not (piece.field or "").startswith("time_"):
        return _QUOTED
    if piece.field in _SHAPES:
        return _SHAPES[piece.field]
    if piece.name == "is_args":
        return r"\??+"
    if after.field is not None:
        raise WrongFormat("two values of the format touch: nothing tells where the first ends")
    if piece.name in _USERS and after.text.startswith(" ["):
        return r"[^\[]*(?= \[)"  # user names may hold spaces
    return f"[^{re.escape(after.text[0])}]*+"


def compile_template(template: str, name: str = "given") -> TextFormat:
    """The parser of an nginx `log_format` or an Apache `LogFormat`. Raises WrongFormat."""
    if len(template) > TEMPLATE_CHARS_MAX:
        raise WrongFormat(f"a format has at most {TEMPLATE_CHARS_MAX} characters")
    is_nginx = _NGINX_PIECE.search(template) is not None
    return TextFormat(name, _merged(_nginx(template) if is_nginx else _apache(template)))


def _nginx(template: str) -> list[Piece]:
    pieces, end = [], 0
    for found in _NGINX_PIECE.finditer(template):
        name = found[1] or found[2]
        pieces.append(Piece(text=template[end : found.start()]))
        pieces.append(Piece(field=_NGINX.get(name, ""), name=name))
        end = found.end()
    return [*pieces, Piece(text=template[end:])]


def _apache(template: str) -> list[Piece]:
    template = template.replace('\\"', '"')  # as it stands in a configuration file
    pieces, end = [], 0
    for found in _APACHE_PIECE.finditer(template):
        percent, argument, letter = found.groups()
        pieces.append(Piece(text=template[end : found.start()]))
        end = found.end()
        if percent:
            pieces.append(Piece(text="%"))
        elif letter == "t" and not argument:
            pieces += [Piece(text="["), Piece(field="time_clf"), Piece(text="]")]
        elif letter == "t":
            if argument not in ("sec", "msec", "usec"):
                raise WrongFormat(f"%{{{argument}}}t is not known here: %t, %{{sec}}t, %{{msec}}t")
            pieces.append(Piece(field="time_epoch"))
        elif letter == "i":
            pieces.append(Piece(field=_APACHE_HEADERS.get((argument or "").lower(), "")))
        else:
            pieces.append(Piece(field=_APACHE.get(letter, ""), name=letter))
    return [*pieces, Piece(text=template[end:])]


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring fixed texts made one, empty ones left out."""
    merged: list[Piece] = []
    for piece in pieces:
        if piece.field is None and not piece.text:
            continue
        if piece.field is None and merged and merged[-1].field is None:
            merged[-1] = Piece(text=merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return merged


_COMMON: Final = '%h %l %u %t "%r" %>s %b'
_COMBINED: Final = f'{_COMMON} "%{{Referer}}i" "%{{User-agent}}i"'
# Most telling first: a line that fits one does not fit those after it.
TEMPLATES: Final = {
    "nginx-main": f'{_COMBINED} "%{{X-Forwarded-For}}i"',
    "vhost-combined": f"%v:%p {_COMBINED}",
    "combined": _COMBINED,
    "common": _COMMON,
}
COMBINED: Final = compile_template(_COMBINED, "combined")
