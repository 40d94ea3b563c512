"""The letters of `hits-dead`, read whole, and sent to the log again.

A letter is named by where its record stands in the log. It may have been written several times (a
worker that folds again buries again) and is marked by one more record under its key once it has
been sent again; reading puts all of that together.
"""

import time
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from aggregates.core.fold import ahead_of_clock
from schemas.events import Batch, Hit, UnknownVersion, decode_batch, encode_batch
from schemas.records import DeadLetter, decode, encode
from schemas.topics import HITS, HITS_DEAD
from streams.log_reader import consumer, ends_of, partitions_of

REQUEST_BYTES_MAX: Final = 4 * 2**20


class KafkaUnavailable(Exception):
    """The broker did not answer or refused."""


class Replay(NamedTuple):
    """What became of one letter."""

    key: str
    hits: int  # sent again
    refused: str = ""  # why it was not


async def read_letters(broker: str) -> dict[str, DeadLetter]:
    """Every letter by its key, oldest first. Raises `KafkaUnavailable`, `LogUnusable`."""
    reader = consumer(broker)
    letters: dict[str, DeadLetter] = {}
    try:
        await reader.start()
        partitions = await partitions_of(reader, HITS_DEAD.name)
        ends = await ends_of(reader, HITS_DEAD.name, partitions)
        tps = [TopicPartition(HITS_DEAD.name, partition) for partition in partitions]
        reader.assign(tps)
        await reader.seek_to_beginning(*tps)
        while any([await reader.position(tp) < ends[tp.partition] for tp in tps]):
            for records in (await reader.getmany(timeout_ms=200)).values():
                for record in records:
                    _take(letters, record.value or b"")
    except (KafkaError, OSError) as error:
        raise KafkaUnavailable(f"Kafka does not answer: {error!r}") from error
    finally:
        await reader.stop()
    return dict(sorted(letters.items(), key=lambda item: (item[1].appended_ms, item[0])))


def _take(letters: dict[str, DeadLetter], value: bytes) -> None:
    try:
        letter = decode(value, DeadLetter)
    except msgspec.DecodeError:
        return  # nobody's letter; it is not ours to send again
    known = letters.get(letter.key)
    replayed_ms = max(letter.replayed_ms, known.replayed_ms if known else 0)
    letters[letter.key] = msgspec.structs.replace(letter, replayed_ms=replayed_ms)


def batch_again(letter: DeadLetter) -> Batch:
    """The batch to write for `letter`: its hits, which count once however often it is written.

    Hits of a clock that ran ahead get the time the broker received them.
    Raises `msgspec.DecodeError`, `UnknownVersion` for bytes that still cannot be decoded.
    """
    batch = decode_batch(letter.value)
    ahead = set(map(id, ahead_of_clock(batch, letter.appended_ms)))

    def in_time(hit: Hit) -> Hit:
        at = letter.appended_ms
        if id(hit) not in ahead:
            return hit
        return msgspec.structs.replace(hit, at_ms=at, received_at_ms=at)

    hits = tuple(map(in_time, batch.hits))
    return msgspec.structs.replace(batch, hits=hits, replay_of=letter.key)


async def replay(broker: str, letters: Iterable[DeadLetter], dry_run: bool) -> list[Replay]:
    """Send each letter to its partition of `hits` again, then mark it. Safe to repeat.

    Raises `KafkaUnavailable`; what was sent until then stays sent, and may be sent again.
    """
    ready, done = [], []
    for letter in letters:
        try:
            ready.append((letter, batch_again(letter)))
        except (msgspec.DecodeError, UnknownVersion) as error:
            done.append(Replay(letter.key, 0, str(error)))
    if ready and not dry_run:
        try:
            await _send(broker, ready)
        except (KafkaError, OSError) as error:
            raise KafkaUnavailable(f"Kafka did not take all: {error!r}") from error
    return done + [Replay(letter.key, len(batch.hits)) for letter, batch in ready]


async def _send(broker: str, ready: Iterable[tuple[DeadLetter, Batch]]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=broker,
        enable_idempotence=True,
        acks="all",
        compression_type="zstd",
        max_request_size=REQUEST_BYTES_MAX,
    )
    await producer.start()
    try:
        for letter, batch in ready:
            # The log first: a mark without its record would be a lie, the other way is harmless.
            await producer.send_and_wait(HITS.name, encode_batch(batch), partition=letter.partition)
            marked = msgspec.structs.replace(letter, replayed_ms=time.time_ns() // 1_000_000)
            await producer.send_and_wait(HITS_DEAD.name, encode(marked), key=letter.key.encode())
    finally:
        await producer.stop()
