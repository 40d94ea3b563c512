"""site-minutes -> alerts. Pieces are absolute and alerts named: a replay changes nothing."""

import asyncio
import logging
from typing import Any

import msgspec

from aggregates.core.spikes import SiteSpikes, decode_spikes, encode_spikes, observe
from schemas.records import Alert, SiteMinute, decode, encode
from streams.app import alerts, app, site_minutes, spikes
from streams.site_thresholds import thresholds, thresholds_known

logger = logging.getLogger(__name__)

RETRY_S = 1.0
THRESHOLDS_WAIT_S = 10.0  # at the start, or the first minutes would raise nothing


@app.agent(site_minutes, concurrency=1)
async def detect_spikes(stream: Any) -> None:
    await thresholds_known(THRESHOLDS_WAIT_S)
    async for event in stream.events():
        try:
            piece = decode(event.value or b"", SiteMinute)
        except msgspec.DecodeError as error:
            logger.error("site-minutes offset=%d unreadable: %s", event.message.offset, error)
            continue
        key = str(piece.site_id).encode()
        known = spikes.get(key)
        state = decode_spikes(known) if known else SiteSpikes()
        for alert in observe(state, piece, thresholds.get(piece.site_id, 0)):
            await _send(key, alert)
        spikes[key] = encode_spikes(state)


async def _send(key: bytes, alert: Alert) -> None:
    """Returns when the broker has it: after that the minute is not looked at again."""
    while True:
        try:
            sent = await alerts.send(key=key, value=encode(alert))
            await sent
            logger.info("alert %s site=%d", alert.state, alert.site_id)
            return
        except Exception as error:  # whatever the driver raises: hold and try again
            logger.warning("alert not written, trying again: %r", error)
            await asyncio.sleep(RETRY_S)
