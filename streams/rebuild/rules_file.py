"""The rules of a generation as a person writes them: TOML, by domain.

[default]                        # every site without a table of its own
session_gap = "30m"

["example.com"]                  # what it does not say is as in [default]
session_gap = "20m"
count = ["bot"]
leave_out = [{ when = { path = "/admin/**" } }, { when = { browser = "Old*" }, reason = "bot" }]
channels = [{ when = { utm_source = "news*" }, channel = "Newsletter" }]
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.exceptions import RedisError

from schemas.rules import NO_RULES, Rules, SiteRules
from streams.site_settings import read_sites

DEFAULT: Final = "default"
SESSION_GAP: Final = "session_gap"
_DURATION: Final = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class BadRules(ValueError):
    """The file cannot be used; the text names the field and what to write instead."""


def site_ids(redis_url: str) -> dict[str, int]:
    """Domain -> site id, as the web application published them. Raises `BadRules`."""
    try:
        sites = read_sites(redis_url)
    except RedisError as error:
        raise BadRules(f"Redis, which knows the sites' ids, does not answer: {error}") from error
    return {domain: site.site_id for domain, site in sites.items()}


def read_rules(path: Path, sites: Mapping[str, int]) -> Rules:
    """The rules in `path`; `sites` is domain -> site id. Raises `BadRules`."""
    try:
        tables = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRules(f"{path}: {error}") from error
    default = _table(path, DEFAULT, tables.pop(DEFAULT, {}))
    rules = {}
    for domain, table in tables.items():
        if domain not in sites:
            raise BadRules(f'{path}: ["{domain}"]: {unknown_site(domain, sites)}')
        rules[sites[domain]] = _convert(path, domain, default | _table(path, domain, table))
    return Rules(_convert(path, DEFAULT, default), rules)


def describe(rules: Rules, sites: Mapping[str, int]) -> str:
    """`rules` as a file that `read_rules` reads back, sites by domain."""
    domains = {site_id: domain for domain, site_id in sites.items()}
    erased = _erased(rules, domains)
    if msgspec.structs.replace(rules, erased={}) == NO_RULES:
        none = "none: every hit as the collector classed it, sessions end after 30 minutes"
        return "\n".join([none, *erased])
    parts = [("[default]", rules.default)] if rules.default != SiteRules() else []
    parts += [
        (f'["{domains.get(site_id, f"site {site_id}")}"]', own)
        for site_id, own in rules.sites.items()
    ]
    written = [line for head, own in parts for line in (head, *_lines(own, rules.default))]
    return "\n".join([*written, *erased])


def _erased(rules: Rules, domains: Mapping[int, str]) -> list[str]:
    """As comments: a file of rules neither erases nor brings back."""
    return [
        f"# erased: {domains.get(site_id, f'site {site_id}')}, "
        + ("all of it" if each.whole else f"{len(each.visitor_ids)} visitors' days")
        for site_id, each in rules.erased.items()
    ]


def _table(path: Path, name: str, table: object) -> dict[str, Any]:
    """A table with its short forms written out."""
    if not isinstance(table, dict):
        raise BadRules(f"{path}: {name}: write a table: {_head(name)}")
    written = dict(table)
    if SESSION_GAP in written:
        written["session_gap_s"] = _seconds(path, name, written.pop(SESSION_GAP))
    for key in ("leave_out", "channels"):
        if isinstance(written.get(key), list):
            written[key] = [_rule(each) for each in written[key]]
    return written


def _rule(rule: Any) -> Any:
    """`when = { path = "/x" }` as `when = [{ field = "path", pattern = "/x" }]`."""
    if isinstance(rule, dict) and isinstance(rule.get("when"), dict):
        pairs = rule["when"].items()
        return rule | {"when": [{"field": field, "pattern": pattern} for field, pattern in pairs]}
    return rule


def _seconds(path: Path, name: str, text: object) -> int:
    found = _DURATION.fullmatch(text) if isinstance(text, str) and text else None
    if found is None:
        raise BadRules(
            f'{path}: {_head(name)} {SESSION_GAP} = {text!r} is no duration; write "20m" or "1h30m"'
        )
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _convert(path: Path, name: str, table: Mapping[str, Any]) -> SiteRules:
    try:
        return msgspec.convert(table, SiteRules)
    except msgspec.ValidationError as error:
        text = str(error).replace("session_gap_s", f"{SESSION_GAP} (in seconds)")
        known = ", ".join((SESSION_GAP, *SiteRules.__struct_fields__[1:]))
        remedy = f"; there are: {known}" if "unknown field" in text else ""
        raise BadRules(f"{path}: {_head(name)} {text}{remedy}") from error


def _head(name: str) -> str:
    return f"[{name}]" if name == DEFAULT else f'["{name}"]'


def unknown_site(domain: str, sites: Mapping[str, int]) -> str:
    """What to say of a domain that is none of `sites`, with one that may be meant."""
    close = difflib.get_close_matches(domain, sites, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    if not meant and sites:
        meant = f"; registered are {', '.join(sorted(sites)[:10])}"
    return f"no site of this domain is registered here{meant}"


def _lines(own: SiteRules, default: SiteRules) -> list[str]:
    """What is empty is written only where the default is not: it would be taken over."""
    lines = [f'{SESSION_GAP} = "{own.session_gap_s // 60}m{own.session_gap_s % 60}s"']
    if own.count or default.count:
        lines.append(f"count = {_inline([reason.value for reason in own.count])}")
    for name in ("leave_out", "channels"):
        rules = getattr(own, name)
        if rules:
            inner = ",\n".join(f"  {_inline(msgspec.to_builtins(rule))}" for rule in rules)
            lines.append(f"{name} = [\n{inner},\n]")
        elif getattr(default, name):
            lines.append(f"{name} = []")
    return lines


def _inline(value: object) -> str:
    """A value as inline TOML; its basic strings are JSON's, with DEL escaped too."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return msgspec.json.encode(value).decode().replace("\x7f", r"\u007f")
