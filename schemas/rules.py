"""The rules a generation of numbers is folded with: data, so that they can be changed backwards.

A rule never changes what is in the log, only what the fold makes of it. The rules of a generation
are fixed when it is made: with other rules the whole log is folded into a new one
(`./inv rebuild --rules FILE`), and every number is as if the rules had always been so.
"""

from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from schemas.drop_reasons import DropReason
from schemas.events import VISIT_DIMENSIONS

SESSION_GAP_S: Final = 1_800
RULES_PER_SITE_MAX: Final = 200
MATCHES_PER_RULE_MAX: Final = 10
PATTERN_CHARS_MAX: Final = 200
WILDCARDS_MAX: Final = 5  # of one pattern: bounds the time of a match
CHANNEL_CHARS_MAX: Final = 60
ERASED_SITES_MAX: Final = 10_000
ERASED_VISITORS_MAX: Final = 10_000  # of one site
VISITOR_ID_MAX: Final = 2**64 - 1

HitField = Literal["name", "hostname", "path"]
FIELDS: Final[tuple[str, ...]] = (*get_args(HitField), *VISIT_DIMENSIONS)


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`field` of a hit or its visit fits `pattern`: `*` is anything but "/", `**` anything."""

    field: str
    pattern: Annotated[str, Meta(max_length=PATTERN_CHARS_MAX)]

    def __post_init__(self) -> None:
        if self.field not in FIELDS:
            raise ValueError(f"field {self.field!r} is none of {', '.join(FIELDS)}")
        if self.pattern.replace("**", "*").count("*") > WILDCARDS_MAX:
            raise ValueError(f"pattern {self.pattern!r} has more than {WILDCARDS_MAX} wildcards")


Matches = Annotated[tuple[Match, ...], Meta(min_length=1, max_length=MATCHES_PER_RULE_MAX)]


class LeaveOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hits that fit all of `when` are left out of the counts, for `reason`."""

    when: Matches
    reason: Literal["excluded", "bot"] = "excluded"  # a DropReason


class ChannelRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Visits whose first hit fits all of `when` came through `channel`."""

    when: Matches
    channel: Annotated[str, Meta(min_length=1, max_length=CHANNEL_CHARS_MAX)]


class SiteRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one site. The defaults take every hit as the collector classed it."""

    session_gap_s: Annotated[int, Meta(ge=60, le=86_400)] = SESSION_GAP_S
    # Reasons the collector left hits out for that count all the same.
    count: Annotated[tuple[DropReason, ...], Meta(max_length=20)] = ()
    leave_out: Annotated[tuple[LeaveOut, ...], Meta(max_length=RULES_PER_SITE_MAX)] = ()
    # In order; the first that fits names the channel, none leaves the collector's.
    channels: Annotated[tuple[ChannelRule, ...], Meta(max_length=RULES_PER_SITE_MAX)] = ()


class Erased(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of one site is left out for good: all of it, or the days of some visitors."""

    whole: bool = False
    visitor_ids: Annotated[tuple[int, ...], Meta(max_length=ERASED_VISITORS_MAX)] = ()

    def __post_init__(self) -> None:
        if any(not 0 <= each <= VISITOR_ID_MAX for each in self.visitor_ids):
            raise ValueError("a visitor id has 64 bits")


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one generation: site id -> its own, `default` for every other site.

    `erased` is no part of a site's own rules: every later generation has it too, whatever else
    changes (`keep_erased`).
    """

    default: SiteRules = SiteRules()
    sites: dict[int, SiteRules] = {}
    erased: Annotated[dict[int, Erased], Meta(max_length=ERASED_SITES_MAX)] = {}

    def of(self, site_id: int) -> SiteRules:
        return self.sites.get(site_id, self.default)


NO_RULES: Final = Rules()


def erase(rules: Rules, site_id: int, visitor_id: int | None = None) -> Rules:
    """`rules` that leave out the visitor's day as well, or the whole site.

    Raises `msgspec.ValidationError` for more than rules may hold and for what is no visitor id.
    """
    known = rules.erased.get(site_id, Erased())
    ids = known.visitor_ids if visitor_id is None else (*known.visitor_ids, visitor_id)
    added = Erased(known.whole or visitor_id is None, tuple(sorted(set(ids))))
    return keep_erased(rules, Rules(erased={site_id: added}))


def keep_erased(rules: Rules, before: Rules) -> Rules:
    """`rules` with all that `before` erases. Raises `msgspec.ValidationError` as `erase`."""
    erased = dict(rules.erased)
    for site_id, old in before.erased.items():
        new = erased.get(site_id, Erased())
        ids = tuple(sorted({*new.visitor_ids, *old.visitor_ids}))
        erased[site_id] = Erased(new.whole or old.whole, ids)
    return decode_rules(encode_rules(msgspec.structs.replace(rules, erased=erased)))


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Rules)


def encode_rules(rules: Rules) -> bytes:
    """The same bytes for equal rules."""
    return _encoder.encode(msgspec.to_builtins(rules, str_keys=True))


def decode_rules(value: bytes) -> Rules:
    """Raises `msgspec.ValidationError` naming the field that is no rule."""
    return _decoder.decode(value)
