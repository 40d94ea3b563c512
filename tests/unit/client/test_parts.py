"""Filters, waits, the generated twin, and the package as it is installed."""

import ast
import datetime as dt
import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.vocabulary import DIMENSIONS
from pawprint_client import Retries, Unavailable, differs, equals, literal
from pawprint_client.errors import retry_after_s
from pawprint_client.parameters import asked
from webapp.stats.filters import parse_filters

FOLDER = Path(__file__).parents[3] / "webapp" / "client"
SOURCES = sorted((FOLDER / "src" / "pawprint_client").glob("*.py"))
NOW = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4), st.booleans())
def test_the_server_reads_filters_as_they_were_meant(texts: list[str], negated: bool) -> None:
    """Values with every special character, the way the server's own parser takes them."""
    make = differs if negated else equals
    text = make("event:page", *(literal(each) for each in texts))
    (found,) = parse_filters(f"{text};{equals('visit:country', 'DE')}")[:1]
    assert isinstance(found, Filter)
    assert found.dimension == DIMENSIONS["event:page"]
    assert found.negated == negated
    assert [_plain(value) for value in found.values] == texts


def _plain(value: str) -> str:
    r"""What a pattern without a star stands for: `\*` is a star, `\\` a backslash."""
    return value.replace("\\*", "*").replace("\\\\", "\\")


def test_a_star_stands_for_any_characters_unless_it_is_literal() -> None:
    assert equals("event:page", "/blog/*", literal("/2*2")) == r"event:page==/blog/*|/2\*2"
    with pytest.raises(ValueError, match="visit:source"):
        equals("visit:source")


def test_filters_hold_at_once() -> None:
    filters = [equals("visit:country", "DE", "AT"), differs("event:page", "/a;b")]
    assert asked("a.example", filters=filters) == {
        "site_id": "a.example",
        "dialect": "pawprint",
        "filters": r"visit:country==DE|AT;event:page!=/a\;b",
    }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("Tue, 24 Nov 2026 10:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_both_forms_of_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after_s(httpx.Response(503, headers={"Retry-After": text}), NOW) == seconds


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_are_bounded(attempt: int, drawn: float) -> None:
    wait_s = Retries(attempts=20_000).wait_s(Unavailable("x"), attempt, None, drawn)
    assert wait_s is not None
    assert 0 <= wait_s <= 30


def test_the_modules_are_those_made_from_their_twins() -> None:
    spec = importlib.util.spec_from_file_location("generate", FOLDER / "generate.py")
    assert spec is not None and spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    by_name = {path.name: path.read_text() for path in SOURCES}
    assert set(generate.MADE_FROM.values()) == {name for name in by_name if "aio" in name}
    for made, source in generate.MADE_FROM.items():
        assert generate.generated(by_name[source]) == by_name[made]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_python_3_9_can_read_it(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 9))
    used = {name for node in ast.walk(tree) for name in _imported(node)}
    assert used <= sys.stdlib_module_names | {"httpx", "pawprint_client", "pandas", "polars"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module.split(".")[0]]
    return [name.name.split(".")[0] for name in node.names] if isinstance(node, ast.Import) else []


def test_the_wheel_works_on_its_own(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "uv", "build", "--offline", "--wheel")
    subprocess.run([*command, "--out-dir", tmp_path, FOLDER], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("pawprint_client-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        metadata = next(name for name in names if name.endswith("/METADATA"))
        required = packed.read(metadata).decode()
        packed.extractall(tmp_path / "installed")
    assert "pawprint_client/py.typed" in names
    assert {name for name in names if name.endswith(".py")} == {
        f"pawprint_client/{path.name}" for path in SOURCES
    }
    for line in ("Requires-Python: >=3.9", "Requires-Dist: httpx>=0.27,<1"):
        assert line in required
    uses = "import pawprint_client as p; print(p.__file__, p.Pawprint('https://a.b', 'k'))"
    done = subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", "-c", uses],
        env={"PYTHONPATH": str(tmp_path / "installed")},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert str(tmp_path / "installed") in done.stdout
    assert "Pawprint('https://a.b')" in done.stdout


def test_the_version_is_said_once() -> None:
    import pawprint_client

    text = (FOLDER / "pyproject.toml").read_text()
    assert f'version = "{pawprint_client.__version__}"' in text
