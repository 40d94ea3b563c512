"""W3C extended logs: IIS's, and CloudFront's, whose values are parted by tabs and percent-encoded.

    #Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Referer) sc-status

Sources: https://www.w3.org/TR/WD-logfile
         https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
"""

from typing import Final
from urllib.parse import unquote

from deploy.importing.lines import BadLine, Line, build_line, iso_time_ms, line_text

FIELDS: Final = "#Fields:"
COLUMNS_MAX: Final = 200
_FIELDS: Final = {
    "c-ip": "address",
    "x-forwarded-for": "forwarded",
    "cs(x-forwarded-for)": "forwarded",
    "cs-method": "method",
    "cs-uri-stem": "path",
    "cs-uri-query": "query",
    "cs-uri": "target",
    "sc-status": "status",
    "sc-bytes": "bytes",
    "cs(referer)": "referrer",
    "cs(referrer)": "referrer",
    "cs(user-agent)": "agent",
    "x-host-header": "host",  # CloudFront: what the visitor asked for; its cs(Host) is its own name
    "cs-host": "host",
    "cs(host)": "host",
    "date": "date",
    "time": "time",
}
_CLOUDFRONT: Final = "x-edge-location"


class ExtendedFormat:
    """The parser of W3C logs. `header` is the last `#Fields:` line that was read."""

    name = "w3c"

    def __init__(self) -> None:
        self._header = ""
        self._columns: tuple[str, ...] = ()
        self._encoded = False

    @property
    def names_agents(self) -> bool:
        """As in `Parser`."""
        return "agent" in self._columns

    @property
    def header(self) -> str:
        """As in `Parser`."""
        return self._header

    @header.setter
    def header(self, text: str) -> None:
        names = text.removeprefix(FIELDS).lower().split()
        if len(names) > COLUMNS_MAX:
            raise BadLine(f"more than {COLUMNS_MAX} fields")
        self._encoded = _CLOUDFRONT in names
        fields = [_FIELDS.get(name, "") for name in names]
        if "x-host-header" in names:
            fields = [
                "" if name in ("cs-host", "cs(host)") else f
                for name, f in zip(names, fields, strict=True)
            ]
        self._header, self._columns = text, tuple(fields)

    def parse(self, number: int, raw: bytes) -> Line | None:
        """As in `Parser`."""
        text = line_text(raw, tabs=True)
        if text.startswith("#"):
            if text.startswith(FIELDS):
                self.header = text
            return None
        if not text.strip():
            return None
        if not self._columns:
            raise BadLine("no #Fields: line before it")
        parts = text.split("\t") if "\t" in text else text.split(" ")
        if len(parts) != len(self._columns):
            raise BadLine("not as many values as #Fields: names")
        values = {
            field: part
            for field, part in zip(self._columns, parts, strict=True)
            if field and part != "-"
        }
        at_ms = iso_time_ms(f"{values.get('date', '')}T{values.get('time', '')}+00:00")
        for field in ("agent", "referrer"):
            if field in values:
                values[field] = self._plain(field, values[field])
        return build_line(number, at_ms, values)

    def _plain(self, field: str, logged: str) -> str:
        """As the client sent it: CloudFront encodes (once, long ago twice), IIS writes + for space.

        What a client sent percent-encoded itself in its referrer stays so for IIS.
        """
        if self._encoded:
            once = unquote(logged)
            logged = unquote(once) if field == "agent" and "%20" in once else once
        elif field == "agent":
            logged = logged.replace("+", " ")
        if logged.isprintable():
            return logged
        return "".join(char if char.isprintable() else "\ufffd" for char in logged)
