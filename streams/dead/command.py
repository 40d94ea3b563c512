"""`./inv dead`: the dead letters, what is in them, and sending them again after a fix."""

import argparse
import asyncio
import datetime as dt
import json
import sys
from collections.abc import Collection, Sequence
from typing import Any, Final

import msgpack
import msgspec
from rich.console import Console
from rich.table import Table

from schemas.events import UnknownVersion, decode_batch
from schemas.records import DeadLetter
from streams.dead.letters import KafkaUnavailable, read_letters, replay
from streams.log_reader import LogUnusable
from streams.settings import Settings

HEX_BYTES_MAX: Final = 1_024  # shown without --whole
HITS_SHOWN_MAX: Final = 20


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="./inv dead", description=__doc__)
    verbs = made.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="every letter with its error")
    show = verbs.add_parser("show", help="one letter: its bytes, and what can be read of them")
    show.add_argument("key", help="topic/partition/offset, as in the list")
    show.add_argument("--whole", action="store_true", help="all bytes and hits")
    again = verbs.add_parser("replay", help="send letters again; each counts once, however often")
    again.add_argument("keys", nargs="*", metavar="KEY", help="as in the list")
    again.add_argument("--all", action="store_true", help="all that were not sent again yet")
    again.add_argument("--dry-run", action="store_true", help="show what could be sent, send none")
    return made


def main(arguments: Sequence[str], settings: Settings) -> int:
    """The exit status: 1 where a letter is unknown or refused."""
    options = parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    try:
        letters = asyncio.run(read_letters(settings.kafka_broker))
        if options.verb == "list":
            _list(console, letters.values())
            return 0
        if options.verb == "show":
            return _show(console, letters.get(options.key), options)
        return _replay(console, letters, options, settings)
    except (KafkaUnavailable, LogUnusable) as error:
        console.print(str(error), style="red", markup=False)
        return 1


def _list(console: Console, letters: Collection[DeadLetter]) -> None:
    table = Table(pad_edge=False)
    for name in ("key", "received (UTC)", "bytes", "sent again (UTC)", "error"):
        table.add_column(name, justify="right" if name == "bytes" else "left")
    for letter in letters:
        table.add_row(
            letter.key, _time(letter.appended_ms), f"{len(letter.value):,}",
            _time(letter.replayed_ms), _escaped(letter.error),
        )  # fmt: skip
    if not letters:
        console.print("No dead letters: all of the log is counted.")
        return
    console.print(table)
    waiting = sum(not letter.replayed_ms for letter in letters)
    console.print(f"{len(letters)} dead letters, {waiting} not sent again")


def _show(console: Console, letter: DeadLetter | None, options: argparse.Namespace) -> int:
    if letter is None:
        console.print(_unknown(options.key), style="red", markup=False)
        return 1
    shown = letter.value if options.whole else letter.value[:HEX_BYTES_MAX]
    lines = [
        f"key         {letter.key}",
        f"received    {_time(letter.appended_ms) or 'unknown'}",
        f"sent again  {_time(letter.replayed_ms) or 'never'}",
        f"error       {letter.error}",
        f"{len(letter.value):,} bytes:",
        *_hex_lines(shown),
        *(["..."] if len(shown) < len(letter.value) else []),
        "",
        *_readable(letter.value, None if options.whole else HITS_SHOWN_MAX),
    ]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    return 0


def _replay(
    console: Console,
    letters: dict[str, DeadLetter],
    options: argparse.Namespace,
    settings: Settings,
) -> int:
    if bool(options.keys) == options.all:
        console.print("Name letters, or say --all.", style="red")
        return 1
    unknown = [key for key in options.keys if key not in letters]
    if unknown:
        console.print(_unknown(unknown[0]), style="red", markup=False)
        return 1
    chosen = [
        letter
        for letter in letters.values()
        if (letter.key in options.keys if options.keys else not letter.replayed_ms)
    ]
    done = asyncio.run(replay(settings.kafka_broker, chosen, options.dry_run))
    word = "would be sent" if options.dry_run else "sent"
    for each in done:
        text = f"refused: {each.refused}" if each.refused else f"{word}: {each.hits} hits"
        console.print(f"{each.key}  {text}", style="red" if each.refused else None, markup=False)
    refused = sum(bool(each.refused) for each in done)
    hits = sum(each.hits for each in done)
    console.print(f"{len(done) - refused} letters {word}, {hits} hits; {refused} refused")
    return 1 if refused else 0


def _unknown(key: str) -> str:
    return f"There is no letter {key}; `./inv dead list` shows all."


def _time(at_ms: int) -> str:
    if not at_ms:
        return ""
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


def _hex_lines(value: bytes) -> list[str]:
    return [
        f"  {start:06x}  {value[start : start + 16].hex(' '):<47}  "
        + "".join(chr(b) if 32 <= b < 127 else "." for b in value[start : start + 16])
        for start in range(0, len(value), 16)
    ]


def _readable(value: bytes, limit: int | None) -> list[str]:
    """The batch, or as many of its parts as are msgpack."""
    try:
        batch = decode_batch(value)
    except (msgspec.DecodeError, UnknownVersion) as error:
        lines = [f"It still cannot be decoded: {error}", "What is msgpack in it:"]
        return lines + [f"  {_json(part)}" for part in _parts(value)[:limit]]
    lines = [f"It can be decoded: {len(batch.hits)} hits of collector {batch.collector_id}:"]
    return lines + [f"  {_json(msgspec.to_builtins(hit))}" for hit in batch.hits[:limit]]


def _parts(value: bytes) -> list[Any]:
    """The elements of the outermost array up to the first that is broken."""
    unpacker = msgpack.Unpacker(strict_map_key=False, raw=False, unicode_errors="replace")
    unpacker.feed(value)
    parts: list[Any] = []
    try:
        for _ in range(unpacker.read_array_header()):
            parts.append(unpacker.unpack())
    except (ValueError, msgpack.exceptions.UnpackException):
        return parts
    return parts


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
