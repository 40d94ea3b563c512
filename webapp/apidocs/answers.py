"""Examples of answers that their schemas leave open: rows are named by what is asked.

A test sends the examples of the page and holds what comes back against these.
"""

from typing import Any, Final

_META: Final = {"timezone": "Europe/Berlin", "start": 1_763_938_800, "end": 1_764_543_600}

ANSWERS: Final[dict[str, Any]] = {
    "realtime_visitors": 17,
    "aggregate": {
        "results": {
            "visitors": {"value": 4_210},
            "pageviews": {"value": 11_873},
            "bounce_rate": {"value": 48},
        },
        "meta": _META,
    },
    "timeseries": {
        "results": [
            {"date": "2026-11-24", "visitors": 655, "pageviews": 1_809, "bounce_rate": 47},
            {"date": "2026-11-25", "visitors": 0, "pageviews": 0, "bounce_rate": 0},
        ],
        "meta": _META,
    },
    "breakdown": {
        "results": [
            {"source": "Google", "visitors": 1_322, "pageviews": 3_010, "bounce_rate": 51},
            {"source": "Direct / None", "visitors": 981, "pageviews": 2_760, "bounce_rate": 44},
        ],
        "meta": _META,
    },
    "ledger": {
        "results": {
            "accepted": 12_544,
            "counted": 11_940,
            "left_out": {"bot": 571, "referrer_spam": 33},
            "received": 12_546,
            "refused": {"malformed": 2},
        },
        "meta": _META,
    },
    "sites": {
        "sites": [{"domain": "example.com", "timezone": "Europe/Berlin"}],
        "meta": {"after": None, "before": None, "limit": 100, "count": 1},
    },
}
