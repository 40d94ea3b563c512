"""Whether this process can do its work, and what it reaches."""

import socket
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

TIMEOUT_S: Final = 1.0
DEFAULT_PORTS: Final = {"redis": 6379, "rediss": 6379, "clickhouse": 9000, "clickhouses": 9440}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, else 503.

    Redis and ClickHouse are reported only, as "does anyone listen there": without them the pages
    still work and say what is stale.
    """
    database = _database_answers()
    body = {
        "status": "ok" if database else "failing",
        "database": _word(database),
        "redis": _word(_listens(settings.REDIS_URL)),
        "clickhouse": _word(_listens(settings.CLICKHOUSE_URL)),
    }
    return JsonResponse(body, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0))
    try:
        with socket.create_connection(address, TIMEOUT_S):
            return True
    except OSError:
        return False


def _word(reachable: bool) -> str:
    return "ok" if reachable else "unreachable"
