"""The command line, and how long things took."""

import pytest

from deploy.local.report import duration, without_password
from deploy.tasks.__main__ import with_option


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        (["logs"], ["logs"]),
        (["logs", "streams"], ["logs", "--name", "streams"]),
        (["logs", "streams", "--follow"], ["logs", "--name", "streams", "--follow"]),
        (["logs", "--follow"], ["logs", "--follow"]),
        (["test", "-k", "x"], ["test", "-k", "x"]),
        ([], []),
    ],
)
def test_the_name_of_a_log_may_stand_without_its_option(
    typed: list[str], understood: list[str]
) -> None:
    assert with_option(typed) == understood


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7620, "2 h 7 min")],
)
def test_durations_are_said_as_people_say_them(seconds: int, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://:s3cret@h:6379/0", "redis://:...@h:6379/0"),
        ("clickhouse://u:s3:cret@h:9000/p", "clickhouse://u:...@h:9000/p"),
        ("clickhouse://u@h:9000/p", "clickhouse://u@h:9000/p"),
        ("h:9092", "h:9092"),
    ],
)
def test_a_password_is_not_shown(address: str, shown: str) -> None:
    assert without_password(address) == shown
