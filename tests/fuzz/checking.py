"""What must hold of every answer, of what was stored and of what was logged."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from collector.pixel import GIF
from schemas.events import (
    BATCH_BYTES_MAX,
    BATCH_HITS_MAX,
    NAME_CHARS_MAX,
    PROP_KEY_BYTES_MAX,
    PROP_VALUE_BYTES_MAX,
    PROPS_COUNT_MAX,
    URL_BYTES_MAX,
    Hit,
    decode_batch,
)
from tests.fuzz.drawing import PIXEL, Case
from tests.unit.collector.support import Reply

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f]")
_HEADER: Final = re.compile("[\x20-\x7e]*")


def problems(
    case: Case, reply: Reply, records: Sequence[bytes], logged: Sequence[str]
) -> list[str]:
    """Everything that does not hold, in words."""
    return [*_answer(case, reply), *stored_problems(records), *_logged(logged)]


def _answer(case: Case, reply: Reply) -> Iterable[str]:
    if not 200 <= reply.status < 500:
        yield f"answered {reply.status}: {reply.body[:200]!r}"
    for name, text in reply.headers.items():
        if not _HEADER.fullmatch(name + text):
            yield f"header {name}: {text!r}"
    if case.path == PIXEL and case.method == "GET" and (reply.status, reply.body) != (200, GIF):
        yield f"no picture but {reply.status}"
    if reply.status == 400 and case.method != "HEAD":
        yield from _named(reply)


def _named(reply: Reply) -> Iterable[str]:
    """400 is `{"errors": {field: [message]}}`."""
    try:
        found = msgspec.json.decode(reply.body, type=dict[str, dict[str, list[str]]])
    except msgspec.DecodeError:
        yield f"400 with {reply.body[:200]!r}"
        return
    if not found.get("errors"):
        yield "400 names no field"


def stored_problems(records: Sequence[bytes]) -> Iterable[str]:
    """What a reader of the log would stumble over."""
    for record in records:
        if len(record) > BATCH_BYTES_MAX:
            yield f"a record of {len(record)} bytes"
        hits = decode_batch(record).hits
        if len(hits) > BATCH_HITS_MAX:
            yield f"a record of {len(hits)} hits"
        for hit in hits:
            yield from _hit(hit)


def _hit(hit: Hit) -> Iterable[str]:
    if len(hit.name) > NAME_CHARS_MAX or len(hit.path) > URL_BYTES_MAX:
        yield "a name or path beyond its limit"
    if len(hit.props) > PROPS_COUNT_MAX or len({key for key, _ in hit.props}) < len(hit.props):
        yield "props beyond their limit or twice"
    for key, text in hit.props:
        if len(key.encode()) > PROP_KEY_BYTES_MAX or len(text.encode()) > PROP_VALUE_BYTES_MAX:
            yield "a prop beyond its limit"
    indices = [index for index, _ in hit.timings]
    if indices != sorted(set(indices)):
        yield f"timings {hit.timings!r}"
    for text in _texts(hit):
        if _UNSAFE.search(text):
            yield f"control characters in {text!r}"


def _texts(hit: Hit) -> Iterable[str]:
    yield from (hit.name, hit.hostname, hit.path, hit.currency, hit.left_out, hit.import_name)
    for pair in hit.props:
        yield from pair
    visit: tuple[Any, ...] = msgspec.structs.astuple(hit.visit)
    yield from visit


def _logged(lines: Sequence[str]) -> Iterable[str]:
    """Nothing that is sent is worth a line, so nothing of it can stand in one."""
    for line in lines:
        found = json.loads(line)
        yield f"logged {found.get('event')!r} {found.get('error', '')} {found.get('where', '')}"
