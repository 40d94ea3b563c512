"""Runs the tasks; called by `./inv`."""

import shlex
import sys
from typing import Final

from invoke.program import Program
from rich.table import Table

from deploy.local.progress import console
from deploy.tasks.collection import TASKS

VERSION: Final = "0.1.0"
_NAMED: Final = {"logs": "--name"}  # tasks whose first word may stand without its option


def with_option(arguments: list[str]) -> list[str]:
    """`logs streams` as `logs --name streams`: Invoke knows no optional positional argument.

    Nor lists of files: `import-log` reads its own words, handed on as one.
    """
    words = list(arguments)
    if words[:1] == ["import-log"]:
        return ["import-log", f"--words={shlex.join(words[1:])}"]
    if words[:1] == ["query"] and {"-h", "--help"} & set(words):
        return ["--help", "query"]  # behind it, Invoke takes it for the question
    if words[:1] == ["query"]:
        return ["query", *_as_one(words[1:])]
    if len(words) > 1 and words[0] in _NAMED and not words[1].startswith("-"):
        words.insert(1, _NAMED[words[0]])
    return words


def _as_one(words: list[str]) -> list[str]:
    """A question without quotes is as good: `visitors by source --json`."""
    count = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return [" ".join(words[:count]), *words[count:]] if count else words


class Entrance(Program):
    """Invoke, with a friendlier page for `./inv` alone."""

    def print_help(self) -> None:
        """The tasks with a line each."""
        table = Table(box=None, pad_edge=False, show_header=False)
        for name in TASKS.task_names:
            first_line = (TASKS[name].__doc__ or "").strip().splitlines()[0]
            table.add_row(f"  [bold]./inv {name}[/]", first_line)
        console.print("Pawprint: web analytics whose numbers can be proved.\n")
        console.print(table)
        console.print("\n[dim]./inv TASK --help shows the options of one.[/]")


def main() -> None:
    """Run what the command line asks for."""
    Entrance(name="./inv", namespace=TASKS, version=VERSION).run(
        ["inv", *with_option(sys.argv[1:])]
    )


if __name__ == "__main__":
    main()
