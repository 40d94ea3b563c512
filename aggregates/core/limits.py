"""The bounds of a shard's state. Each has a name and is counted, in the state, when it bites.

What is over a bound is never dropped from a total: hits and visits go to rows whose other
dimensions read "(other)", a session too many ends the one that was longest untouched. So a flood of
made-up names costs their names and nothing else. Bounds are counts of things and so the same in
every replay; the bytes of a thing are bounded by the limits of a hit (schemas/events.py).
"""

from typing import Final

from schemas.events import PROPS_COUNT_MAX, VISIT_DIMENSIONS, Visit

OTHER: Final = "(other)"

# Of one site, minute and shard. Beyond the first, new pages, props and event names are "(other)";
# beyond twice as many so are the visits' dimensions.
HIT_CELLS_MAX: Final = 5_000
VISIT_CELLS_MAX: Final = 5_000
# Of one shard, all its sites and clocks: about 1 GB of state at the very worst, 100 MB as they are.
SESSIONS_MAX: Final = 500_000
OPEN_CELLS_MAX: Final = 1_000_000
IMPORTS_MAX: Final = 200  # unfinished at one time: each has sessions and windows of its own
LIVE_NAMES_MAX: Final = 1_000  # pages, sources or countries of one site and last-seen bucket
EVENT_IDS_MAX: Final = 64  # of one session: retries come within moments, not after 64 other events
EVENTS_OF_ONE_MS_MAX: Final = 100_000  # of one import and shard: their ids are remembered
FINISHED_IMPORTS_MAX: Final = 10_000  # older ones would count again if they were sent again
LETTERS_MAX: Final = 10_000  # older dead letters no longer count when they are sent again
PROPS_MAX: Final = PROPS_COUNT_MAX
ROW_TIMINGS_MAX: Final = 2_000  # of one row: percentiles of more would not be other ones

# Names of the bounds, as they are counted.
HIT_CELLS: Final = "hit_cells"
VISIT_CELLS: Final = "visit_cells"
SESSIONS: Final = "sessions"
OPEN_CELLS: Final = "open_cells"
IMPORTS: Final = "imports"
LIVE_NAMES: Final = "live_names"
PROPS: Final = "props"
ROW_TIMINGS: Final = "timings"
EVENTS_OF_ONE_MS: Final = "events_of_one_ms"
LIMITS: Final = (
    HIT_CELLS, VISIT_CELLS, SESSIONS, OPEN_CELLS, IMPORTS, LIVE_NAMES, PROPS, ROW_TIMINGS,
    EVENTS_OF_ONE_MS,
)  # fmt: skip

OTHER_VISIT: Final = Visit(**dict.fromkeys(VISIT_DIMENSIONS, OTHER))
