"""Which format a log is in: named, or told by its first lines."""

from collections.abc import Mapping, Sequence
from typing import Final

from deploy.importing.extended import ExtendedFormat
from deploy.importing.lines import BadLine, Parser
from deploy.importing.objects import JsonFormat
from deploy.importing.templates import TEMPLATES, WrongFormat, compile_template

LINES_LOOKED_AT_MAX: Final = 50
NAMES: Final = (*TEMPLATES, "json", "w3c")
_ALIASES: Final = {
    "nginx": "combined",
    "apache": "combined",
    "caddy": "json",
    "traefik": "json",
    "iis": "w3c",
    "cloudfront": "w3c",
}


def named_format(name: str, mapping: Mapping[str, str]) -> Parser:
    """The format of that name, or the one a template describes. Raises WrongFormat."""
    name = _ALIASES.get(name.lower(), name)
    if mapping and name != "json":
        raise WrongFormat("--field is for JSON lines")
    if name == "json":
        return JsonFormat(mapping)
    if name == "w3c":
        return ExtendedFormat()
    if name in TEMPLATES:
        return compile_template(TEMPLATES[name], name)
    if "$" in name or "%" in name:
        return compile_template(name)
    known = ", ".join((*NAMES, *_ALIASES))
    raise WrongFormat(f"--format {name}: one of {known}, or a log_format with $names or %letters")


def detect_format(first: Sequence[bytes], mapping: Mapping[str, str]) -> Parser:
    """The format that reads most of a log's first lines. Raises WrongFormat if none reads any."""
    looked_at = [raw for raw in first[:LINES_LOOKED_AT_MAX] if raw.strip()]
    best, most = "", 0
    for name in NAMES if not mapping else ("json",):
        readable = _count_readable(named_format(name, mapping), looked_at)
        if readable > most:
            best, most = name, readable
    if not best:
        raise WrongFormat(
            "the format of the log is not known: none of its first lines could be read. "
            "Name it with --format, or give its log_format there"
        )
    return named_format(best, mapping)


def _count_readable(parser: Parser, lines: Sequence[bytes]) -> int:
    count = 0
    for number, raw in enumerate(lines, 1):
        try:
            count += parser.parse(number, raw) is not None
        except BadLine:
            continue
    return count
