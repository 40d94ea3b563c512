"""An OpenAPI page as the source of drawn requests, and what answers to them have to be."""

from collections.abc import Mapping
from typing import Any, Final

import schemathesis
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def likely(page: Any, known: Mapping[str, object]) -> Any:
    """The page where `known` values of parameters and properties, by name, are drawn half the time.

    A drawn site is no site, so that nothing behind the 401 would be seen.
    """
    if isinstance(page, list):
        return [likely(each, known) for each in page]
    if not isinstance(page, dict):
        return page
    found = {name: likely(value, known) for name, value in page.items()}
    if "in" in found and found.get("name") in known:
        found["schema"] = _either(known[found["name"]], found["schema"])
        found.pop("examples", None)
    properties = found.get("properties")
    if isinstance(properties, dict):
        for name in known.keys() & properties.keys():
            properties[name] = _either(known[name], properties[name])
    return found


def _either(value: object, schema: Any) -> Any:
    return {"anyOf": [{"enum": [value]}, schema]}
