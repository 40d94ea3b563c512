"""`./inv rebuild`: fold the whole log again, with the rules of today or others, then switch.

Nothing of the running system changes before the switch, which is one step; `--back` undoes it.
"""

import argparse
import datetime as dt
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from aggregates.clickhouse.expiry import Cutoffs
from aggregates.clickhouse.generations import Generation, State
from aggregates.clickhouse.registry import Registry
from aggregates.protocols import StoreUnavailable
from schemas.rules import NO_RULES, Rules, keep_erased
from streams.log_reader import LogUnusable
from streams.rebuild.comparison import add_up, changes, kept_days, render
from streams.rebuild.crew import RebuildFailed, cores
from streams.rebuild.folding import Report
from streams.rebuild.followers import ShardsAway, wait_for_applied
from streams.rebuild.lease import Lease, LeaseTaken
from streams.rebuild.making import Maker
from streams.rebuild.rules_file import BadRules, describe, read_rules, site_ids
from streams.rebuild.steps import due_cutoffs, switch
from streams.settings import Settings

INTERRUPTED_STATUS: Final = 130
NO_RULES_WORD: Final = "none"
REFUSALS: Final = (
    BadRules,
    LeaseTaken,
    LogUnusable,
    RebuildFailed,
    ShardsAway,
    StoreUnavailable,
)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="./inv rebuild", description=__doc__)
    made.add_argument(
        "--rules", metavar="FILE", help="a TOML file of rules; 'none' for no rules; else as now"
    )
    made.add_argument(
        "--processes", type=int, default=cores(), help="folding processes, one a core by default"
    )
    what = made.add_mutually_exclusive_group()
    what.add_argument(
        "--dry-run", action="store_true", help="show what would change; change nothing"
    )
    what.add_argument(
        "--no-switch", action="store_true", help="make the new generation, go on with the old one"
    )
    what.add_argument(
        "--switch", type=int, metavar="N", help="switch to generation N, fold nothing"
    )
    what.add_argument("--back", action="store_true", help="switch to the generation served before")
    what.add_argument(
        "--drop", type=int, metavar="N", help="delete a generation that is not served"
    )
    what.add_argument("--status", action="store_true", help="all generations, with checksums")
    return made


def main(arguments: Sequence[str], settings: Settings) -> int:
    """The exit status: 1 where it refuses, and says why."""
    options = parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end in KeyboardInterrupt
    try:
        with closing(Registry(settings.clickhouse_url)) as registry:
            maker = Maker(settings, registry, console, max(1, options.processes))
            return _Command(maker, options).run()
    except REFUSALS as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted. `--status` shows which generation is served.")
        return INTERRUPTED_STATUS


