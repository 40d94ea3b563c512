"""The operations of an OpenAPI document, as the page shows them: pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from webapp.api.views import SiteView

Json = Any
METHODS: Final = ("get", "post", "put", "patch", "delete")
DEPTH_MAX: Final = 8  # of a sample; a schema may name itself
# What an address begins with -> the group it is shown in, the longest match first.
GROUPS: Final = (
    ("/api/v1/stats", "Stats"),
    ("/api/v2", "Stats, version 2"),
    ("/api/v1/live", "Live"),
    ("/api/v1/sites", "Sites"),
    ("/v1/stats", "Panelbear's API"),
)
_SCALARS: Final[dict[str, Json]] = {"integer": 42, "number": 4.2, "boolean": True}
_FORMATS: Final = {"date-time": "2026-11-23T10:00:00Z", "date": "2026-11-23"}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str  # "query", "path" or "body"
    kind: str
    required: bool
    default: str
    choices: tuple[str, ...]
    description: str
    example: Json  # None without one


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    description: str
    content_type: str
    example: str  # as it is sent, "" without a body
    notes: tuple[tuple[str, str], ...]  # (place in the answer, what it says)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    name: str  # operationId; the page's anchor
    group: str
    method: str
    path: str
    summary: str
    description: str
    open_to_keys: bool  # else only for people who are logged in
    parameters: tuple[Parameter, ...]
    body: Json  # an example of what is sent, None without a body
    answers: tuple[Answer, ...]


def operations_of(document: Mapping[str, Json]) -> tuple[Operation, ...]:
    """Every operation of the document, in its order, group by group."""
    found = [
        _operation(document, path, method, each)
        for path, methods in document["paths"].items()
        for method, each in methods.items()
        if method in METHODS
    ]
    groups = list(dict.fromkeys([*(name for _, name in GROUPS), *(each.group for each in found)]))
    return tuple(sorted(found, key=lambda each: groups.index(each.group)))


def sample(document: Mapping[str, Json], schema: Mapping[str, Json], depth: int = 0) -> Json:
    """A value that fits a schema: its example, else its default, a choice, or one of its type."""
    schema = resolved(document, schema)
    for name in ("example", "default"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    if depth >= DEPTH_MAX:
        return None
    for name in ("allOf", "oneOf", "anyOf"):
        if schema.get(name):
            return sample(document, schema[name][0], depth + 1)
    if schema.get("type") == "array":
        return [sample(document, schema.get("items", {}), depth + 1)]
    if schema.get("type") == "object":
        named = schema.get("properties", {}).items()
        return {name: sample(document, each, depth + 1) for name, each in named}
    if schema.get("type") == "string":
        return _FORMATS.get(schema.get("format", ""), "text")
    return _SCALARS.get(str(schema.get("type")))


def resolved(document: Mapping[str, Json], schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """The schema itself where it is a reference to one of the document's components."""
    reference = schema.get("$ref", "")
    if not reference.startswith("#/"):
        return schema
    found = document
    for part in reference[2:].split("/"):
        found = found[part]
    return found


def _operation(
    document: Mapping[str, Json], path: str, method: str, found: Mapping[str, Json]
) -> Operation:
    body, body_parameters = _body(document, found)
    description = found.get("description", "")
    return Operation(
        name=found["operationId"],
        group=_group(path),
        method=method.upper(),
        path=path,
        summary=found.get("summary") or found["operationId"].replace("_", " ").capitalize(),
        # What the generator takes from our base class says nothing about the operation.
        description="" if description == SiteView.__doc__ else description,
        open_to_keys=any("apiKey" in way for way in found.get("security", ({"apiKey": []},))),
        parameters=(
            *sorted(
                (_parameter(document, each) for each in found.get("parameters", ())),
                key=lambda each: not each.required,
            ),
            *body_parameters,
        ),
        body=body,
        answers=tuple(
            _answer(document, status, each) for status, each in sorted(found["responses"].items())
        ),
    )


def _group(path: str) -> str:
    for start, name in GROUPS:
        if path.startswith(start):
            return name
    return path.removeprefix("/api/v1/").strip("/").split("/")[0].replace("-", " ").capitalize()


def _parameter(document: Mapping[str, Json], found: Mapping[str, Json]) -> Parameter:
    schema = resolved(document, found.get("schema", {}))
    example = next(iter(_examples(found)), schema.get("example"))
    return Parameter(
        name=found["name"],
        place=found["in"],
        kind=_kind(document, schema),
        required=found.get("required", False),
        default=str(schema.get("default", "")),
        choices=tuple(map(str, schema.get("enum", ()))),
        description=found.get("description", ""),
        example=example,
    )


def _body(
    document: Mapping[str, Json], found: Mapping[str, Json]
) -> tuple[Json, tuple[Parameter, ...]]:
    """An example of the body, and its fields as parameters."""
    media = found.get("requestBody", {}).get("content", {}).get("application/json")
    if media is None:
        return None, ()
    schema = resolved(document, media.get("schema", {}))
    required = schema.get("required", ())
    parameters = tuple(
        Parameter(
            name=name,
            place="body",
            kind=_kind(document, each),
            required=name in required,
            default=str(each.get("default", "")),
            choices=tuple(map(str, each.get("enum") or ())),
            description=each.get("description", ""),
            example=each.get("example"),
        )
        for name, each in (
            (name, resolved(document, each)) for name, each in schema.get("properties", {}).items()
        )
    )
    example = next(iter(_examples(media)), None)
    if example is None:
        whole = sample(document, schema)
        example = {name: whole[name] for name in whole if name in required} or whole
    return example, tuple(sorted(parameters, key=lambda each: not each.required))


def _answer(document: Mapping[str, Json], status: str, found: Mapping[str, Json]) -> Answer:
    content = found.get("content") or {}
    content_type: str = next(iter(content), "")
    media: Mapping[str, Json] = content.get(content_type, {})
    schema = media.get("schema", {})
    example = next(iter(_examples(media)), None)
    if example is None and content_type:
        example = sample(document, schema)
    return Answer(
        status=status,
        description=found.get("description", ""),
        content_type=content_type,
        example=_as_sent(example) if content_type else "",
        notes=tuple(_notes(document, schema)),
    )


def _notes(
    document: Mapping[str, Json], schema: Mapping[str, Json], place: str = "", depth: int = 0
) -> Iterator[tuple[str, str]]:
    """What the parts of an answer mean, by their place in it: results[].date."""
    schema = resolved(document, schema)
    if depth >= DEPTH_MAX:
        return
    description = schema.get("description", "")
    # What is generated of choices only names them once more.
    if place and description and not description.startswith("* `"):
        yield place, description
    for name, each in schema.get("properties", {}).items():
        yield from _notes(document, each, f"{place}.{name}" if place else name, depth + 1)
    if isinstance(schema.get("items"), Mapping):
        yield from _notes(document, schema["items"], f"{place}[]", depth + 1)
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from _notes(document, schema["additionalProperties"], f"{place}.*", depth + 1)


def _examples(found: Mapping[str, Json]) -> Iterator[Json]:
    if "example" in found:
        yield found["example"]
    for each in (found.get("examples") or {}).values():
        yield each.get("value")


def _kind(document: Mapping[str, Json], schema: Mapping[str, Json]) -> str:
    if schema.get("type") == "array":
        return f"list of {_kind(document, resolved(document, schema.get('items', {})))}"
    return str(schema.get("type") or "any")


def _as_sent(example: Json) -> str:
    return example if isinstance(example, str) else json.dumps(example, indent=2)
