"""How an alert travels from the notifier to the open live streams of every process."""

from typing import Any

import msgspec


class AlertMessage(msgspec.Struct, frozen=True):
    """On the channel `redis_keys.ALERT_CHANGED`, as JSON."""

    site_id: int
    alert: dict[str, Any]  # as `webapp.alerts.selectors.alert_json` gives it
