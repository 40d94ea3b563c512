"""What is set in the environment decides which servers start and where things lie."""

from pathlib import Path

import pytest

from deploy.local import applications, settings
from deploy.local.home import Home
from deploy.local.ports import USUAL
from deploy.local.settings import Settings


def test_without_variables_the_home_is_in_the_checkout_and_no_server_is_given() -> None:
    found = settings.read({})
    assert found == Settings()
    assert found.home == settings.ROOT / ".pawprint"


def test_an_empty_variable_counts_as_unset() -> None:
    assert settings.read({"KAFKA_BROKER": "", "PAWPRINT_HOME": ""}) == Settings()


def test_given_servers_are_used_and_ours_fill_the_rest() -> None:
    given = settings.read({"CLICKHOUSE_URL": "clickhouse://u@db/p", "PAWPRINT_HOME": "/h"})
    found = applications.addresses(Home(Path("/h")), USUAL, given)
    assert found.clickhouse == found.clickhouse_read == "clickhouse://u@db/p"
    assert found.kafka == "127.0.0.1:9092"


def test_our_own_clickhouse_is_read_as_the_reader() -> None:
    found = applications.addresses(Home(Path("/h")), USUAL, Settings())
    assert found.clickhouse_read == "clickhouse://reader@127.0.0.1:9000/pawprint"


def test_the_embedded_database_may_lie_in_a_folder_with_spaces() -> None:
    found = applications.addresses(Home(Path("/my home")), USUAL, Settings())
    assert found.database == "sqlite:////my%20home/data/webapp.sqlite3"


def test_secrets_reach_the_processes_by_environment_only() -> None:
    home = Home(Path("/h"))
    found = applications.addresses(home, USUAL, Settings())
    env = applications.environment(home, USUAL, found, {"DJANGO_SECRET_KEY": "s3cret"})
    assert env["DJANGO_SECRET_KEY"] == "s3cret"
    assert env["PAWPRINT_BASE_URL"] == "http://127.0.0.1:8000"
    for program in applications.programs(home, found):
        assert "s3cret" not in " ".join(program.command)


def test_the_compiled_copy_is_of_these_very_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, venv = tmp_path / "aggregates", tmp_path / ".venv" / "bin"
    (sources / "core").mkdir(parents=True)
    fold = sources / "core" / "fold.py"
    fold.write_text("1")
    monkeypatch.setattr(settings, "COMPILED_FROM", (sources,))
    monkeypatch.setattr(settings, "VENV_BIN", venv)
    copy = settings.compiled_copy()
    copy.mkdir(parents=True)
    assert settings.inherited({})["PYTHONPATH"] == f"{copy}:{settings.ROOT}"
    fold.write_text("2")
    assert settings.inherited({})["PYTHONPATH"] == str(settings.ROOT)
    fold.write_text("1")
    assert settings.inherited({})["PYTHONPATH"] == f"{copy}:{settings.ROOT}"
