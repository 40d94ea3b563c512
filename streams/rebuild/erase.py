"""`./inv erase`: a site, or one visitor's day, out of every number, with a receipt.

Erasing is a rule of the fold: the log is folded again without the hits, the new generation is
served, the others are dropped, and all of it is checked by folding once more. Interrupted anywhere
and run again, it goes on.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec
from redis import Redis
from redis.exceptions import RedisError
from rich.console import Console

from aggregates.clickhouse.erasure import Held, Who, delete_site, read_held
from aggregates.clickhouse.generations import Generation, State
from aggregates.clickhouse.registry import Registry
from schemas import redis_keys
from schemas.events import UnknownVersion, decode_batch
from schemas.rules import VISITOR_ID_MAX, Rules, erase
from streams.dead.letters import KafkaUnavailable, read_letters
from streams.rebuild.command import INTERRUPTED_STATUS, REFUSALS
from streams.rebuild.crew import RebuildFailed, cores
from streams.rebuild.followers import wait_for_applied
from streams.rebuild.lease import Lease
from streams.rebuild.making import Maker
from streams.rebuild.receipts import Checked, Receipt, utc, write_receipt
from streams.rebuild.rules_file import site_ids, unknown_site
from streams.rebuild.steps import due_cutoffs, switch
from streams.settings import Settings

RECEIPTS: Final = "receipts"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="./inv erase", description=__doc__)
    made.add_argument("--site", required=True, help="its domain; the number of one that is deleted")
    made.add_argument("--visitor", metavar="ID", help="of one day: a number, also as 0x...")
    made.add_argument("--processes", type=int, default=cores(), help="one a core by default")
    made.add_argument("--dry-run", action="store_true", help="show what would go; change nothing")
    made.add_argument("--receipts", type=Path, metavar="DIR", help="where the receipt is written")
    return made


def main(arguments: Sequence[str], settings: Settings) -> int:
    """The exit status: 1 where it refuses or what it checked does not hold, and says why."""
    options = parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sites = site_ids(settings.redis_url)
        who = Who(_site_id(options.site, sites), _visitor_id(options.visitor))
        with closing(Registry(settings.clickhouse_url)) as registry:
            maker = Maker(settings, registry, console, max(1, options.processes))
            with Lease(settings.redis_url):
                return _Erasure(maker, options.site, who).run(options)
    except (*REFUSALS, KafkaUnavailable) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except RedisError as error:
        console.print(f"Redis: {error}. Run it again.", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted: nothing is checked. Run it again, it goes on.")
        return INTERRUPTED_STATUS


def _site_id(given: str, sites: Mapping[str, int]) -> int:
    if given in sites:
        return sites[given]
    if given.isascii() and given.isdecimal() and len(given) <= 10 and 0 < int(given) < 2**32:
        return int(given)
    raise RebuildFailed(f"--site {given}: {unknown_site(given, sites)}")


def _visitor_id(given: str | None) -> int | None:
    if given is None:
        return None
    try:
        found = int(given[:66], 16 if given.lower().startswith("0x") else 10)
    except ValueError:
        found = -1
    if not 0 <= found <= VISITOR_ID_MAX:
        raise RebuildFailed(f"--visitor {given}: write a number of 64 bits, as 123 or 0x7b")
    return found


def holds_any(value: bytes, who: Who) -> bool:
    """Whether a record of hits that can be read holds one of theirs."""
    try:
        batch = decode_batch(value)
    except (msgspec.DecodeError, UnknownVersion):
        return False
    return any(
        hit.site_id == who.site_id and who.visitor_id in (None, hit.visitor_id)
        for hit in batch.hits
    )


class _Erasure:
    def __init__(self, maker: Maker, site: str, who: Who) -> None:
        self._maker, self._site, self._who = maker, site, who
        self._registry, self._settings = maker.registry, maker.settings
        self._print = maker.console.print

    def run(self, options: argparse.Namespace) -> int:
        active = self._registry.active()
        rules = self._rules(active)
        before, letters = self._held(active), self._letters()
        for each in self._kept():
            held = before if each == active else self._held(each)
            self._print(
                f"Generation {each.number} holds {held.hits:,} hits in {held.hit_rows:,} rows and "
                f"{held.visits:,} visits in {held.visit_rows:,} rows of {self._named()}."
            )
        if letters:
            self._print(f"Dead letters hold hits of theirs: {', '.join(letters)}.")
        if options.dry_run:
            self._print("Nothing was changed.")
            return 0
        self._maker.clean_up()
        checksum_before = self._registry.content(active).checksum
        served = active if rules == active.rules else self._fold_without(rules)
        for each in self._kept():
            if each.number != served.number:
                self._maker.remove(each)
        self._forget_live()
        receipt = self._receipt(active, served, before, checksum_before, letters)
        return self._receive(receipt, options)

    def _rules(self, active: Generation) -> Rules:
        try:
            return erase(active.rules, self._who.site_id, self._who.visitor_id)
        except msgspec.ValidationError as error:
            raise RebuildFailed(f"the rules cannot hold another erasure: {error}") from error

    def _fold_without(self, rules: Rules) -> Generation:
        """A new generation, served. Of a whole site the rows go before it is made."""
        if self._who.visitor_id is None:
            for each in self._kept():
                delete_site(self._registry.url_of(each.number), self._who.site_id)
            self._print("The site's rows are deleted; those of visits that still go on may return.")
        with self._maker.new(rules) as made:
            self._maker.fold(made, due_cutoffs(self._settings, dry_run=False), save=True)
            made = self._registry.finish(made)
        switch(self._maker, made)
        return made

    def _receipt(
        self,
        active: Generation,
        served: Generation,
        before: Held,
        checksum_before: str,
        letters: list[str],
    ) -> Receipt:
        checked = self._check(served)
        kept = {
            each.number: read_held(self._registry.url_of(each.number), self._who, False)
            for each in self._kept()
        }
        visitor_id = self._who.visitor_id
        return Receipt(
            site=self._site,
            site_id=self._who.site_id,
            visitor_id="" if visitor_id is None else str(visitor_id),
            erased_at=utc(time.time()),
            generation_before=active.number,
            generation=served.number,
            checksum_before=checksum_before,
            checksum=self._registry.content(served).checksum,
            held_before=before,
            held=kept,
            live_counters=self._live_counters(),
            dead_letters=letters,
            checked=checked,
        )

    def _check(self, served: Generation) -> Checked:
        """The log folded once more with the same rules, into a generation that is then removed."""
        self._print("Checked by folding the log once more:")
        with self._maker.new(served.rules) as again:
            cutoffs = due_cutoffs(self._settings, dry_run=False)
            folded = self._maker.fold(again, cutoffs, save=False)
            wait_for_applied(self._settings, folded.applied or {})
            until_s = min(folded.open_since_s, int(time.time()) // 60 * 60)
            ours = self._registry.content(served, until_s)
            theirs = self._registry.content(again, until_s)
        return Checked(utc(until_s), ours.checksum, theirs.checksum)

    def _receive(self, receipt: Receipt, options: argparse.Namespace) -> int:
        folder = options.receipts or self._settings.data_dir / RECEIPTS
        path = write_receipt(receipt, folder)
        self._print(path.read_text(), markup=False, soft_wrap=True)
        if receipt.holds:
            self._print(f"[bold]Erased, and checked.[/] The receipt: {path}")
            return 0
        self._print(
            f"Not all of it holds: run it again in a quiet minute. What was found: {path}",
            style="red",
        )
        return 1

    def _named(self) -> str:
        who = self._who
        return self._site if who.visitor_id is None else f"visitor {who.visitor_id} of {self._site}"

    def _kept(self) -> list[Generation]:
        return [each for each in self._registry.generations() if each.state == State.READY]

    def _held(self, generation: Generation) -> Held:
        return read_held(self._registry.url_of(generation.number), self._who)

    def _letters(self) -> list[str]:
        letters = asyncio.run(read_letters(self._settings.kafka_broker))
        return [key for key, letter in letters.items() if holds_any(letter.value, self._who)]

    def _forget_live(self) -> None:
        """The workers write again within a minute what they have of the site."""
        with closing(self._redis()) as redis:
            redis.unlink(redis_keys.live(self._who.site_id))

    def _live_counters(self) -> int:
        with closing(self._redis()) as redis:
            return int(redis.hlen(redis_keys.live(self._who.site_id)))

    def _redis(self) -> Any:
        return Redis.from_url(self._settings.redis_url, socket_timeout=5, socket_connect_timeout=5)
