"""What the OpenAPI page says of every operation alike."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from webapp.api.scopes import required_scope
from webapp.sites.models import Scope

PERSONS_ONLY = "Only for people who are logged in: no API key can do this."


def who_may_call(scopes: Scope | tuple[Scope, ...] | None) -> str:
    """A sentence about the key that an operation needs; of several scopes one will do."""
    if scopes is None:
        return PERSONS_ONLY
    each = scopes if isinstance(scopes, tuple) else (scopes,)
    return f"An API key needs the scope {' or '.join(f'`{scope.value}`' for scope in each)}."


class ApiSchema(AutoSchema):
    """As drf-spectacular's, and which scope a key needs."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        scopes = required_scope(self.view, self.method)
        description = operation.get("description", "")
        operation["description"] = f"{description}\n\n{who_may_call(scopes)}".strip()
        if scopes is None:
            operation["security"] = [way for way in operation["security"] if "apiKey" not in way]
        return operation
