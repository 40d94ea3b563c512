"""Ports: the usual ones or free neighbours, chosen once and kept.

Between the choice and the server that listens lie seconds, in which another stack may choose. So
whoever chooses a port promises it to its stack, machine-wide, for as long as the process lives:
with a Unix socket of an abstract name, which the kernel gives to one only and takes back by itself.
"""

import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError
from deploy.local.home import read_json, write_private

USUAL: Final[Mapping[str, int]] = {
    "webapp": 8000,
    "collector": 8001,
    "streams": 8002,
    "pages": 8003,
    "kafka": 9092,
    "kafka_controller": 9093,
    "redis": 6379,
    "clickhouse": 9000,
    "clickhouse_http": 8123,
    "postgres": 5432,
}
STEP: Final = 100  # the next try for 8000 is 8100: the last digits still say what it is
PORT_MAX: Final = 65_535


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of 127.0.0.1 now."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_promised: dict[int, Path] = {}  # port -> owner


def promise(port: int, owner: Path) -> bool:
    """Keep `port`, which must be free, for the stack of `owner`; whether it could be had."""
    if port in _promised:
        return _promised[port] == owner and is_free(port)
    held = socket.socket(socket.AF_UNIX)
    try:
        held.bind(f"\0pawprint-port-{port}")
    except OSError:
        held.close()
        return False
    if not is_free(port):  # looked at last: before, the one it was promised to may have taken it
        held.close()
        return False
    held.detach()  # it stays open until the process ends
    _promised[port] = owner
    return True


def choose(
    remembered: Mapping[str, int], is_free: Callable[[int], bool] = is_free
) -> dict[str, int]:
    """A port for each name of USUAL: the remembered one, else the usual one, else a free one.

    Raises StackError when a name has no free port left.
    """
    chosen: dict[str, int] = {}
    for name, usual in USUAL.items():
        wanted = [remembered[name]] if name in remembered else []
        candidates = [*wanted, *range(usual, PORT_MAX + 1, STEP)]
        taken = set(chosen.values())
        port = next((p for p in candidates if p not in taken and is_free(p)), None)
        if port is None:
            raise StackError(f"no free port for {name}: tried {usual}, {usual + STEP}, ...")
        chosen[name] = port
    return chosen


def remember(path: Path) -> dict[str, int]:
    """Choose ports for the stack that keeps them in `path`, and keep them there."""
    chosen = choose(read_json(path) or {}, lambda port: promise(port, path))
    write_private(path, json.dumps(chosen, indent=2) + "\n")
    return chosen