class _Command:
    def __init__(self, maker: Maker, options: argparse.Namespace) -> None:
        self._maker, self._options = maker, options
        self._registry, self._console = maker.registry, maker.console
        self._settings = maker.settings

    def run(self) -> int:
        if self._options.status:
            self._status()
            return 0
        with Lease(self._settings.redis_url):
            if self._options.drop is not None:
                self._drop(self._options.drop)
            elif self._options.switch is not None:
                self._switch(self._ready(self._options.switch))
            elif self._options.back:
                self._back()
            else:
                self._rebuild()
        return 0

    def _rebuild(self) -> None:
        self._maker.clean_up()
        active = self._registry.active()
        rules = self._rules(active)
        cutoffs = due_cutoffs(self._settings, self._options.dry_run)
        with self._maker.new(rules) as made:
            folded = self._maker.fold(made, cutoffs, not self._options.dry_run)
            if self._options.dry_run:
                self._compare(active, made, folded, cutoffs)
                return
            made = self._registry.finish(made)
        if self._options.no_switch:
            self._console.print(
                f"Generation {made.number} is ready, generation {active.number} goes on. "
                f"`./inv rebuild --switch {made.number}` switches."
            )
            return
        self._switch(made)
        self._console.print(
            f"Generation {active.number} is kept: `--back` goes back to it, "
            f"`--drop {active.number}` deletes it."
        )

    def _rules(self, active: Generation) -> Rules:
        given = self._options.rules
        if given is None:
            return active.rules
        if given == NO_RULES_WORD:
            return keep_erased(NO_RULES, active.rules)
        read = read_rules(Path(given), site_ids(self._settings.redis_url))
        return keep_erased(read, active.rules)

    def _switch(self, to: Generation) -> None:
        erased = self._registry.active().rules
        if keep_erased(to.rules, erased).erased != to.rules.erased:
            raise RebuildFailed(
                f"generation {to.number} holds what was erased since; "
                f"`--drop {to.number}` removes it"
            )
        switch(self._maker, to)

    def _back(self) -> None:
        previous = self._registry.previous()
        if previous is None:
            raise RebuildFailed("there is no generation to go back to; `--status` lists all")
        self._switch(previous)

    def _ready(self, number: int) -> Generation:
        found = self._registry.find(number)
        if found is None or found.state != State.READY:
            raise RebuildFailed(f"generation {number} is not ready; `--status` lists all")
        if found.number == self._registry.active().number:
            raise RebuildFailed(f"generation {number} is served already")
        return found

    def _drop(self, number: int) -> None:
        found = self._registry.find(number)
        if found is None:
            raise RebuildFailed(f"there is no generation {number}; `--status` lists all")
        if number == self._registry.active().number:
            raise RebuildFailed(
                f"generation {number} is served; `--back` or another rebuild first, then drop it"
            )
        self._maker.remove(found)
        self._console.print(f"Generation {number} is gone: its rows and its snapshots.")

    def _compare(
        self, active: Generation, made: Generation, folded: Report, cutoffs: Cutoffs
    ) -> None:
        """Of minutes that are closed in both: what came later is in one of them only.

        And of those that are kept in both: the running one may be waiting for its retention.
        """
        wait_for_applied(self._settings, folded.applied or {})
        until_s = min(folded.open_since_s, int(time.time()) // 60 * 60)
        before = kept_days(self._registry.days(active, until_s), cutoffs)
        after = kept_days(self._registry.days(made, until_s), cutoffs)
        domains = {number: domain for domain, number in site_ids(self._settings.redis_url).items()}
        found = changes(before, after)
        days = len({day for _, day in before.keys() | after.keys()})
        total = (add_up(before.values()), add_up(after.values()))
        self._console.print(render(found, total, domains, days))
        until = dt.datetime.fromtimestamp(until_s, dt.UTC)
        self._console.print(
            f"{len(found)} of {len(before.keys() | after.keys())} days of sites would change. "
            f"Compared up to {until:%Y-%m-%d %H:%M} UTC; later visits may still go on. "
            "Nothing was changed."
        )

    def _status(self) -> None:
        generations = self._registry.generations()
        active = self._registry.active()
        table = Table(pad_edge=False)
        for name in ("generation", "state", "made (UTC)"):
            table.add_column(name)
        for name in ("hit rows", "visit rows", "ledger rows", "MB on disk"):
            table.add_column(name, justify="right")
        table.add_column("checksum", no_wrap=True)
        for each in generations:
            made = dt.datetime.fromtimestamp(each.made_s, dt.UTC)
            when = f"{made:%Y-%m-%d %H:%M}" if each.made_s else "with the installation"
            state = "served" if each.number == active.number else each.state.value
            if each.state != State.READY:  # nothing, or not all of it
                table.add_row(str(each.number), state, when, style="dim")
                continue
            content = self._registry.content(each)
            table.add_row(
                str(each.number), state, when,
                *(f"{rows:,}" for rows in content.rows.values()),
                f"{content.disk_bytes / 2**20:,.1f}", content.checksum,
                style="bold" if each.number == active.number else "",
            )  # fmt: skip
        self._console.print(table)
        rules = describe(active.rules, site_ids(self._settings.redis_url))
        self._console.print(f"Rules of generation {active.number}:\n{rules}", markup=False)
