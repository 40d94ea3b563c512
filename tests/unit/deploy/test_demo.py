"""One home plays one log."""

from pathlib import Path

import pytest

from deploy.local import demo
from deploy.local.errors import StackError
from deploy.local.home import Home, write_private


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.make()
    return made


@pytest.fixture
def log(tmp_path: Path) -> Path:
    written = tmp_path / "access.log"
    written.write_text("a line\n")
    return written


def played(home: Home, log: Path) -> demo.Played:
    """As if `log` had begun to play."""
    chosen = demo.choose_log(home, log, {})
    demo.remember(home, chosen)
    return chosen


def test_a_given_log_is_remembered(home: Home, log: Path) -> None:
    chosen = played(home, log)
    assert (chosen.log, chosen.generated) == (str(log), False)
    assert demo.choose_log(home, None, {}) == chosen


def test_a_start_that_failed_before_playing_binds_to_nothing(home: Home, log: Path) -> None:
    demo.choose_log(home, log, {})
    other = log.with_name("other.log")
    other.write_text("another line\n")
    assert demo.choose_log(home, other, {}).log == str(other)


def test_the_same_log_under_another_name_is_the_same(home: Home, log: Path) -> None:
    chosen = played(home, log)
    copy = log.with_name("copy.log")
    copy.write_bytes(log.read_bytes())
    assert demo.choose_log(home, copy, {}) == chosen


def test_another_log_needs_another_home(home: Home, log: Path) -> None:
    played(home, log)
    other = log.with_name("other.log")
    other.write_text("another line\n")
    with pytest.raises(StackError, match="PAWPRINT_HOME"):
        demo.choose_log(home, other, {})


def test_a_log_that_is_gone_is_said_so(home: Home, log: Path) -> None:
    played(home, log)
    log.unlink()
    with pytest.raises(StackError, match="gone"):
        demo.choose_log(home, None, {})


def test_a_home_keeps_its_domain(home: Home) -> None:
    assert demo.choose_domain(home, "") == demo.DOMAIN
    assert demo.choose_domain(home, "example.com") == "example.com"
    write_private(home.demo, '{"domain": "example.com"}')
    assert demo.choose_domain(home, "") == "example.com"
    assert demo.choose_domain(home, "example.com") == "example.com"
    with pytest.raises(StackError, match="already measures"):
        demo.choose_domain(home, "other.example")
