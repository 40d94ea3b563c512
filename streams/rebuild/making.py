"""A generation made beside the running system: begun, folded, finished, or removed again."""

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka.errors import KafkaError
from rich.console import Console

from aggregates.clickhouse.expiry import Cutoffs
from aggregates.clickhouse.generations import Generation, State
from aggregates.clickhouse.registry import Registry
from schemas.rules import Rules
from streams.rebuild.crew import Crew, RebuildFailed, shares
from streams.rebuild.display import Display
from streams.rebuild.folding import Report, Task
from streams.rebuild.log import whole_log
from streams.rebuild.snapshots import delete_snapshots
from streams.settings import Settings

POLL_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Maker:
    """What making a generation needs. One at a time: the caller holds the lease."""

    settings: Settings
    registry: Registry
    console: Console
    processes: int

    @contextmanager
    def new(self, rules: Rules) -> Iterator[Generation]:
        """A new generation; one that the block does not finish is removed at its end."""
        made = self.registry.begin(rules)
        try:
            self._delete_snapshots(made)  # of an installation that was here before
            yield made
        finally:
            found = self.registry.find(made.number)
            if found is not None and found.state == State.BUILDING:
                with _undisturbed():
                    self.remove(found)

    def fold(self, generation: Generation, cutoffs: Cutoffs, save: bool) -> Report:
        """Fold the whole log into it and write every row; with `save` also the snapshots.

        Rows of before `cutoffs` are not written. Raises `LogUnusable`, `RebuildFailed`.
        """
        partitions = sorted(asyncio.run(whole_log(self.settings.kafka_broker)))
        tasks = [
            Task(
                broker=self.settings.kafka_broker,
                clickhouse_url=self.registry.url_of(generation.number),
                generation=generation.number,
                rules=generation.rules,
                partitions=share,
                cutoffs=cutoffs,
                save=save,
            )
            for share in shares(partitions, self.processes)
        ]
        title = f"generation {generation.number}"
        with Display(self.console, title) as display:
            total = _run(tasks, title, display)
        seconds = display.seconds
        self.console.print(
            f"{total.records:,} records, {total.hits:,} hits folded in {seconds:.1f} s: "
            f"{total.hits / seconds:,.0f} hits/s by {len(tasks)} processes, {total.rows:,} rows"
        )
        return total

    def remove(self, generation: Generation) -> None:
        """Its rows, its database, its snapshots. Safe to repeat. Raises `RebuildFailed`."""
        self.registry.drop(generation)
        self._delete_snapshots(generation)

    def _delete_snapshots(self, generation: Generation) -> None:
        try:
            asyncio.run(delete_snapshots(self.settings.kafka_broker, generation.number))
        except KafkaError as error:
            raise RebuildFailed(
                f"the snapshots of generation {generation.number} could not be deleted: {error!r}; "
                f"`--drop {generation.number}` tries again"
            ) from error

    def clean_up(self) -> None:
        """Remove what killed rebuilds left."""
        for each in self.registry.generations():
            if each.state == State.BUILDING:
                self.console.print(
                    f"Generation {each.number}, left by a rebuild that was killed, is removed."
                )
                self.remove(each)


def _run(tasks: Sequence[Task], title: str, display: Display) -> Report:
    with Crew(tasks) as crew:
        while not crew.caught_up:
            crew.listen(POLL_S)
            display.show(crew.total)
        crew.finish()
        while not crew.done:
            crew.listen(POLL_S)
            display.show(crew.total, f"{title}: the last rows")
        return crew.total


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not interrupt cleaning up after the first."""
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
