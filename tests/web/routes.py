"""The addresses of the web application, from its URL conf."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_INHERITED: Final = {"OPTIONS", "HEAD"}  # by every class of a view


class Route(NamedTuple):
    """`methods` is None where a function decides."""

    name: str
    path: str  # as in the URL conf
    is_api: bool
    methods: frozenset[str] | None

    @property
    def documented_path(self) -> str:
        """As in the OpenAPI page: arguments without their types."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.path)


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[Route]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, path)
            continue
        assert entry.name, f"{path} has no name"
        yield Route(entry.name, f"/{path}", path.startswith(("api/", "v1/")), _methods(entry))


def _methods(entry: URLPattern) -> frozenset[str] | None:
    view = getattr(entry.callback, "cls", None) or getattr(entry.callback, "view_class", None)
    if view is None:
        return None
    names = (name.upper() for name in view.http_method_names if hasattr(view, name))
    return frozenset(names) - _INHERITED


ROUTES: Final = {route.name: route for route in _routes(get_resolver())}
