"""The ports of a chaos run."""

import socket

from deploy.local.ports import USUAL, is_free
from tests.chaos.ports import RANGE, Ports


def test_each_is_free_and_given_once() -> None:
    ports = Ports()
    taken = [*ports.of_stack().values(), *(ports.take() for _ in range(20))]
    assert len(set(taken)) == len(USUAL) + 20
    assert all(port in RANGE and is_free(port) for port in taken)


def test_one_somebody_listens_on_is_passed_over() -> None:
    ports = Ports()
    with socket.create_server(("127.0.0.1", ports.take())) as busy:
        port = busy.getsockname()[1]
        ports._left.append(port)
        assert ports.take() != port


def test_two_runs_hardly_meet() -> None:
    assert Ports().of_stack() != Ports().of_stack()
