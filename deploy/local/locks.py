"""Parts that stacks which start at once must not be in together, such as apt or a build."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.settings import VENV_BIN


@contextmanager
def alone(part: str) -> Iterator[None]:
    """Wait until nobody else of this checkout is in `part`; while it lasts, nobody gets in."""
    with (VENV_BIN.parent / f"{part}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
