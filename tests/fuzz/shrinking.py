"""A failing request made as small as it still fails."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from tests.fuzz.drawing import Case

TRIES_MAX: Final = 600
SHRINK_S_MAX: Final = 3.0


def shrink(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The smallest case that `fails` found within TRIES_MAX tries and SHRINK_S_MAX."""
    tries, until_s = 0, time.monotonic() + SHRINK_S_MAX
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(case):
            tries += 1
            if tries > TRIES_MAX or time.monotonic() > until_s:
                return case
            if fails(candidate):
                case, smaller = candidate, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    """Without a header, without a part of body, query or header; large parts first."""
    for index in range(len(case.headers)):
        yield replace(case, headers=case.headers[:index] + case.headers[index + 1 :])
    for body in _cuts(case.body):
        yield replace(case, body=body)
    for query in _cuts(case.query.encode("utf-8", "surrogatepass")):
        yield replace(case, query=query.decode("utf-8", "replace"))
    for index, (name, text) in enumerate(case.headers):
        if len(text) > 1:
            half = (name, text[: len(text) // 2])
            yield replace(case, headers=(*case.headers[:index], half, *case.headers[index + 1 :]))


def _cuts(data: bytes) -> Iterator[bytes]:
    size = len(data) // 2
    while size:
        for begin in range(0, len(data), size):
            yield data[:begin] + data[begin + size :]
        size //= 2
