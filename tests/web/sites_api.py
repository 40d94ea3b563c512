"""Calls of the Sites API, as clients make them."""

from typing import Any, Final

from django.test import Client

URL: Final = "/api/v1/sites"
NO_SITE: Final = (404, {"error": "Site could not be found"})
FORM: Final = "application/x-www-form-urlencoded"


def call(client: Client, method: str, path: str, /, **fields: Any) -> tuple[int, Any]:
    """Status and body of the answer to fields that are sent as JSON."""
    sent = getattr(client, method)(f"{URL}{path}", fields, content_type="application/json")
    return sent.status_code, sent.json()


def get(client: Client, path: str) -> tuple[int, Any]:
    answer = client.get(f"{URL}{path}")
    return answer.status_code, answer.json()
