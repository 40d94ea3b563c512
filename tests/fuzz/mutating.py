"""Bytes made worse: flipped, cut, doubled, with pieces put in that have broken parsers."""

import random
from typing import Final

from tests.fuzz.hostile import PIECES

STEPS_MAX: Final = 6
REPEATS_MAX: Final = 200


def mutate(rng: random.Random, data: bytes) -> bytes:
    """`data` after one to STEPS_MAX changes."""
    found = bytearray(data)
    for _ in range(rng.randrange(STEPS_MAX) + 1):
        _change(rng, found)
    return bytes(found)


def _change(rng: random.Random, data: bytearray) -> None:
    begin = rng.randrange(len(data) + 1)
    end = min(len(data), begin + rng.choice((1, 1, 2, 4, 16, 64)))
    match rng.randrange(7):
        case 0 if begin < len(data):
            data[begin] ^= 1 << rng.randrange(8)
        case 1 if begin < len(data):
            data[begin] = rng.randrange(256)
        case 2:
            del data[begin:end]
        case 3:
            del data[begin:]
        case 4:
            data[begin:begin] = bytes(data[begin:end]) * rng.randrange(1, REPEATS_MAX)
        case 5:
            data[begin:end] = rng.choice(PIECES)
        case _:
            data[begin:begin] = rng.choice(PIECES) * rng.choice((1, 1, 1, REPEATS_MAX))
