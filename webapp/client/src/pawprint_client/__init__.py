"""A Pawprint's numbers and sites: `Pawprint`, and `AsyncPawprint` for asyncio."""

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
    Cohort,
    Journey,
    Ledger,
    LiveEvent,
    Meta,
    Now,
    Retention,
    Step,
    Table,
    Top,
    Total,
)
from pawprint_client.retrying import Retries
from pawprint_client.things import (
    Annotation,
    Goal,
    Guest,
    Segment,
    SharedLink,
    Site,
    Team,
    WholeSite,
)
from pawprint_client.wire import VERSION as __version__

__all__ = [
    "Aggregate",
    "Annotation",
    "AsyncPawprint",
    "AuthError",
    "Cohort",
    "Goal",
    "Guest",
    "InvalidRequest",
    "Journey",
    "Ledger",
    "LiveEvent",
    "Meta",
    "Now",
    "Pawprint",
    "PawprintError",
    "RateLimited",
    "Retention",
    "Retries",
    "Segment",
    "SharedLink",
    "Site",
    "Step",
    "Table",
    "Team",
    "Top",
    "Total",
    "Unavailable",
    "WholeSite",
    "__version__",
    "differs",
    "equals",
    "literal",
]
