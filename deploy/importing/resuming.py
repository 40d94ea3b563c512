"""What to do with the files that were named: begin an import, go on with one, or nothing at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.importing.files import LogFile, rotated_siblings
from deploy.importing.ordering import Moment
from deploy.importing.state import KnownFile, Place, State, head_of, is_same

IMPORT_NAME_CHARS_MAX: Final = 120  # the collector's limit
FILES_MAX: Final = 500


class CannotBegin(ValueError):
    """The import cannot begin or go on; the message says what to do."""


@dataclass(slots=True)
class Beginning:
    """An import and its files from the one to go on with; no files when nothing is left to do."""

    state: State
    logs: list[LogFile]
    said: list[str] = field(default_factory=list)  # what a person should know of the choice


def begin(
    logs: Sequence[LogFile], states: Sequence[State], domain: str, name: str, *, follow: bool
) -> Beginning:
    """Choose. `states` are those of the site, newest first; `name` "" chooses one by content.

    Raises CannotBegin, CannotRead.
    """
    if len(logs) > FILES_MAX:
        raise CannotBegin(f"at most {FILES_MAX} files at once")
    logs = [log for log in logs if log.first or follow]
    if not logs:
        raise CannotBegin("the log is empty")
    if name:
        return _named(logs, states, domain, name, follow=follow)
    for state in states:
        if not state.finished and (found := _going_on(state, logs, follow=follow)):
            return found
    said: list[str] = []
    left = list(logs)
    while left and (done := _finished_with(left[0], states)):
        state, known, number = done
        if _has_grown(left[0], known):
            return _grown(left, state, number, said)
        said.append(f"{left[0].path.name} was imported before, as {state.import_name}")
        left.pop(0)
    if not left:
        return Beginning(state, [], said)
    if not left[0].first:
        raise CannotBegin(f"{left[0].path} is empty still: begin when it has its first line")
    fresh = State(domain=domain, import_name=f"access-log-{head_of(left[0].head).digest[:16]}")
    return _numbered(fresh, left, said)


def _named(
    logs: list[LogFile], states: Sequence[State], domain: str, name: str, *, follow: bool
) -> Beginning:
    if len(name) > IMPORT_NAME_CHARS_MAX or name != name.strip() or not name.isprintable():
        raise CannotBegin(
            f"--import: at most {IMPORT_NAME_CHARS_MAX} printable characters, no space around them"
        )
    state = next((each for each in states if each.import_name == name), None)
    if state is None:
        return _numbered(State(domain=domain, import_name=name), logs, [])
    if state.finished:
        raise CannotBegin(f"the import {name} is finished; give what is new another name")
    found = _going_on(state, logs, follow=follow)
    if found is None:
        known = state.files.get(state.place.file)
        raise CannotBegin(
            f"the import {name} had come to {known.path if known else 'a file'}, which is none of "
            "those given now; give what is new another name"
        )
    return found


def _going_on(state: State, logs: Sequence[LogFile], *, follow: bool) -> Beginning | None:
    """From the file the import had come to, if that is one of those named or was rotated since."""
    known = state.files.get(state.place.file)
    if known is None:
        return None
    for at, log in enumerate(logs):
        if is_same(known.head, log.head):
            said = [f"going on with {log.path.name}, line {state.place.line + 1:,}"]
            return _numbered(state, list(logs[at:]), said)
    if not follow or Path(known.path) != logs[-1].path.absolute():
        return None
    rotated = [LogFile(path) for path in rotated_siblings(logs[-1].path)]
    for at, log in enumerate(rotated):
        if is_same(known.head, log.head):
            said = [f"rotated meanwhile: going on with {log.path.name}"]
            for older in rotated[:at]:
                older.close()
            return _numbered(state, [*rotated[at:], logs[-1]], said)
    for log in rotated:
        log.close()
    return None


def _finished_with(log: LogFile, states: Sequence[State]) -> tuple[State, KnownFile, int] | None:
    """The import that read this file to the end it had then."""
    for state in states:
        if state.finished:
            for number, known in state.files.items():
                if known.bytes_read and is_same(known.head, log.head):
                    return state, known, number
    return None


def _has_grown(log: LogFile, known: KnownFile) -> bool:
    size = log.size
    return not log.is_packed and size is not None and size > known.bytes_read


def _grown(logs: list[LogFile], state: State, number: int, said: list[str]) -> Beginning:
    """What came after the end that an import saw is an import of its own: that one is finished."""
    known = state.files[number]
    fresh = State(
        domain=state.domain,
        import_name=f"access-log-{known.head.digest[:16]}-from-{known.bytes_read}",
        place=Place(offset=known.bytes_read, line=known.lines_read, header=state.place.header),
        acknowledged=Moment(-1, -1),
    )
    said.append(f"{logs[0].path.name} has grown since: going on with line {known.lines_read + 1:,}")
    return _numbered(fresh, logs, said)


def _numbered(state: State, logs: list[LogFile], said: list[str]) -> Beginning:
    note_files(state, enumerate(logs[:1], state.place.file))
    return Beginning(state, logs, said)


def note_files(state: State, files: Iterable[tuple[int, LogFile]]) -> None:
    """Write down which files were read; one that was short when first seen has more head now."""
    for number, log in files:
        known = state.files.get(number)
        if known is None:
            state.files[number] = KnownFile(str(log.path.absolute()), head_of(log.head))
        elif len(log.head) > known.head.size:
            known.head = head_of(log.head)
