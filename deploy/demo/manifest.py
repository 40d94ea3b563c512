"""HOME/demo/manifest.json: what was sent of history, so that a restart goes on where it was.

Written before each request (`batches_begun`) and after its answer (`batches_done`), each time as
a whole: a player killed between the two sends that batch again, with the same event ids.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

VERSION: Final = 1


class WrongManifest(ValueError):
    """The manifest is unreadable, or of another log or site than the one to play."""


class Manifest(msgspec.Struct, kw_only=True):
    """One play of one log into one site."""

    version: int = VERSION
    log: str  # absolute path
    sha256: str  # of the file's bytes
    domain: str
    pages: int  # pageviews in the log
    history_pages: int  # how many of them, in play order, are history
    batch_pages: int  # pageviews a request
    started_ms: int  # when the first run began
    shift_ms: int  # history's times are the log's plus this
    import_name: str
    batches_begun: int = 0
    batches_done: int = 0  # acknowledged by the collector
    finished: bool = False  # the collector knows that no more history comes
    dropped: dict[str, int] = {}  # what the collector turned away of history, by reason


def read_manifest(path: Path) -> Manifest | None:
    """The manifest, None before the first run. Raises WrongManifest if it can't be read."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise WrongManifest(f"{path} is damaged: {error}") from error
    if found.version != VERSION:
        raise WrongManifest(f"{path} is of version {found.version}, this player knows {VERSION}")
    return found


def check_same(found: Manifest, sha256: str, domain: str) -> None:
    """Raise WrongManifest unless the manifest is of this log and site.

    A home plays one log: with two, the numbers would be the sum of both, and whoever compares
    them with the log in hand would find every one of them wrong.
    """
    if found.sha256 != sha256:
        raise WrongManifest(
            f"this home already plays {found.log} (sha256 {found.sha256[:12]}); the log given now "
            f"is another or was changed (sha256 {sha256[:12]}). Give it a home of its own."
        )
    if found.domain != domain:
        raise WrongManifest(f"this home already plays into {found.domain}, not {domain}")


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Replace the manifest as a whole; a crash leaves the old or the new one."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
