"""What a worker knows of the served generation when ClickHouse does not answer."""

from pathlib import Path

import pytest

from aggregates.clickhouse import generations
from aggregates.clickhouse.generations import Generation, State
from aggregates.protocols import StoreUnavailable
from streams import serving
from streams.serving import FILE_NAME, Served, find_generation
from streams.settings import Settings

SECOND = Generation(2, state=State.READY, activation=2, version=3)


def settings(folder: Path) -> Settings:
    """Nothing listens at that address."""
    return Settings(clickhouse_url="clickhouse://127.0.0.1:1/pawprint", data_dir=folder)


async def test_the_last_answer_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(serving, "list_generations", lambda _: [Generation(1), SECOND])
        assert await find_generation(settings(tmp_path)) == SECOND
    assert await find_generation(settings(tmp_path)) == SECOND
    assert Served(settings(tmp_path)).remembered() == SECOND


def test_no_answer_is_no_generation(tmp_path: Path) -> None:
    served = Served(settings(tmp_path))
    with pytest.raises(StoreUnavailable):
        served.ask()
    assert served.remembered() is None
    (tmp_path / FILE_NAME).write_bytes(b"{")
    assert served.remembered() is None


def test_where_nothing_was_written_the_first_is_served() -> None:
    assert generations.active_of([]) == Generation(1)
