"""Why a hit was not counted: one enumeration for collector, fold, ledger and docs.

The collector answers with the value in `x-drop-reason`. "refused" reasons never reach the log;
"left out" ones are in the log with their reason in `Hit.left_out`, so that a rule can be changed
backwards; "folded" ones are found by the fold itself.
"""

import enum
from typing import Final


class DropReason(enum.StrEnum):
    """A space-free code; it is a metric tag and part of the contract with clients."""

    MALFORMED = "malformed"
    UNKNOWN_SITE = "unknown_site"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"
    OVER_LIMIT = "over_limit"
    BOT = "bot"
    EXCLUDED = "excluded"
    DUPLICATE = "duplicate"
    CLOCK_AHEAD = "clock_ahead"
    NO_SESSION = "no_session"
    IMPORT_OUT_OF_ORDER = "import_out_of_order"
    IMPORT_FINISHED = "import_finished"


EXPLANATIONS: Final[dict[DropReason, str]] = {
    DropReason.MALFORMED: "Refused: the event or one of its fields could not be read.",
    DropReason.UNKNOWN_SITE: "Refused: no site with this domain is registered here.",
    DropReason.TOO_OLD: "Refused: a live event older than 24 hours; send it as an import.",
    DropReason.IN_FUTURE: "Refused: the timestamp lies more than 5 minutes ahead.",
    DropReason.OVER_LIMIT: "Refused: larger than a limit allows.",
    DropReason.BOT: "Left out: the user agent is a known crawler or no browser at all.",
    DropReason.EXCLUDED: "Left out: a rule of the site excludes this page, host or visitor.",
    DropReason.DUPLICATE: "Folded: this event id was seen before; a retry is counted once.",
    DropReason.CLOCK_AHEAD: "Folded: its time lies after the broker received it, so the clock "
    "it was timed by runs ahead; kept as a dead letter.",
    DropReason.NO_SESSION: "Folded: an engagement report without a visit to belong to.",
    DropReason.IMPORT_OUT_OF_ORDER: "Folded: an import's event older than one already folded, "
    "so either sent before or not in order of time.",
    DropReason.IMPORT_FINISHED: "Folded: the import was declared finished before this event.",
}
