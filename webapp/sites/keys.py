"""API keys as text: made here, recognised by their hash."""

import hashlib
import secrets
from typing import Final

PREFIX_CHARS: Final = 8


def new_key() -> str:
    """A secret of 256 bits. Its first letters tell people and scanners what it is."""
    return f"pp_{secrets.token_urlsafe(32)}"


def digest(key: str) -> str:
    """SHA-256, hex: a random key of this length needs no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
