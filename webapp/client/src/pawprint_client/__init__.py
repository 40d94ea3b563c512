"""Reads the numbers of a Pawprint: `Pawprint`, and `AsyncPawprint` for asyncio."""

from pawprint_client.aio import AsyncPawprint
from pawprint_client.client import Pawprint
from pawprint_client.errors import (
    AuthError,
    InvalidRequest,
    PawprintError,
    RateLimited,
    Unavailable,
)
from pawprint_client.parameters import differs, equals, literal
from pawprint_client.results import (
    Aggregate,
    Ledger,
    LiveEvent,
    Meta,
    Now,
    Site,
    Table,
    Top,
    Total,
)
from pawprint_client.retrying import Retries
from pawprint_client.wire import VERSION as __version__

__all__ = [
    "Aggregate",
    "AsyncPawprint",
    "AuthError",
    "InvalidRequest",
    "Ledger",
    "LiveEvent",
    "Meta",
    "Now",
    "Pawprint",
    "PawprintError",
    "RateLimited",
    "Retries",
    "Site",
    "Table",
    "Top",
    "Total",
    "Unavailable",
    "__version__",
    "differs",
    "equals",
    "literal",
]
