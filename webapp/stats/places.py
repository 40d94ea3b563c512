"""Names of countries and regions in English: of CLDR by Babel, of ISO 3166-2 by pycountry.

Hits carry codes, so that numbers do not depend on a spelling; cities have no code here.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

import pycountry
from babel import Locale

COUNTRY_NAME: Final = "visit:country_name"
REGION_NAME: Final = "visit:region_name"
# The dimension whose code a name stands for.
NAMED: Final = {COUNTRY_NAME: "visit:country", REGION_NAME: "visit:region"}


def name_of(dimension: str, code: str) -> str:
    """The name behind a code, the code itself where there is none; "" stays."""
    return names_of(dimension).get(code, code)


def codes_of(
    dimension: str, names: tuple[str, ...], contained: bool, case_sensitive: bool
) -> tuple[str, ...]:
    """The codes, sorted, of the places that have one of the names, or contain one; "" is its own.

    A name that no place has may still be a code that has no name.
    """

    def spelt(text: str) -> str:
        return text if case_sensitive else text.casefold()

    wanted = {spelt(name) for name in names}
    known = names_of(dimension).items()
    if contained:
        return tuple(
            sorted(code for code, name in known if any(part in spelt(name) for part in wanted))
        )
    found = {code for code, name in known if spelt(name) in wanted}
    named = {spelt(name) for _, name in known}
    return tuple(sorted(found | {name for name in names if spelt(name) not in named}))


@cache
def names_of(dimension: str) -> Mapping[str, str]:
    """Code -> name."""
    if dimension == COUNTRY_NAME:
        territories = Locale("en").territories
        codes = {country.alpha_2 for country in pycountry.countries} | {"XK"}  # Kosovo
        return {code: territories[code] for code in codes if code in territories}
    return {region.code: region.name for region in pycountry.subdivisions}
