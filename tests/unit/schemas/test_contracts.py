"""The contracts hold: schemas are committed as generated, examples fit, and bytes come back."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from schemas import generate
from schemas.drop_reasons import EXPLANATIONS, DropReason
from schemas.events import (
    BATCH_BYTES_MAX,
    Batch,
    Hit,
    Kind,
    UnknownVersion,
    Visit,
    decode_batch,
    encode_batch,
    encode_item,
    join_batch,
)
from schemas.topics import TOPICS

FOLDER = Path(generate.__file__).parent / "json"


def test_committed_schemas_are_what_the_code_says() -> None:
    for name, schema in generate.schemas().items():
        committed = json.loads((FOLDER / f"{name}.schema.json").read_text())
        assert committed == schema, f"run `python -m schemas.generate`: {name} changed"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.example.json")), ids=lambda path: path.name)
def test_examples_fit_their_schema(path: Path) -> None:
    name = path.name.removesuffix(".example.json")
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text())
    jsonschema.validate(json.loads(path.read_text()), schema)


def test_every_schema_has_an_example() -> None:
    examples = {path.name.removesuffix(".example.json") for path in FOLDER.glob("*.example.json")}
    assert examples == set(generate.schemas())


def test_a_batch_comes_back() -> None:
    example = json.loads((FOLDER / "hits.example.json").read_text())
    batch = msgspec.convert(example, Batch)
    assert batch.hits and batch.watermarks
    assert decode_batch(encode_batch(batch)) == batch


def test_a_batch_joined_of_its_items_is_the_same() -> None:
    example = json.loads((FOLDER / "hits.example.json").read_text())
    batch = msgspec.convert(example, Batch)
    items = map(encode_item, batch.hits), map(encode_item, batch.watermarks)
    assert join_batch(batch.collector_id, *items) == encode_batch(batch)


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x90", b"\x93\x01\xa1c\x91\x00", b"\xff" * 99])
def test_what_is_no_batch_is_refused(value: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_batch(value)


def test_a_batch_of_the_future_is_refused() -> None:
    with pytest.raises(UnknownVersion, match="99"):
        decode_batch(encode_batch(Batch(99, "c", ())))


def test_a_plain_hit_is_small() -> None:
    """The log is kept for ever: a hit takes well under 200 bytes before compression."""
    hit = Hit(
        4_000_000, Kind.PAGEVIEW, 2**64 - 1, 2**64 - 1, 2**41, 2**41, "pageview", "example.com",
        "/a/usual/path", Visit(source="Google", country="DE", browser="Chrome", os="Windows"),
    )  # fmt: skip
    assert len(encode_batch(Batch(1, "c", (hit,)))) < 160
    assert len(encode_batch(Batch(1, "c", (hit,) * 500))) < BATCH_BYTES_MAX


def test_every_reason_is_explained_the_same_everywhere() -> None:
    assert set(EXPLANATIONS) == set(DropReason)
    reference = (FOLDER.parents[1] / "deploy" / "docs" / "reference.md").read_text()
    for reason, text in EXPLANATIONS.items():
        assert f"| `{reason.value}` | {text} |" in reference


def test_topics_are_told_apart_and_told_whole() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    for topic in TOPICS:
        assert topic.key and topic.record and topic.producers and topic.consumers
