"""Questions put to the HTTP API of a Pawprint.

Not by the Python client: `./inv` runs before that is installed anywhere, and three addresses that
are read once need neither its frames nor its retries.
"""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from deploy.local.errors import StackError
from deploy.query.grammar import Asked
from deploy.query.spans import Dates, Recent, dates_of
from deploy.query.vocabulary import GOAL, PROP_PREFIXES, REVENUES, STEPS
from deploy.query.words import meant

TIMEOUT_S: Final = 60.0
ROWS_DEFAULT: Final = 10
ROWS_MAX: Final = 1_000  # of one answer
DEFAULT_SPAN: Final = Recent("day", 30)

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question: rows of `names` (a time or properties) and metrics.

    Totals are one row without names. `previous` are the rows of the time before, if asked for:
    in the same order for a series, found by their names for a ranking. Revenue is in `currency`,
    "" where each row has its own; what is in those of `left_out` is in none of it.
    """

    site: str
    timezone: str
    dates: Dates
    names: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: tuple[Record, ...]
    previous: tuple[Record, ...] | None = None
    step: str = ""
    currency: str = ""
    left_out: tuple[str, ...] = ()


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
    asked = _with_goals(api, asked, site)
    rows, money = _rows(api, asked, site, dates, asked.top or ROWS_DEFAULT)
    previous = None
    if asked.compares:
        # All of them, as who leads now may have been far behind. In the same currency.
        same = replace(asked, currency=money.get("currency") or asked.currency)
        previous, _ = _rows(api, same, site, dates.previous(), ROWS_MAX)
    return Found(
        site,
        timezone,
        dates,
        _row_keys(asked) or (("date",) if asked.step else ()),
        tuple(asked.metrics),
        rows,
        previous,
        step=asked.step,
        currency=money.get("currency", ""),
        left_out=tuple(money.get("left_out", ())),
    )


def _row_keys(asked: Asked) -> tuple[str, ...]:
    """What the API calls each property in a row: in full where two would be called the same."""
    shorts = [
        name.removeprefix(PROP_PREFIXES[0])
        if name.startswith(PROP_PREFIXES[0])
        else name.partition(":")[2]
        for name in asked.by
    ]
    counts = Counter([*shorts, *asked.metrics, "comparison"])
    pairs = zip(asked.by, shorts, strict=True)
    return tuple(short if counts[short] == 1 else name for name, short in pairs)


def _with_goals(api: Api, asked: Asked, site: str) -> Asked:
    """The question with its goals as the site names them. Raises StackError for others."""
    if GOAL not in (*asked.by, *(each.name for each in asked.conditions)):
        return asked
    listed = api.get("/api/v1/sites/goals", {"site_id": site, "limit": "1000"})["goals"]
    names = [str(each["display_name"]) for each in listed]
    if not names:
        raise StackError(
            f"{site} has no goals: make one with PUT /api/v1/sites/goals (deploy/docs/sites-api.md)"
        )
    conditions = [
        replace(each, values=tuple(_goal(value, names, site) for value in each.values))
        if each.name == GOAL
        else each
        for each in asked.conditions
    ]
    return replace(asked, conditions=conditions)


def _goal(value: str, names: list[str], site: str) -> str:
    """The goal that a condition's value means, escaped as the value is."""
    said = re.sub(r"\\([\\|;*])", r"\1", value)
    same = [name for name in names if name == said] or [
        name for name in names if name.casefold() == said.casefold()
    ]
    if len(same) != 1:
        hint = meant(said, names) or f" Its goals: {', '.join(names[:20])}."
        raise StackError(f"{site} has no goal {said[:120]!r}.{hint}")
    return re.sub(r"([\\|;*])", r"\\\1", same[0])


def _rows(
    api: Api, asked: Asked, site: str, dates: Dates, limit: int
) -> tuple[tuple[Record, ...], Record]:
    """Rows, and in which currency their revenue is."""
    parameters = {
        "site_id": site,
        "dialect": "pawprint",  # what is not known is empty, a mean of nothing missing
        "period": "custom",
        "date": dates.text,
        "metrics": ",".join(asked.metrics),
        "filters": filters_of(asked),
    }
    operation = "aggregate"
    if asked.currency:
        parameters["currency"] = asked.currency
    if asked.by:
        operation = "breakdown"
        parameters |= {"property": ",".join(asked.by), "limit": str(limit)}
    elif asked.step:
        operation = "timeseries"
        parameters["interval"] = STEPS[asked.step]
    try:
        answer = api.get(f"/api/v1/stats/{operation}", parameters)
    except StackError as error:
        if set(REVENUES) & set(asked.metrics) and str(error).startswith("currency: is needed"):
            raise StackError(
                f"Revenue in which currency? No goal of {site} says one: "
                "add it, as in: revenue in EUR"
            ) from error
        raise
    found, money = answer["results"], answer.get("meta", {}).get("revenue") or {}
    if operation == "aggregate":
        found = [{name: each["value"] for name, each in found.items()}]
    return tuple(found), money


def filters_of(asked: Asked) -> str:
    """The conditions as the API's `filters`."""
    return ";".join(
        f"{each.name}{'!=' if each.negated else '=='}{'|'.join(each.values)}"
        for each in asked.conditions
    )
