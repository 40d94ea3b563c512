"""Rates between currencies, as the operator gives them: `PAWPRINT_CURRENCY_RATES`."""

from collections.abc import Iterable, Mapping

from django.conf import settings

from aggregates.clickhouse.questions import Rate


def rates_to(currency: str) -> tuple[Rate, ...]:
    """What one unit of each other known currency is worth in `currency`.

    Empty if there is no rate for `currency` itself.
    """
    return converted(settings.CURRENCY_RATES, currency)


def converted(worth: Mapping[str, float], currency: str) -> tuple[Rate, ...]:
    """`worth`: of one unit of each currency, in one of them all are held against."""
    if currency not in worth:
        return ()
    return tuple(
        Rate(other, units / worth[currency]) for other, units in worth.items() if other != currency
    )


def kept_apart(currencies: Iterable[str]) -> tuple[Rate, ...]:
    """Rates that change nothing: for rows that are each of one currency."""
    return tuple(Rate(currency, 1.0) for currency in currencies)
