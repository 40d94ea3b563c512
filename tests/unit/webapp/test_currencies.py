"""Rates between currencies."""

import pytest

from aggregates.clickhouse.questions import Rate
from webapp.stats.currencies import converted

WORTH = {"USD": 1.0, "EUR": 1.25, "JPY": 0.005}  # in dollars


@pytest.mark.parametrize(
    ("currency", "rates"),
    [
        ("USD", (Rate("EUR", 1.25), Rate("JPY", 0.005))),
        ("EUR", (Rate("USD", 0.8), Rate("JPY", 0.004))),
        ("CHF", ()),
    ],
)
def test_what_others_are_worth(currency: str, rates: tuple[Rate, ...]) -> None:
    assert converted(WORTH, currency) == rates
