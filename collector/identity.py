"""The hashes that stand for people and events.

blake2b with a key is a pseudorandom function (RFC 7693, section 2.9): who does not have the key
cannot try addresses against an id. 64 bits of it: with a million visitors a day on a site the odds
that any two share an id are 1 in 37 million.
"""

import hashlib
from typing import Final

ID_BYTES: Final = 8
_SEPARATOR: Final = b"\x00"


def _hash(key: bytes, *parts: bytes) -> int:
    """64 bits of `parts`; each but the last must not contain NUL, so no two lists look alike."""
    digest = hashlib.blake2b(_SEPARATOR.join(parts), key=key, digest_size=ID_BYTES).digest()
    return int.from_bytes(digest, "big")


def _number(value: int) -> bytes:
    return b"%d" % value


def _text(value: str) -> bytes:
    return value.encode("utf-8", "replace")


def who(address: str, agent: str, visitor: str) -> bytes:
    """What tells one visitor from another: a server's own name for them, else address and agent."""
    if visitor:
        return b"v" + _text(visitor)
    return b"a" + _text(address) + _SEPARATOR + _text(agent)


def visitor_id(salt: bytes, site_id: int, person: bytes) -> int:
    """Unlinkable between sites and, once the salt is gone, between days. Never 0, nobody."""
    return _hash(salt, _number(site_id), person) or 1


def stand_in_salt(salt: bytes, day: int) -> bytes:
    """A salt for a day (epoch days) whose own has gone, made of another's: ids stay a day's own."""
    return _hash(salt, b"day", _number(day)).to_bytes(ID_BYTES, "big")


def route(secret: bytes, site_id: int, person: bytes) -> int:
    """Chooses the partition. Keyed by a long-lived secret, so a session can cross midnight; only
    the number of the partition leaves the collector."""
    return _hash(secret, _number(site_id), person)


def event_id(secret: bytes, site_id: int, name: str) -> int:
    """The id of an event its sender named."""
    return _hash(secret, b"event", _number(site_id), _text(name))


def import_event_id(
    secret: bytes, site_id: int, import_name: str, position: int, content: bytes
) -> int:
    """The id of an import's event that nobody named: sent again in the same place, it is the same.

    Keyed, because the content holds an address that could else be found by trying all of them.
    `import_name` is hashed on its own because it may contain anything.
    """
    name = b"%016x" % _hash(secret, _text(import_name))
    return _hash(secret, b"import", _number(site_id), name, _number(position), content)
