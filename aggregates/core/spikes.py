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


def observe(spikes: SiteSpikes, piece: SiteMinute, threshold: int) -> list[Alert]:
    """Take in one closed piece. Returns the alerts it resolves and opens, in the order of time.

    `threshold` is in pageviews a minute; 0 opens none. A piece that comes late may open an alert
    that a later, calmer minute resolves at once.
    """
    spikes.minutes.setdefault(piece.minute, {})[piece.shard, piece.opened_at] = piece.pageviews
    newest = max(spikes.minutes)
    for minute in [at for at in spikes.minutes if at < newest - MINUTES_KEPT_S]:
        del spikes.minutes[minute]
    alerts = (
        _resolved(spikes, piece.site_id, threshold, newest),
        _opened(spikes, piece, threshold),
        _resolved(spikes, piece.site_id, threshold, newest),
    )
    return [alert for alert in alerts if alert is not None]


def _opened(spikes: SiteSpikes, piece: SiteMinute, threshold: int) -> Alert | None:
    pageviews = sum(spikes.minutes.get(piece.minute, {}).values())
    if spikes.opened_minute or not threshold or pageviews < threshold:
        return None
    if piece.minute <= spikes.resolved_minute:
        return None
    spikes.opened_minute = piece.minute
    return Alert(piece.site_id, piece.minute, AlertState.OPENED, piece.minute, pageviews, threshold)


def _resolved(spikes: SiteSpikes, site_id: int, threshold: int, newest: int) -> Alert | None:
    if not spikes.opened_minute:
        return None
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
