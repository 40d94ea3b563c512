"""A few pages to click around in: they send all that the tracking script can send."""
