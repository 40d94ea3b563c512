"""The live stream on the OpenAPI page: DRF's generator knows only views of its own."""

from typing import Any, Final

from webapp.api.schema import who_may_call
from webapp.sites.models import Scope

PATH: Final = "/api/v1/live/stream"
LIKE: Final = "/api/v1/stats/realtime/visitors"  # the same parameter, errors and callers
DESCRIPTION: Final = """Server-sent events (`EventSource`).

`live`: at once, on every change (at most 4 a second), and at least every 5 seconds. All times are
epoch seconds. `current` counts visitors last seen within 5 minutes; `minutes` are the last 30,
oldest first; `final_until` is when minutes up to there can only still change by late hits; `stale`
says since when something is not up to date.

`alert`: an alert as in the list of alerts, when it opens or resolves."""
EXAMPLE: Final = (
    'event: live\ndata: {"now": 1764064800, "current": 3, "last_30m": 9, '
    '"minutes": [{"minute": 1764063060, "pageviews": 4, "visitors": 2}], '
    '"pages": [["/", 2]], "sources": [["Google", 1]], "countries": [["DE", 3]], '
    '"devices": [["Desktop", 3]], "final_until": 1764064740, '
    '"stale": {"live": null, "rollups": null}}\n\n'
)


def add_live_stream(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    operation = result["paths"][LIKE]["get"]
    stream = {"schema": {"type": "string"}, "example": EXAMPLE}
    answer = {"description": "", "content": {"text/event-stream": stream}}
    result["paths"][PATH] = {
        "get": operation
        | {
            "operationId": "live_stream",
            "summary": "The site as it is, as long as one listens",
            "description": f"{DESCRIPTION}\n\n{who_may_call(Scope.STATS_READ)}",
            "responses": operation["responses"] | {"200": answer},
        }
    }
    return result
