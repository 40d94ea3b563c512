"""A hash of what something is made from: made again when that changed, and only then."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MADE: Final = frozenset({"node_modules", "dist", "coverage", "__pycache__"})


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _MADE or path.name.endswith(".tsbuildinfo"):
            continue
        if path.is_dir():
            yield from _sources(path)
        else:
            yield path


def digest(folder: Path) -> str:
    """A hash of every source file's name and content; what a build makes is left out."""
    whole = hashlib.sha256()
    for path in _sources(folder):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()
