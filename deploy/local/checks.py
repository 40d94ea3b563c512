"""The sections of `./inv test`: run one after the other, each with a headline and its seconds."""

import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Final, Literal

from rich.console import Console

from deploy.local import builds
from deploy.local.errors import Interrupted, StackError
from deploy.local.progress import console, paper
from deploy.local.settings import ROOT, VENV_BIN
from deploy.local.shell import show

Outcome = Literal["passed", "failed", "skipped"]
Aside = Callable[[IO[str]], Outcome]  # a section that prints into a file
NOTHING_COLLECTED: Final = 5  # pytest's exit status
TEST_SECONDS_MAX: Final = 600  # one test; a hanging one shows where it hangs and fails
PYTHON_FOLDERS: Final = (
    "schemas",
    "collector",
    "aggregates",
    "streams",
    "webapp",
    "deploy",
    "tests",
)


def worst(*outcomes: Outcome) -> Outcome:
    """What sections within another make of it."""
    return "failed" if "failed" in outcomes else "passed"


@dataclass(slots=True)
class Sections:
    """Runs sections and remembers how each ended; one that fails does not end the run."""

    console: Console
    ended: list[tuple[str, Outcome, float]] = field(default_factory=list)
    _printing: Lock = field(default_factory=Lock)

    def run(self, title: str, section: Callable[[], Outcome]) -> Outcome:
        """Run one section under its headline. Raises Interrupted when asked to stop."""
        self.console.rule(f"[bold]{title}", align="left")
        outcome, seconds = self._timed(section)
        self._end(title, outcome, seconds)
        return outcome

    def side_by_side(self, *lanes: Sequence[tuple[str, Aside]]) -> Outcome:
        """Run lanes at once, the sections of each one after the other.

        What a section prints is shown as a whole when it ends. Raises Interrupted.
        """
        with ThreadPoolExecutor(len(lanes)) as pool:
            return worst(*pool.map(self.in_turn, lanes))

    def in_turn(self, sections: Sequence[tuple[str, Aside]]) -> Outcome:
        """One lane; within a section also its parts, each shown as a section of its own."""
        return worst(*[self._aside(title, section) for title, section in sections])

    def _aside(self, title: str, section: Aside) -> Outcome:
        self.console.print(f"{title}: begun", markup=False)
        with TemporaryFile("w+", errors="replace") as output:
            outcome, seconds = self._timed(lambda: section(output))
            output.seek(0)
            with self._printing:
                self.console.rule(f"[bold]{title}", align="left")
                shutil.copyfileobj(output, self.console.file)
                self._end(title, outcome, seconds)
        return outcome

    def _timed(self, section: Callable[[], Outcome]) -> tuple[Outcome, float]:
        """How it ended, and after how many seconds."""
        begun = time.monotonic()
        try:
            outcome = section()
        except Interrupted:
            raise
        except StackError as error:
            self.console.print(str(error), style="red", markup=False)
            outcome = "failed"
        return outcome, time.monotonic() - begun

    def _end(self, title: str, outcome: Outcome, seconds: float) -> None:
        self.console.print(f"{title}: {outcome}, {seconds:.1f} s", markup=False)
        self.ended.append((title, outcome, seconds))

    def summary(self) -> bool:
        """Print how every section ended; True when none failed."""
        self.console.rule("[bold]summary", align="left")
        colours = {"passed": "green", "failed": "red", "skipped": "yellow"}
        for title, outcome, seconds in self.ended:
            self.console.print(f"[{colours[outcome]}]{outcome:<8}[/] {seconds:6.1f} s  {title}")
        return all(outcome != "failed" for _, outcome, _ in self.ended)


@dataclass(frozen=True, slots=True)
class Checks:
    """The commands of the sections, with the environment and pytest's `-k` they share."""

    env: Mapping[str, str]
    expression: str = ""
    output: IO[str] | None = None  # where what they print goes; our own screen without it

    @property
    def screen(self) -> Console:
        """Where we say what goes on, beside what the commands print."""
        return console if self.output is None else paper(self.output)

    def commands(self, *commands: tuple[str, ...]) -> Outcome:
        """All of `commands` from the root, also after one failed."""
        codes = [show(each, cwd=ROOT, env=self.env, output=self.output) for each in commands]
        return "passed" if not any(codes) else "failed"

    def lint(self) -> Outcome:
        """Ruff's rules and format."""
        ruff = str(VENV_BIN / "ruff")
        return self.commands((ruff, "check", "."), (ruff, "format", "--check", "."))

    def types(self) -> Outcome:
        """mypy, strict, over every Python folder."""
        return self.commands((sys.executable, "-m", "mypy", *PYTHON_FOLDERS))

    def scripts(self) -> Outcome:
        """Lint, types and unit tests of both TypeScript packages, as their package.json has them.

        Raises StackError when npm cannot install them.
        """
        npm, codes = str(VENV_BIN / "npm"), []
        for folder in builds.PACKAGES:
            builds.install(folder, self.env)
            for script in ("lint", "typecheck", "test"):
                command = (npm, "run", "--if-present", script)
                codes.append(show(command, cwd=folder, env=self.env, output=self.output))
        return "passed" if not any(codes) else "failed"

    def compiled(self, *paths: str) -> Outcome:
        """pytest over `paths`, with the compiled copy before the sources."""
        first = ("-o", "pythonpath=", "--import-mode=append")
        return self.pytest(*first, *paths)

    def pytest(self, *paths: str, **env: str) -> Outcome:
        """pytest over `paths`, its own closing lines on the screen."""
        selected = ("-k", self.expression) if self.expression else ()
        limit = ("--timeout", str(TEST_SECONDS_MAX))
        command = (sys.executable, "-P", "-m", "pytest", *limit, *paths, *selected)
        code = show(command, cwd=ROOT, env={**self.env, **env}, output=self.output)
        if code == NOTHING_COLLECTED and self.expression:
            return "skipped"
        return "passed" if code == 0 else "failed"

    def selects(self, *paths: str) -> bool:
        """Whether `-k` leaves any test of `paths`; a stack need not start for none."""
        if not self.expression:
            return True
        collect = ("--collect-only", "-qq", "-k", self.expression)
        command = (sys.executable, "-m", "pytest", *collect, *paths)
        return show(command, cwd=ROOT, env=self.env) != NOTHING_COLLECTED
