"""Spike detection of one site: a fixed threshold on closed minutes.

A minute's total is known piece by piece, as each shard closes its part, and only grows; so an alert
opens as soon as the pieces reach the threshold. It is resolved by the first minute that is settled
(SETTLE_S older than the newest heard of) and below the threshold again.

Replaying a record changes nothing: pieces are absolute and an alert is named by its minute.
"""

from typing import Final

import msgspec

from schemas.records import Alert, AlertState, SiteMinute

SETTLE_S: Final = 120
MINUTES_KEPT_S: Final = 900


class SiteSpikes(msgspec.Struct, array_like=True):
    """What is remembered of one site."""

    minutes: dict[int, dict[tuple[int, int], int]] = {}  # minute -> (shard, opened_at) -> pageviews
    opened_minute: int = 0  # of the alert that is open, 0 for none
    resolved_minute: int = 0  # nothing at or before it opens an alert again


def observe(spikes: SiteSpikes, piece: SiteMinute, threshold: int) -> Alert | None:
    """Take in one closed piece. Returns the alert it opens or resolves.

    `threshold` is in pageviews a minute; 0 opens none.
    """
    spikes.minutes.setdefault(piece.minute, {})[piece.shard, piece.opened_at] = piece.pageviews
    newest = max(spikes.minutes)
    for minute in [at for at in spikes.minutes if at < newest - MINUTES_KEPT_S]:
        del spikes.minutes[minute]
    if not spikes.opened_minute:
        return _opened(spikes, piece, threshold)
    return _resolved(spikes, piece.site_id, threshold, newest)


def _opened(spikes: SiteSpikes, piece: SiteMinute, threshold: int) -> Alert | None:
    pageviews = sum(spikes.minutes.get(piece.minute, {}).values())
    if not threshold or pageviews < threshold or piece.minute <= spikes.resolved_minute:
        return None
    spikes.opened_minute = piece.minute
    return Alert(piece.site_id, piece.minute, AlertState.OPENED, piece.minute, pageviews, threshold)


def _resolved(spikes: SiteSpikes, site_id: int, threshold: int, newest: int) -> Alert | None:
    for minute in range(spikes.opened_minute + 60, newest - SETTLE_S + 1, 60):
        pageviews = sum(spikes.minutes.get(minute, {}).values())
        if pageviews < threshold or not threshold:
            opened, spikes.opened_minute = spikes.opened_minute, 0
            spikes.resolved_minute = minute
            return Alert(site_id, opened, AlertState.RESOLVED, minute, pageviews, threshold)
    return None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(SiteSpikes)


def encode_spikes(spikes: SiteSpikes) -> bytes:
    return _encoder.encode(spikes)


def decode_spikes(value: bytes) -> SiteSpikes:
    """Raises `msgspec.DecodeError` for anything else."""
    return _decoder.decode(value)
