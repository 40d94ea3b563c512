"""The house rules: who may import whom, how long things may grow, what must be documented."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("schemas", "collector", "aggregates", "streams", "webapp", "deploy")
REFERENCE = ROOT / "deploy" / "docs" / "reference.md"

MAY_IMPORT = {
    "schemas": set(),
    "collector": {"schemas"},
    "aggregates": {"schemas"},
    "streams": {"aggregates", "schemas"},
    "webapp": {"aggregates", "schemas"},
    "deploy": set(),
}
# Third-party packages that belong to one place: package -> where it may be imported.
HOME_OF = {
    "faust": ("streams/",),
    "mode": ("streams/",),
    "django": ("webapp/",),
    "rest_framework": ("webapp/",),
    "celery": ("webapp/",),
    "granian": ("collector/", "webapp/"),
    "clickhouse_driver": ("aggregates/clickhouse/", "deploy/local/health.py"),
    "clickhouse_migrations": ("aggregates/clickhouse/",),
    "redis": ("aggregates/redis/", "collector/", "streams/", "webapp/", "deploy/"),
    "aiokafka": ("collector/", "streams/", "webapp/"),
    "iptocc": ("collector/", "deploy/demo/"),
    "ua_parser": ("collector/",),
}
# msgspec is data only: structs and their bytes, no I/O (deploy/adr/0002-wire-format.md). What
# mypy_extensions marks only the compiler reads (deploy/adr/0007-speed-of-the-fold.md).
CORE_MAY_IMPORT = sys.stdlib_module_names | {
    "schemas", "aggregates", "msgspec", "mypy_extensions",
}  # fmt: skip
CORE_MAY_NOT = {"asyncio", "logging", "time", "datetime", "socket", "os", "random", "threading"}
ENVIRONMENT_READERS = re.compile(r"(^|/)(settings|env)\.py$")

PYTHON_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
AGENT_LINES_MAX = 40
TYPESCRIPT_LINES_MAX = 400


def python_files(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts and "migrations" not in path.parts
    )


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


CODE = python_files(*FOLDERS)
ALL_PYTHON = python_files(*FOLDERS, "tests")


@pytest.mark.parametrize("path", CODE, ids=short)
def test_arrows_point_one_way(path: Path) -> None:
    folder = short(path).split("/")[0]
    ours = {name.split(".")[0] for name in imports(path)} & set(FOLDERS)
    assert ours <= MAY_IMPORT[folder] | {folder}


@pytest.mark.parametrize("path", CODE, ids=short)
def test_packages_stay_at_home(path: Path) -> None:
    for name in {name.split(".")[0] for name in imports(path)} & set(HOME_OF):
        assert short(path).startswith(HOME_OF[name]), f"{name} belongs to {HOME_OF[name]}"


@pytest.mark.parametrize("path", python_files("aggregates/core"), ids=short)
def test_the_core_is_pure(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)}
    assert used <= CORE_MAY_IMPORT - CORE_MAY_NOT
    assert "async def" not in path.read_text()
    assert not [
        name
        for name in imports(path)
        if name.startswith("aggregates.") and not name.startswith("aggregates.core")
    ]


def test_the_protocol_is_free_of_faust() -> None:
    """The simulation drives it; what it needs of the world it takes as ports."""
    modules = [short(path)[:-3].replace("/", ".") for path in python_files("streams/protocol")]
    loads = f"import sys, {', '.join(modules)}; print('faust' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout == "False\n", answer.stderr


def test_system_tests_import_no_project_code() -> None:
    for path in python_files("tests/system"):
        used = {name.split(".")[0] for name in imports(path)}
        assert not used & set(FOLDERS), short(path)


@pytest.mark.parametrize("path", ALL_PYTHON, ids=short)
def test_sizes(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= PYTHON_LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


def test_agents_are_plumbing() -> None:
    """One agent a file, and short."""
    for path in python_files("streams/agents"):
        agents = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.AsyncFunctionDef)
            and any("app.agent" in ast.unparse(each) for each in node.decorator_list)
        ]
        assert len(agents) <= 1, short(path)
        for agent in agents:
            assert (agent.end_lineno or 0) - agent.lineno < AGENT_LINES_MAX


def test_typescript_files_stay_short() -> None:
    for folder in ("webapp/frontend/src", "collector/script/src"):
        for path in [*(ROOT / folder).rglob("*.ts"), *(ROOT / folder).rglob("*.tsx")]:
            text = path.read_text()
            if "auto-generated" not in text[:100]:
                assert len(text.splitlines()) <= TYPESCRIPT_LINES_MAX, short(path)


@pytest.mark.parametrize("path", [p for p in CODE if "deploy" not in p.parts], ids=short)
def test_only_settings_read_the_environment(path: Path) -> None:
    """`deploy` is left out: it starts the others and hands its own environment on."""
    if not ENVIRONMENT_READERS.search(short(path)):
        text = path.read_text()
        assert "os.environ[" not in text and "os.environ.get" not in text
        assert "getenv(" not in text


def _named(pattern: str, *files: Path) -> set[str]:
    return {name for path in files for name in re.findall(pattern, path.read_text())}


def test_every_setting_is_documented() -> None:
    readers = [path for path in CODE if ENVIRONMENT_READERS.search(short(path))]
    names = _named(
        r'"((?:PAWPRINT|DJANGO|KAFKA|REDIS|CLICKHOUSE|DATABASE|POSTMARK)_[A-Z_]+)"', *readers
    )
    names -= {"DJANGO_SETTINGS_MODULE"}  # Django's own
    assert len(names) > 10
    assert sorted(name for name in names if f"`{name}`" not in REFERENCE.read_text()) == []


def test_every_metric_is_registered_once_and_documented() -> None:
    names = _named(r'"(pawprint_[a-z_]+)"', *[p for p in CODE if p.name == "metrics.py"])
    assert len(names) > 10
    assert sorted(name for name in names if f"`{name}`" not in REFERENCE.read_text()) == []
    for path in CODE:
        if path.name != "metrics.py":
            made = _named(r"from prometheus_client import .*\b(Counter|Gauge|Histogram)\b", path)
            assert not made, short(path)


def test_every_topic_reason_and_task_is_documented() -> None:
    from schemas.drop_reasons import DropReason
    from schemas.topics import TOPICS

    text = REFERENCE.read_text()
    assert [topic.name for topic in TOPICS if f"`{topic.name}`" not in text] == []
    assert [reason.value for reason in DropReason if f"`{reason.value}`" not in text] == []
    words = (ROOT / "webapp/frontend/src/lib/ledger.ts").read_text()
    assert [reason.value for reason in DropReason if f"\n  {reason.value}: " not in words] == []


def test_locks_name_no_registry() -> None:
    for path in (ROOT / "deploy" / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|index-url", path.read_text()), short(path)
    for folder in (
        "webapp/frontend",
        "collector/script",
        "tests/integration/webapp/plausible_client",
    ):
        path = ROOT / folder / "package-lock.json"
        if path.exists():
            assert '"resolved"' not in path.read_text(), short(path)


def test_the_architecture_names_files_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for line in text.splitlines():
        folder = ""
        for name in re.findall(r"`([\w./]+)`", line):
            if "/" in name and not name.startswith("./"):
                folder = name if name.endswith("/") else name.rsplit("/", 1)[0] + "/"
                assert (ROOT / name).exists(), name
            elif name.endswith(".py") and folder:
                assert (ROOT / folder / name).exists(), f"{folder}{name}"
