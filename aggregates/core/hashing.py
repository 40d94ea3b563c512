"""The 64-bit hashes that name rows and sessions: the same on every machine and in every replay."""

from hashlib import blake2b

import msgspec

_encoder = msgspec.msgpack.Encoder()


def hash64(*parts: object) -> int:
    """BLAKE2b-64 of the msgpack of `parts` (RFC 7693). msgpack keeps (1, 11) and (11, 1) apart."""
    return int.from_bytes(blake2b(_encoder.encode(parts), digest_size=8).digest(), "big")
