"""What API v1 says of parameters it cannot use: Plausible's words first, as clients look for them.

Then what may be given instead, so that nobody has to look it up.
"""

from collections.abc import Iterable

from webapp.api.errors import InvalidInput


class Refused(InvalidInput):
    """As `InvalidInput`, in words that name the parameter themselves."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field, text)
        self.args = (text,)


SHOWN_CHARS_MAX = 60  # of what was given


def shown(text: str) -> str:
    """What was given, as much of it as an error repeats."""
    return text[:SHOWN_CHARS_MAX]


def bad_period(text: str, valid: Iterable[str]) -> Refused:
    return Refused(
        "period",
        f"Error parsing `period` parameter: invalid period `{shown(text)}`. "
        f"Valid periods are {listed(valid)}.",
    )


def bad_date(text: str, reason: str) -> Refused:
    """`reason`: invalid_format, or invalid_date for one that is in no calendar."""
    return Refused(
        "date",
        f"Error parsing `date` parameter: {reason}. Please specify a valid date in ISO-8601 "
        f"format, as in 2026-11-23, and not {shown(text)!r}.",
    )


def missing_dates() -> Refused:
    return Refused(
        "date",
        "The `date` parameter is required when using a custom period, as in 2026-11-01,2026-11-30.",
    )


def bad_dates() -> Refused:
    return Refused(
        "date",
        "Invalid format for `date` parameter. When using a custom period, please include two "
        "ISO-8601 formatted dates joined by a comma, as in 2026-11-01,2026-11-30.",
    )


def bad_metric(text: str, valid: Iterable[str]) -> Refused:
    return Refused(
        "metrics",
        f"The metric `{shown(text)}` is not recognized. Valid metrics are {listed(valid)}.",
    )


def repeated_metrics() -> Refused:
    return Refused("metrics", "Metrics cannot be queried multiple times.")


def no_goal_to_convert(metric: str) -> Refused:
    return Refused(
        "metrics",
        f"Metric `{metric}` can only be queried in a goal breakdown or with a goal filter",
    )


def missing_property(valid: Iterable[str]) -> Refused:
    return Refused(
        "property",
        "The `property` parameter is required. Please provide at least one property to show a "
        f"breakdown by: {listed(valid)}.",
    )


def bad_property(text: str, valid: Iterable[str]) -> Refused:
    return Refused(
        "property", f"Invalid property '{shown(text)}'. Valid properties are {listed(valid)}."
    )


def bad_filter_property(text: str, valid: Iterable[str]) -> Refused:
    return Refused(
        "filters",
        f"Invalid filter property '{shown(text)}'. Valid filter properties are {listed(valid)}.",
    )


def unknown_goal(name: str) -> Refused:
    return Refused("filters", f"The goal `{shown(name)}` is not configured for this site.")


def bad_interval(text: str, valid: Iterable[str]) -> Refused:
    return Refused(
        "interval",
        f"Error parsing `interval` parameter: invalid interval `{shown(text)}`. "
        f"Valid intervals are {listed(valid)}.",
    )


def bad_limit(highest: int) -> Refused:
    return Refused("limit", f"Please provide limit as a number between 1 and {highest}.")


def bad_page(highest: int) -> Refused:
    return Refused("page", f"Please provide page as a positive number, {highest} at most.")


def listed(names: Iterable[str]) -> str:
    """As in: `visitors`, `visits`."""
    return ", ".join(f"`{name}`" for name in names)
