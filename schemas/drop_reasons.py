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
    RATE_LIMITED = "rate_limited"
    GPC = "gpc"
    DNT = "dnt"
    HOSTNAME = "hostname"
    ADDRESS = "address"
    COUNTRY = "country"
    PAGE = "page"
    PREFETCH = "prefetch"
    BOT = "bot"
    DATA_CENTRE = "data_centre"
    REFERRER_SPAM = "referrer_spam"
    EXCLUDED = "excluded"
    DUPLICATE = "duplicate"
    CLOCK_AHEAD = "clock_ahead"
    NO_SESSION = "no_session"
    IMPORT_OUT_OF_ORDER = "import_out_of_order"
    IMPORT_FINISHED = "import_finished"
    ERASED = "erased"


EXPLANATIONS: Final[dict[DropReason, str]] = {
    DropReason.MALFORMED: "Refused: the event or one of its fields could not be read.",
    DropReason.UNKNOWN_SITE: "Refused: no site with this domain is registered here.",
    DropReason.TOO_OLD: "Refused: a live event older than 24 hours; send it as an import.",
    DropReason.IN_FUTURE: "Refused: the timestamp lies more than 5 minutes ahead.",
    DropReason.OVER_LIMIT: "Refused: larger than a limit allows.",
    DropReason.RATE_LIMITED: "Refused: more hits a second than its site or its address may send.",
    DropReason.GPC: "Refused: the browser sent Sec-GPC: 1 and the site honours it.",
    DropReason.DNT: "Refused: the browser sent DNT: 1 and the site honours it.",
    DropReason.HOSTNAME: "Left out: neither page nor Origin may be elsewhere than on the hostnames "
    "the site names.",
    DropReason.ADDRESS: "Left out: the site excludes the address it came from.",
    DropReason.COUNTRY: "Left out: the site excludes the country it came from.",
    DropReason.PAGE: "Left out: the site excludes this page.",
    DropReason.PREFETCH: "Left out: the browser fetched the page ahead or for a preview; nobody "
    "has seen it.",
    DropReason.BOT: "Left out: the user agent is a known crawler, a headless browser or no "
    "browser at all.",
    DropReason.DATA_CENTRE: "Left out: it came from a network the operator lists as a data "
    "centre's.",
    DropReason.REFERRER_SPAM: "Left out: the referrer is a known spammer.",
    DropReason.EXCLUDED: "Left out: a rule the numbers were folded with excludes it.",
    DropReason.DUPLICATE: "Folded: this event id was seen before; a retry is counted once.",
    DropReason.CLOCK_AHEAD: "Folded: its time lies after the broker received it, so the clock "
    "it was timed by runs ahead; kept as a dead letter.",
    DropReason.NO_SESSION: "Folded: an engagement report without a visit to belong to.",
    DropReason.IMPORT_OUT_OF_ORDER: "Folded: an import's event older than one already folded, "
    "so either sent before or not in order of time.",
    DropReason.IMPORT_FINISHED: "Folded: the import was declared finished before this event.",
    DropReason.ERASED: "Left out: the site, or this visitor's day, was erased; only the count is "
    "kept.",
}
