"""An operation as a command or a few lines of code that may be pasted: pure."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from webapp.apidocs.operations import Operation, Parameter

Values = Mapping[str, str | list[str]]

KEY: Final = "$PAWPRINT_API_KEY"
SITE: Final = "site_id"
BODY_CHARS: Final = 60  # of a line of JSON
# What an example gives beside what is required, where the operation has it.
SHOWN: Final = ("metrics", "period", "filters")
# What an operation's own example would not go with: there may be 100 steps, by default hours.
INSTEAD: Final = {"retention": {"period": "day"}}
# Operation -> method of the Python client, and what of query or body it takes next, without a name,
# behind the site and what the address names.
CLIENT_METHODS: Final = {
    "realtime_visitors": ("realtime", ""),
    "realtime": ("now", ""),
    "aggregate": ("aggregate", "metrics"),
    "timeseries": ("timeseries", "metrics"),
    "breakdown": ("breakdown", "property"),
    "funnel": ("funnel", "step"),
    "journeys": ("journeys", "start"),
    "retention": ("retention", ""),
    "ledger": ("ledger", ""),
    "v2_query": ("query", "metrics"),
    "exports": ("export_rows", ""),
    "alerts": ("alerts", ""),
    "sites": ("sites", ""),
    "site": ("site", ""),
    "sites_create": ("create_site", "domain"),
    "sites_change": ("change_site", ""),
    "sites_delete": ("delete_site", ""),
    "teams": ("teams", ""),
    "custom_props": ("custom_props", ""),
    "custom_props_put": ("create_custom_prop", "property"),
    "custom_props_delete": ("delete_custom_prop", ""),
    "guests": ("guests", ""),
    "guests_put": ("invite_guest", "email"),
    "guests_delete": ("remove_guest", ""),
    "goals": ("goals", ""),
    "goals_put": ("create_goal", "goal_type"),
    "goals_delete": ("delete_goal", ""),
    "segments": ("segments", ""),
    "segments_create": ("create_segment", "name"),
    "segments_change": ("change_segment", ""),
    "segments_delete": ("delete_segment", ""),
    "annotations": ("annotations", ""),
    "annotations_create": ("create_annotation", "date"),
    "annotations_change": ("change_annotation", ""),
    "annotations_delete": ("delete_annotation", ""),
    "shared_links": ("shared_links", ""),
    "shared_links_put": ("create_shared_link", "name"),
    "shared_links_revoke": ("revoke_shared_link", ""),
    "live_stream": ("live", ""),
}
# Methods that give one thing after the other -> what an example does with each.
LOOPS: Final = {
    "live": ("event", "print(event.kind, event.data)"),
    "export_rows": ("row", "print(row)"),
}
SILENT: Final = ("create_custom_prop",)  # with every DELETE: methods that give nothing
ID: Final = 42  # of what an address names by its number
_LISTS: Final = ("metrics", "property")
_NOT_PYTHON: Final = re.compile(r"\b(true|false|null)\b")


@dataclass(frozen=True, slots=True)
class Snippet:
    language: str
    label: str
    text: str


def snippets(operation: Operation, base_url: str, site: str) -> tuple[Snippet, ...]:
    """The operation asked about `site`, in each language; none for what only people may do."""
    if not operation.open_to_keys:
        return ()
    operation, asked = about_site(operation, site), example_values(operation, site)
    return (
        Snippet("curl", "curl", curl(operation, asked, base_url)),
        Snippet("httpie", "HTTPie", httpie(operation, asked, base_url)),
        Snippet("python", "Python", python(operation, asked, base_url)),
    )


def about_site(operation: Operation, site: str) -> Operation:
    """The same with `site` in the body's example, where that names one."""
    if not isinstance(operation.body, dict) or SITE not in operation.body:
        return operation
    return replace(operation, body={**operation.body, SITE: site})


def example_values(operation: Operation, site: str) -> Values:
    """Values of the query parameters an example gives: `site_id`, what else is required, SHOWN."""
    chosen = {
        each.name: each.example
        for each in operation.parameters
        if each.place == "query"
        and each.example is not None
        and (each.required or each.name in SHOWN)
    }
    chosen |= INSTEAD.get(operation.name, {}) | ({SITE: site} if SITE in chosen else {})
    order = {SITE: -2} | {name: place for place, name in enumerate(SHOWN)}
    return {
        name: [*map(str, value)] if isinstance(value := chosen[name], list) else str(value)
        for name in sorted(chosen, key=lambda name: order.get(name, -1))
    }


def pairs(asked: Values) -> list[tuple[str, str]]:
    """As they stand in a query: of a list each value for itself."""
    return [
        (name, each)
        for name, value in asked.items()
        for each in (value if isinstance(value, list) else [value])
    ]


