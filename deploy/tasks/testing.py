"""`./inv test`: everything that can be proved on this machine."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import builds, compiled, packages, requirements, settings
from deploy.local.checks import Aside, Checks, Outcome, Sections
from deploy.local.errors import Interrupted
from deploy.local.progress import Steps, console
from deploy.local.servers import kafka
from deploy.local.shell import side_by_side
from deploy.local.stack import install
from deploy.local.testing import servers, whole_stack, without_servers
from deploy.tasks import chaos, simulating
from deploy.tasks.compiling import ensure_compiled
from deploy.tasks.running import INTERRUPTED_STATUS, listen, told

SIMULATED_SEEDS: Final = 300
CHAOS_SEED: Final = 1
CHAOS_MINUTES: Final = 3.0
COMPILED: Final = ("tests/unit/aggregates/core", "tests/unit/collector")

# Waits in the others' favour: of two processes that compute, one that looks at the clock gets three
# times as much of a core.
PATIENT_NICENESS: Final = 5
# Of the stacks that the lanes start.
HOMES: Final = tuple(
    settings.ROOT / ".pawprint" / name for name in ("test", "test-beside", "test-stack")
)
INTEGRATION, CONTRACT_AND_WEB, WHOLE = HOMES
NEEDS: Final = (
    packages.JAVA, packages.REDIS, packages.CLICKHOUSE, packages.POSTGRES, packages.CHROMIUM,
)  # fmt: skip

Section = Callable[[Checks], Outcome]
Lane = list[tuple[str, Section]]


def _env() -> dict[str, str]:
    """Of what the sections start; it knows the compiled copy once that is made."""
    return without_servers(settings.inherited())


def _asides(checks: Checks, lane: Lane) -> list[tuple[str, Aside]]:
    """The sections of `lane` with checks that print into a file."""

    def aside(section: Section) -> Aside:
        return lambda output: section(replace(checks, output=output, env=_env()))

    return [(title, aside(section)) for title, section in lane]


def _tests(*paths: str, **env: str) -> Section:
    return lambda checks: checks.pytest(*paths, **env)


def _compile(checks: Checks) -> Outcome:
    with Steps(checks.screen) as steps:
        ensure_compiled(checks.env, steps)
    return "passed"


def _build(checks: Checks) -> Outcome:
    for folder in builds.PACKAGES:
        builds.build(folder, checks.env)
    return "passed"


def _compiled_units(checks: Checks) -> Outcome:
    if not settings.compiled_copy().is_dir() or not checks.selects(*COMPILED):
        return "skipped"
    return checks.compiled(*COMPILED)


def _simulation(checks: Checks) -> Outcome:
    """Faults by seed, then the code broken on purpose."""
    return checks.commands(
        simulating.command("--seeds", str(SIMULATED_SEEDS)), simulating.command("--mutations")
    )


def _without_servers(sections: Sections, checks: Checks, fast: bool) -> None:
    """In two lanes: unit tests take as long as all others together."""
    house = sorted(map(str, (settings.ROOT / "tests").glob("test_*.py")))  # the house's own rules
    units: Lane = [("unit tests", _tests("tests/unit", *house))]
    others: Lane = []
    if not checks.expression and not fast:
        others.append(("compiling", _compile))  # what the tests start runs it
    if not checks.expression:
        others.append(("types", Checks.types))
    if not checks.expression and not fast:
        others.append(("TypeScript", Checks.scripts))
        # The web tests look at the built pages.
        others.append(("front-end build", _build))
        others.append(("simulation", _simulation))
    others.append(("unit tests, compiled", _compiled_units))
    if checks.expression:  # one after the other, on the screen as they go
        for title, section in (*units, *others):
            sections.run(title, partial(section, checks))
    else:
        sections.side_by_side(*(_asides(checks, lane) for lane in (units, others)))


def _integration(checks: Checks) -> Outcome:
    with servers(INTEGRATION, checks.screen) as given:
        return checks.pytest("tests/integration", **given)


def _contract_and_web(sections: Sections, checks: Checks) -> Outcome:
    # Of this thread, and so of all it starts.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), PATIENT_NICENESS)
    with servers(CONTRACT_AND_WEB, checks.screen) as given:
        postgres = {**given, "DATABASE_URL": given["TEST_DATABASE_URL"]}
        lane: Lane = [
            ("contract tests", _tests("tests/contract", **given)),
            ("web tests on SQLite", _tests("tests/web", **given)),
            (
                "web tests on PostgreSQL",
                _tests("tests/web", "-m", "not any_database", **postgres),
            ),
        ]
        return sections.in_turn(_asides(checks, lane))


def _whole_stack(sections: Sections, checks: Checks) -> Outcome:
    """System tests, the proof, then browser tests, against what `./inv up` starts."""
    with Steps(checks.screen) as steps:
        install(packages.missing([packages.CHROMIUM]), checks.env, steps)
    with whole_stack(WHOLE, checks.env, checks.screen) as given:

        def verify(checks: Checks) -> Outcome:
            env = {**checks.env, **given}
            return replace(checks, env=env).commands((str(settings.ROOT / "inv"), "verify"))

        lane: Lane = [
            ("system tests", _tests("tests/system", **given)),
            ("./inv verify", verify),
            # Last: what a browser sends is not in the log that was counted.
            ("browser tests", _tests("tests/browser", **given)),
        ]
        return sections.in_turn(_asides(checks, lane))


def _chaos(checks: Checks) -> Outcome:
    """Every kind of fault once, on a stack of its own."""
    return checks.commands(chaos.command(CHAOS_SEED, CHAOS_MINUTES, ""))


def _on_servers(sections: Sections, checks: Checks) -> None:
    """In lanes, each with servers of its own: some mostly wait, others compute."""
    lanes: list[Lane] = []
    if checks.selects("tests/integration"):
        lanes.append([("integration tests", _integration)])
    if checks.selects("tests/contract", "tests/web"):
        lanes.append([("contract and web tests", partial(_contract_and_web, sections))])
    if checks.selects("tests/system", "tests/browser"):
        lanes.append([("the whole stack", partial(_whole_stack, sections))])
        if not checks.expression:
            lanes[-1].append(("chaos", _chaos))
    if lanes:
        sections.side_by_side(*(_asides(checks, lane) for lane in lanes))


def _get_ready(fast: bool, k: str) -> None:
    """What the sections need of this machine; apt and pip side by side."""
    env = settings.inherited()
    with told(), Steps() as steps:

        def debian() -> None:
            if not fast and not k:
                has_jars = all(kafka.jars(each).exists() for each in HOMES)
                wanted = NEEDS if has_jars else (*NEEDS, packages.MAVEN)
                install([*packages.missing(wanted), *compiled.missing()], env, steps)

        side_by_side(debian, lambda: requirements.ensure_dev(env, steps))


def _all(sections: Sections, checks: Checks, fast: bool) -> None:
    if not checks.expression:
        sections.run("lint", checks.lint)
    _without_servers(sections, checks, fast)
    if not fast:
        _on_servers(sections, checks)


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
    sections = Sections(console)
    try:
        _get_ready(fast, k)
        _all(sections, Checks(_env(), k), fast)
    except Interrupted:
        console.print("\nInterrupted; everything is stopped.")
        raise Exit(code=INTERRUPTED_STATUS) from None
    good = sections.summary()
    console.print(f"{'All passed' if good else 'FAILED'} in {time.monotonic() - begun:.0f} s")
    if not good:
        raise Exit(code=1)
