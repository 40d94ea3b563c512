"""Ports: usual, free, remembered."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.errors import StackError


def test_the_usual_ports_are_chosen_when_all_are_free() -> None:
    assert ports.choose({}, is_free=lambda _port: True) == dict(ports.USUAL)


def test_a_taken_port_gives_way_to_its_neighbour_with_the_same_last_digits() -> None:
    chosen = ports.choose({}, is_free=lambda port: port not in {8000, 8100})
    assert chosen["webapp"] == 8200
    assert chosen["collector"] == 8001


def test_a_remembered_port_is_kept_while_it_is_free() -> None:
    assert ports.choose({"kafka": 19092}, is_free=lambda _port: True)["kafka"] == 19092


def test_a_remembered_port_taken_by_somebody_else_is_chosen_anew() -> None:
    chosen = ports.choose({"kafka": 19092}, is_free=lambda port: port != 19092)
    assert chosen["kafka"] == ports.USUAL["kafka"]


def test_two_names_never_share_a_port() -> None:
    remembered = {"webapp": 9092}  # what kafka would take
    chosen = ports.choose(remembered, is_free=lambda _port: True)
    assert len(set(chosen.values())) == len(chosen)
    assert chosen["kafka"] == 9192


def test_no_free_port_at_all_is_an_error_that_names_the_process() -> None:
    with pytest.raises(StackError, match="webapp"):
        ports.choose({}, is_free=lambda _port: False)


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert not ports.is_free(server.getsockname()[1])


def test_a_choice_survives_in_its_file_and_a_torn_file_is_chosen_anew(tmp_path: Path) -> None:
    kept = tmp_path / "ports.json"
    first = ports.remember(kept)
    assert ports.remember(kept) == first == json.loads(kept.read_text())
    kept.write_text('{"webapp": 80')
    assert set(ports.remember(kept)) == set(ports.USUAL)


def test_two_stacks_that_choose_before_their_servers_listen_get_other_ports(
    tmp_path: Path,
) -> None:
    first = ports.remember(tmp_path / "a.json")
    second = ports.remember(tmp_path / "b.json")
    assert not set(first.values()) & set(second.values())
    assert ports.remember(tmp_path / "a.json") == first


def test_a_port_is_promised_machine_wide(tmp_path: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    code = f"from deploy.local.ports import promise; print(promise({port}, None))"

    def another_process() -> str:
        command = (sys.executable, "-c", code)
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert another_process() == "True"
    assert ports.promise(port, tmp_path), "it ended, and its promise with it"
    assert another_process() == "False"
    assert ports.promise(port, tmp_path)
    assert not ports.promise(port, tmp_path / "another")


def test_a_port_that_is_taken_is_promised_to_nobody(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not ports.promise(port, tmp_path)
    assert ports.promise(port, tmp_path / "another")
