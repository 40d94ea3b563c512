"""`./inv bench`: JSON lines on stdout, the rest on stderr, an exit status that is true."""

import json
from collections.abc import Iterator

import pytest

from deploy.local.errors import StackError
from tests.bench import __main__ as command
from tests.bench.results import Result, at_least, result
from tests.bench.run import Bench, Run


def benches(monkeypatch: pytest.MonkeyPatch, **named: Run) -> None:
    """These and no others, none of which needs a server."""
    monkeypatch.setattr(command, "BENCHES", {"streams": named})
    monkeypatch.setattr(command, "WITHOUT_SERVERS", set(named))


def held(bench: Bench) -> Iterator[Result]:
    yield result("held", bench.of(20, 10), "u", baseline=5, target=at_least(10))
    yield result("reported", 1, "u")


def missed(_bench: Bench) -> Iterator[Result]:
    yield result("missed", 1, "u", target=at_least(10))


def broken(_bench: Bench) -> Iterator[Result]:
    yield result("first", 1, "u", target=at_least(1))
    raise StackError("Kafka did not start")


def test_every_target_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benches(monkeypatch, held=held)
    assert command.main(["streams"]) == 0
    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [each["name"] for each in lines] == ["held", "reported"]
    assert (lines[0]["value"], lines[0]["ratio"], lines[0]["holds"]) == (20, 4, True)
    assert "Every target holds" in said.err


def test_quick_does_less(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benches(monkeypatch, held=held)
    assert command.main(["streams", "--quick"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["value"] == 10


def test_one_target_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benches(monkeypatch, held=held, missed=missed)
    assert command.main(["streams"]) == 1
    assert "A target is missed" in capsys.readouterr().err
    assert command.main(["streams", "--only", "held"]) == 0


def test_a_bench_that_breaks_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benches(monkeypatch, broken=broken)
    assert command.main(["streams"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["name"] == "first", "what was measured is said all the same"
    assert "Kafka did not start" in said.err


def test_a_name_that_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benches(monkeypatch, held=held)
    with pytest.raises(SystemExit) as ended:
        command.main(["streams", "--only", "hold"])
    assert ended.value.code == 2
    assert "no such bench: hold; there are: held" in capsys.readouterr().err
