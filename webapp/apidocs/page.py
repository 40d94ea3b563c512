"""What the page of the API is made of; the schema it comes from is the one clients get."""

import dataclasses
import json
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from aggregates.clickhouse import definitions
from aggregates.clickhouse.filters import DEPTH_MAX, LEAVES_MAX, VALUES_MAX
from aggregates.clickhouse.questions import DIMENSIONS_MAX, METRICS_MAX
from aggregates.clickhouse.vocabulary import TIMING_METRICS
from webapp.apidocs.answers import ANSWERS
from webapp.apidocs.operations import Operation, operations_of
from webapp.apidocs.snippets import Snippet, snippets
from webapp.sites.models import Scope
from webapp.stats.parameters import LIMIT_DEFAULT, LIMIT_MAX, PAGE_MAX
from webapp.stats.periods import CUSTOM_DAYS_MAX

FIRST: Final = "aggregate"  # the operation of the quick start


@dataclass(frozen=True, slots=True)
class Shown:
    """An operation with its examples."""

    operation: Operation
    snippets: tuple[Snippet, ...]


@cache
def operations() -> tuple[Operation, ...]:
    """Generated once a process: the code does not change below it."""
    # drf-spectacular's generator is not typed.
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return tuple(_with_answer(each) for each in operations_of(document))


def context(base_url: str, site: str) -> dict[str, Any]:
    """Of the template, with examples that ask `base_url` about `site`."""
    shown = [Shown(each, snippets(each, base_url, site)) for each in operations()]
    groups = [
        (name, list(each)) for name, each in groupby(shown, key=lambda item: item.operation.group)
    ]
    return {
        "base_url": base_url,
        "groups": groups,
        "first": next(each for each in shown if each.operation.name == FIRST),
        "metrics": definitions.METRICS,
        "timings": TIMING_METRICS,
        "dimensions": definitions.DIMENSIONS,
        "limits": LIMITS,
        "rates": (
            ("A key", settings.API_REQUESTS_PER_HOUR),
            ("A person, in all browsers", settings.API_PERSON_REQUESTS_PER_HOUR),
            ("An address, without either", settings.API_ADDRESS_REQUESTS_PER_HOUR),
        ),
        "scopes": Scope.choices,
    }


LIMITS: Final = (
    ("Metrics of a question", METRICS_MAX),
    ("Properties of a breakdown", DIMENSIONS_MAX),
    ("Filters of a question", LEAVES_MAX),
    ("Values of a filter", VALUES_MAX),
    ("Filters inside filters, deep", DEPTH_MAX),
    ("Rows of a page of a breakdown", LIMIT_MAX),
    ("Rows of a page unless asked otherwise", LIMIT_DEFAULT),
    ("Pages of a breakdown", PAGE_MAX),
    ("Days of a custom period", CUSTOM_DAYS_MAX),
)


def _with_answer(operation: Operation) -> Operation:
    example = ANSWERS.get(operation.name)
    if example is None:
        return operation
    answers = tuple(
        dataclasses.replace(each, example=json.dumps(example, indent=2))
        if each.status == "200"
        else each
        for each in operation.answers
    )
    return dataclasses.replace(operation, answers=answers)