def curl(operation: Operation, asked: Values, base_url: str) -> str:
    """As for a POSIX shell."""
    method = operation.method
    parts = [_first_part("curl", operation, base_url)]
    parts.append(f'-H "Authorization: Bearer {KEY}"')
    if method not in ("GET", "POST"):
        parts.append(f"-X {method}")
    if operation.body is not None:
        parts += [
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(_json(operation.body))}",
        ]
    parts += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in pairs(asked)]
    return _lines(parts)


def httpie(operation: Operation, asked: Values, base_url: str) -> str:
    """As for a POSIX shell."""
    stream = "--stream " if operation.name == "live_stream" else ""
    parts = [f'http {stream}-A bearer -a "{KEY}" {operation.method} {_url(operation, base_url)}']
    parts += [shlex.quote(f"{name}=={value}") for name, value in pairs(asked)]
    if operation.body is not None:
        parts.append(f"--raw {shlex.quote(_json(operation.body))}")
    return _lines(parts)


def python(operation: Operation, asked: Values, base_url: str) -> str:
    """With our client where it has the operation, else with httpx."""
    if operation.name not in CLIENT_METHODS:
        return _httpx(operation, asked, base_url)
    method, unnamed = CLIENT_METHODS[operation.name]
    body = operation.body if isinstance(operation.body, dict) else {}
    values: dict[str, Any] = {**body, **asked}
    arguments = [_value(SITE, values.pop(SITE))] if SITE in values else []
    arguments += [
        _value(each.name, _named(each)) for each in operation.parameters if each.place == "path"
    ]
    arguments += [_value(unnamed, values.pop(unnamed))] if unnamed in values else []
    arguments += [f"{name}={_value(name, value)}" for name, value in values.items()]
    call = f"pawprint.{method}({', '.join(arguments)})"
    if len(call) > 60:
        call = f"pawprint.{method}(\n" + "".join(f"    {each},\n" for each in arguments) + ")"
    lines = [
        "from os import environ",
        "from pawprint_client import Pawprint",
        "",
        f'pawprint = Pawprint("{base_url}", environ["{KEY[1:]}"])',
    ]
    if method in LOOPS:
        name, statement = LOOPS[method]
        return "\n".join([*lines, f"for {name} in {call}:", f"    {statement}"])
    if operation.method == "DELETE" or method in SILENT:
        return "\n".join([*lines, call])
    return "\n".join([*lines, f"answer = {call}", "print(answer)"])


def _httpx(operation: Operation, asked: Values, base_url: str) -> str:
    arguments = [f'"{operation.method}"', f'"{_url(operation, base_url)}"']
    arguments.append(f'headers={{"Authorization": f"Bearer {{environ[{KEY[1:]!r}]}}"}}')
    if asked:
        arguments.append(f"params={dict(asked)!r}")
    if operation.body is not None:
        arguments.append(f"json={operation.body!r}")
    call = "".join(f"    {each},\n" for each in arguments)
    lines = ["from os import environ", "import httpx", "", f"answer = httpx.request(\n{call})"]
    is_json = all("json" in each.content_type for each in operation.answers if each.example)
    return "\n".join([*lines, "print(answer.json())" if is_json else "print(answer.text)"])


def _first_part(command: str, operation: Operation, base_url: str) -> str:
    """`-G` sends what follows in the query; `-N` shows a stream as it comes."""
    options = "-N " if operation.name == "live_stream" else ""
    options += "-G " if operation.body is None else ""
    return f"{command} {options}{_url(operation, base_url)}"


def _url(operation: Operation, base_url: str) -> str:
    """With examples in the place of what stands in braces."""
    path = operation.path
    for each in operation.parameters:
        if each.place == "path":
            example = each.example if each.example is not None else _placeholder(each)
            path = path.replace(f"{{{each.name}}}", quote(str(example), safe=""))
    return base_url + path


def _named(parameter: Parameter) -> Any:
    """What an address names: one of a site's things, which the client knows by numbers."""
    if parameter.example is not None:
        return parameter.example
    return ID if parameter.name.endswith("_id") else _placeholder(parameter)


def _placeholder(parameter: Parameter) -> str:
    return f"YOUR_{parameter.name.upper()}"


def _value(name: str, value: Any) -> str:
    """As Python writes it; JSON's quotes where both write the same."""
    if name in _LISTS and isinstance(value, str) and "," in value:
        value = value.split(",")
    text = json.dumps(value, ensure_ascii=False)  # a pair of surrogates is no letter in Python
    return text if not _NOT_PYTHON.search(text) else repr(value)


def _json(body: Any) -> str:
    """On one line where it is short."""
    line = json.dumps(body)
    return line if len(line) <= BODY_CHARS else json.dumps(body, indent=2)


def _lines(parts: list[str]) -> str:
    return " \\\n  ".join(parts)
