"""Queries as clients post them."""

import datetime as dt
from typing import Any, Final

from tests.web.conftest import holder_of

NOW_S: Final = int(dt.datetime(2026, 11, 25, 10, 20, tzinfo=dt.UTC).timestamp())
DAY: Final = {"date_range": "day"}


def post(key: str, body: Any, site_id: Any = "alice.example") -> tuple[int, Any]:
    if isinstance(body, dict):
        body = {"site_id": site_id, "metrics": ["visitors"], **DAY, **body}
    response = holder_of(key).post("/api/v2/query", body, content_type="application/json")
    return response.status_code, response.json()
