"""`./inv test`: everything that can be proved on this machine."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import builds, packages, requirements, settings
from deploy.local.checks import Aside, Checks, Outcome, Sections, worst
from deploy.local.errors import Interrupted
from deploy.local.progress import Steps, console
from deploy.local.shell import show
from deploy.local.stack import install
from deploy.local.testing import servers, whole_stack, without_servers
from deploy.tasks import chaos, simulating
from deploy.tasks.compiling import ensure_compiled
from deploy.tasks.running import INTERRUPTED_STATUS, listen, told

SIMULATED_SEEDS: Final = 300
CHAOS_SEED: Final = 1
CHAOS_MINUTES: Final = 3.0
COMPILED: Final = ("tests/unit/aggregates/core", "tests/unit/collector")

Lane = list[tuple[str, Callable[[Checks], Outcome]]]


def _build(env: dict[str, str]) -> Outcome:
    for folder in builds.PACKAGES:
        builds.build(folder, env)
    return "passed"


def _aside(checks: Checks, section: Callable[[Checks], Outcome]) -> Aside:
    """`section` of checks that print into a file."""
    return lambda output: section(replace(checks, output=output))


def _on_servers(sections: Sections, checks: Checks) -> None:
    """Contract, integration and web tests against private servers.

    In two lanes, each with servers of its own: integration tests mostly wait, the others compute.
    """
    if not checks.selects("tests/contract", "tests/integration", "tests/web"):
        return
    home = settings.ROOT / ".pawprint"

    def tests(*paths: str, **env: str) -> Aside:
        return _aside(checks, lambda aside: aside.pytest(*paths, **env))

    def section() -> Outcome:
        with servers(home / "test") as given, servers(home / "test-beside") as beside:
            postgres = {**beside, "DATABASE_URL": beside["TEST_DATABASE_URL"]}
            return sections.side_by_side(
                [("integration tests", tests("tests/integration", **given))],
                [
                    ("contract tests", tests("tests/contract", **beside)),
                    ("web tests on SQLite", tests("tests/web", **beside)),
                    (
                        "web tests on PostgreSQL",
                        tests("tests/web", "-m", "not any_database", **postgres),
                    ),
                ],
            )

    sections.run("servers for the tests", section)


def _on_whole_stack(sections: Sections, checks: Checks) -> None:
    """System tests, the proof, then browser tests, against what `./inv up` starts."""
    if not checks.selects("tests/system", "tests/browser"):
        return
    home = settings.ROOT / ".pawprint" / "test-stack"

    def section() -> Outcome:
        with Steps() as steps:
            install(packages.missing([packages.CHROMIUM]), checks.env, steps)
        with whole_stack(home, checks.env) as given:
            verify = (str(settings.ROOT / "inv"), "verify")
            env = {**checks.env, **given}
            return worst(
                sections.run("system tests", lambda: checks.pytest("tests/system", **given)),
                sections.run(
                    "./inv verify",
                    lambda: "failed" if show(verify, cwd=settings.ROOT, env=env) else "passed",
                ),
                # Last: what a browser sends is not in the log that was counted.
                sections.run("browser tests", lambda: checks.pytest("tests/browser", **given)),
            )

    sections.run("the whole stack", section)


def _simulation(checks: Checks) -> Outcome:
    """Faults by seed, then the code broken on purpose."""
    return checks.commands(
        simulating.command("--seeds", str(SIMULATED_SEEDS)), simulating.command("--mutations")
    )


def _chaos(sections: Sections, checks: Checks) -> None:
    """Every kind of fault once, on a stack of its own."""
    command = chaos.command(CHAOS_SEED, CHAOS_MINUTES, "")
    sections.run("chaos", lambda: checks.commands(command))


def _without_servers(sections: Sections, checks: Checks, env: dict[str, str], fast: bool) -> None:
    """In two lanes: unit tests take as long as all others together."""
    house = sorted(map(str, (settings.ROOT / "tests").glob("test_*.py")))  # the house's own rules
    units: Lane = [("unit tests", lambda checks: checks.pytest("tests/unit", *house))]
    others: Lane = []
    if not checks.expression:
        others.append(("types", Checks.types))
    if not checks.expression and not fast:
        others.append(("TypeScript", Checks.scripts))
        # The web tests look at the built pages.
        others.append(("front-end build", lambda _: _build(env)))
        others.append(("simulation", _simulation))
    if checks.selects(*COMPILED) and settings.compiled_copy().is_dir():
        others.append(("unit tests, compiled", lambda checks: checks.compiled(*COMPILED)))
    if checks.expression:  # one after the other, on the screen as they go
        for title, section in (*units, *others):
            sections.run(title, partial(section, checks))
    else:
        sections.side_by_side(
            *(
                [(title, _aside(checks, section)) for title, section in lane]
                for lane in (units, others)
            )
        )


def _all(sections: Sections, checks: Checks, env: dict[str, str], fast: bool) -> None:
    if not checks.expression:
        sections.run("lint", checks.lint)
    _without_servers(sections, checks, env, fast)
    if not fast:
        _on_servers(sections, checks)
        _on_whole_stack(sections, checks)
        if not checks.expression:
            _chaos(sections, checks)


@task(
    help={
        "k": "only tests that match, as pytest's -k; lint and types are left out",
        "fast": "the inner loop: lint, types and unit tests",
    }
)
def test(_context: Context, k: str = "", fast: bool = False) -> None:
    """Prove everything: lint, types, and every kind of test on real servers."""
    listen()
    begun = time.monotonic()
    env = without_servers(settings.inherited())
    sections = Sections(console)
    try:
        with told(), Steps() as steps:
            requirements.ensure_dev(env, steps)
            if not fast and not k:
                ensure_compiled(env, steps)  # what the tests start runs it
                env = without_servers(settings.inherited())
        _all(sections, Checks(env, k), env, fast)
    except Interrupted:
        console.print("\nInterrupted; everything is stopped.")
        raise Exit(code=INTERRUPTED_STATUS) from None
    good = sections.summary()
    console.print(f"{'All passed' if good else 'FAILED'} in {time.monotonic() - begun:.0f} s")
    if not good:
        raise Exit(code=1)
