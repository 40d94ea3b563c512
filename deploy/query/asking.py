"""Questions put to the HTTP API of a Pawprint.

Not by the Python client: `./inv` runs before that is installed anywhere, and three addresses that
are read once need neither its frames nor its retries.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from deploy.local.errors import StackError
from deploy.query.grammar import Asked
from deploy.query.spans import Dates, Recent, dates_of
from deploy.query.vocabulary import STEPS

TIMEOUT_S: Final = 60.0
ROWS_DEFAULT: Final = 10
ROWS_MAX: Final = 1_000  # of one answer
DEFAULT_SPAN: Final = Recent("day", 30)

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question: rows of `names` (a time or properties) and metrics.

    Totals are one row without names. `previous` are the rows of the time before, if asked for:
    in the same order for a series, found by their names for a ranking.
    """

    site: str
    timezone: str
    dates: Dates
    names: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: tuple[Record, ...]
    previous: tuple[Record, ...] | None = None
    step: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """One Pawprint, as the holder of a key reads it."""

    url: str
    key: str

    def get(self, path: str, parameters: dict[str, str]) -> Any:
        """The JSON it answers. Raises StackError with what it says is wrong."""
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            answer = httpx.get(
                f"{self.url}{path}", params=parameters, headers=headers, timeout=TIMEOUT_S
            )
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StackError(f"{self.url} does not answer: {error}") from error
        except ValueError as error:
            raise StackError(f"{self.url}{path} answered {answer.status_code}, no JSON") from error
        if answer.status_code != 200:
            said = found.get("error", found) if isinstance(found, dict) else found
            raise StackError(str(said)[:1_000])
        return found


def choose_site(api: Api, wanted: str, otherwise: str = "") -> tuple[str, str]:
    """(domain, timezone) of `wanted`; of `otherwise`, or of the only site there is, without it.

    Raises StackError naming the sites to choose from.
    """
    found = api.get("/api/v1/sites", {"limit": "1000"})["sites"]
    zones = {each["domain"]: each["timezone"] for each in found}
    known = ", ".join(list(zones)[:20]) or "none"
    site = wanted or (otherwise if otherwise in zones else "")
    if not site and len(zones) == 1:
        site = next(iter(zones))
    if not site:
        raise StackError(f"Which site? Say --site, one of: {known}")
    if site not in zones:
        raise StackError(f"The key reads no site {site}; there are: {known}")
    return site, zones[site]


def ask(api: Api, asked: Asked, site: str, timezone: str, now: dt.datetime) -> Found:
    """Put the question. `now` is a moment with its zone. Raises StackError."""
    dates = dates_of(asked.span or DEFAULT_SPAN, now.astimezone(ZoneInfo(timezone)))
    rows = _rows(api, asked, site, dates, asked.top or ROWS_DEFAULT)
    previous = None
    if asked.compares:
        # All of them, as who leads now may have been far behind.
        previous = _rows(api, asked, site, dates.previous(), ROWS_MAX)
    names = tuple(name.partition(":")[2] for name in asked.by) or (("date",) if asked.step else ())
    return Found(
        site, timezone, dates, names, tuple(asked.metrics), rows, previous, step=asked.step
    )


def _rows(api: Api, asked: Asked, site: str, dates: Dates, limit: int) -> tuple[Record, ...]:
    parameters = {
        "site_id": site,
        "dialect": "pawprint",  # what is not known is empty, a mean of nothing missing
        "period": "custom",
        "date": dates.text,
        "metrics": ",".join(asked.metrics),
        "filters": filters_of(asked),
    }
    if asked.by:
        parameters |= {"property": ",".join(asked.by), "limit": str(limit)}
        return tuple(api.get("/api/v1/stats/breakdown", parameters)["results"])
    if asked.step:
        parameters["interval"] = STEPS[asked.step]
        return tuple(api.get("/api/v1/stats/timeseries", parameters)["results"])
    totals = api.get("/api/v1/stats/aggregate", parameters)["results"]
    return ({name: each["value"] for name, each in totals.items()},)


def filters_of(asked: Asked) -> str:
    """The conditions as the API's `filters`."""
    return ";".join(
        f"{each.name}{'!=' if each.negated else '=='}{'|'.join(each.values)}"
        for each in asked.conditions
    )
