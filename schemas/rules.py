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


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one generation: site id -> its own, `default` for every other site."""

    default: SiteRules = SiteRules()
    sites: dict[int, SiteRules] = {}

    def of(self, site_id: int) -> SiteRules:
        return self.sites.get(site_id, self.default)


NO_RULES: Final = Rules()
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Rules)


def encode_rules(rules: Rules) -> bytes:
    """The same bytes for equal rules."""
    return _encoder.encode(msgspec.to_builtins(rules, str_keys=True))


def decode_rules(value: bytes) -> Rules:
    """Raises `msgspec.ValidationError` naming the field that is no rule."""
    return _decoder.decode(value)
