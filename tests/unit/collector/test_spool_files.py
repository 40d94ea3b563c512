"""The spool's directories on a real disk: order, crashes, takeovers, a disk that fails."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector import spool_files
from collector.spool_files import SpoolFiles, SpoolFull
from collector.spool_format import Record, encode_record, size_of

BYTES_MAX = 2**20


def record(number: int) -> Record:
    return Record(number % 3, b"record %d" % number)


def records(first: int, last: int) -> list[Record]:
    return [record(number) for number in range(first, last)]


def all_of(files: SpoolFiles) -> list[Record]:
    """Read and replay everything."""
    found: list[Record] = []
    while some := files.read():
        found += some
        files.replayed()
    return found


def crashed(files: SpoolFiles) -> None:
    """What the kernel does for a process that is killed: its files are closed."""
    for file in (files._file, files._lock):
        if file >= 0:
            os.close(file)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Writes beyond that size fail half done, as on a disk that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_files, "SEGMENT_BYTES_MAX", 60)


@pytest.mark.usefixtures("small_segments")
def test_segments_are_read_in_order_and_deleted(tmp_path: Path) -> None:
    files = SpoolFiles(tmp_path, BYTES_MAX)
    for number in range(0, 20, 2):
        files.write(records(number, number + 2))
    assert len(list(tmp_path.glob("*/*.seg"))) > 3
    assert all_of(files) == records(0, 20)
    assert files.empty and files.bytes == 0
    files.close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_read_comes_again_until_it_is_replayed(tmp_path: Path) -> None:
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.write(records(0, 3))
    assert files.read() == files.read() == records(0, 3)
    files.write(records(3, 5))
    files.replayed()
    assert all_of(files) == records(3, 5)


def test_a_successor_begins_where_the_dead_one_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_files, "READ_BYTES_MAX", 2 * size_of(record(0)))
    dead = SpoolFiles(tmp_path, BYTES_MAX)
    dead.write(records(0, 6))
    assert dead.read() == records(0, 2)
    dead.replayed()
    assert dead.read() == records(2, 4)
    crashed(dead)
    files = SpoolFiles(tmp_path, BYTES_MAX)
    assert files.adopt() == 1
    assert all_of(files) == records(2, 6)
    files.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small_segments")
def test_what_the_dead_left_goes_before_what_is_new(tmp_path: Path) -> None:
    dead = SpoolFiles(tmp_path, BYTES_MAX)
    for number in range(10):
        dead.write([record(number)])
    crashed(dead)
    middle = SpoolFiles(tmp_path, BYTES_MAX)
    middle.adopt()
    for number in range(10, 20):
        middle.write([record(number)])
    crashed(middle)
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.write([record(20)])
    files.adopt()
    assert all_of(files) == records(0, 21)


@pytest.mark.usefixtures("small_segments")
def test_a_clock_that_is_set_back_changes_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_770_000_000_000_000_000]
    monkeypatch.setattr("time.time_ns", lambda: now[0])
    dead = SpoolFiles(tmp_path, BYTES_MAX)
    for number in range(10):
        now[0] -= 1
        dead.write([record(number)])
    crashed(dead)
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.adopt()
    files.write(records(10, 12))
    assert all_of(files) == records(0, 12)


def test_a_living_process_keeps_its_own(tmp_path: Path) -> None:
    one, two = SpoolFiles(tmp_path, BYTES_MAX), SpoolFiles(tmp_path, BYTES_MAX)
    one.write(records(0, 1))
    two.write(records(1, 2))
    assert (one.adopt(), two.adopt()) == (0, 0)
    assert (all_of(one), all_of(two)) == (records(0, 1), records(1, 2))
    one.write(records(2, 3))
    one.close()
    assert two.adopt() == 1
    assert all_of(two) == records(2, 3)


def test_a_takeover_that_was_cut_short_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is in one of the two places; the next one to look finds both."""
    monkeypatch.setattr(spool_files, "SEGMENT_BYTES_MAX", 60)
    dead = SpoolFiles(tmp_path, BYTES_MAX)
    for number in range(12):
        dead.write([record(number)])
    crashed(dead)
    half = SpoolFiles(tmp_path, BYTES_MAX)
    rename = Path.rename
    moved: list[Path] = []

    def dying_rename(path: Path, target: Path) -> Path:
        if len(moved) == 2:
            raise OSError(errno.EIO, "killed")
        moved.append(path)
        return rename(path, target)

    with monkeypatch.context() as patched, pytest.raises(OSError, match="killed"):
        patched.setattr(Path, "rename", dying_rename)
        half.adopt()
    crashed(half)
    files = SpoolFiles(tmp_path, BYTES_MAX)
    assert files.adopt() > 2
    assert all_of(files) == records(0, 12)


def test_torn_at_its_end(tmp_path: Path) -> None:
    dead = SpoolFiles(tmp_path, BYTES_MAX)
    dead.write(records(0, 4))
    (path,) = tmp_path.glob("*/*.seg")
    whole = path.read_bytes()
    path.write_bytes(whole + encode_record(record(4), len(whole))[:-1])
    crashed(dead)
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.adopt()
    assert all_of(files) == records(0, 4)
    assert files.damaged == 0 and files.empty


def test_damage_is_set_aside_and_what_is_whole_is_replayed(tmp_path: Path) -> None:
    dead = SpoolFiles(tmp_path, BYTES_MAX)
    dead.write(records(0, 4))
    (path,) = tmp_path.glob("*/*.seg")
    damaged = bytearray(path.read_bytes())
    damaged[2 * size_of(record(0)) + 9] ^= 1
    path.write_bytes(damaged)
    crashed(dead)
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.adopt()
    files.write(records(4, 6))
    assert all_of(files) == records(0, 2) + records(4, 6)
    assert files.damaged == 1
    (kept,) = tmp_path.glob("*.damaged")
    assert kept.read_bytes() == bytes(damaged)


@pytest.mark.parametrize("noted", [b"", b"-7", b"9" * 20, b"0" * 19 + b"x"])
def test_a_position_that_makes_no_sense_is_the_beginning(tmp_path: Path, noted: bytes) -> None:
    dead = SpoolFiles(tmp_path, BYTES_MAX)
    dead.write(records(0, 4))
    (path,) = tmp_path.glob("*/*.seg")
    path.with_suffix(".pos").write_bytes(noted)
    crashed(dead)
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.adopt()
    assert all_of(files) == records(0, 4)


def test_full_takes_no_more_until_something_is_replayed(tmp_path: Path) -> None:
    files = SpoolFiles(tmp_path, 3 * size_of(record(0)))
    files.write(records(0, 2))
    with pytest.raises(SpoolFull):
        files.write(records(2, 4))
    files.write(records(2, 3))
    assert all_of(files) == records(0, 3)
    files.write(records(3, 6))
    assert all_of(files) == records(3, 6)


def test_what_others_left_counts_as_well(tmp_path: Path) -> None:
    """A process that is killed again and again fills the disk no further."""
    dead = SpoolFiles(tmp_path, 3 * size_of(record(0)))
    dead.write(records(0, 3))
    crashed(dead)
    files = SpoolFiles(tmp_path, 3 * size_of(record(0)))
    files.adopt()
    with pytest.raises(SpoolFull):
        files.write(records(3, 4))


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.write(records(0, 2))
    for limit in (files.bytes, files.bytes + 1, files.bytes + size_of(record(0)) + 3):
        with file_size_limit(limit), pytest.raises(OSError, match="File too large"):
            files.write([record(7), Record(0, bytes(10_000))])
    (path,) = tmp_path.glob("*/*.seg")
    assert path.stat().st_size == files.bytes
    files.write(records(2, 4))
    assert all_of(files) == records(0, 4)


def test_a_sync_that_fails_is_not_believed_the_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = SpoolFiles(tmp_path, BYTES_MAX)
    files.write(records(0, 2))
    sync = os.fsync
    synced: list[int] = []

    def failing_sync(file: int) -> None:
        if not synced:
            synced.append(file)
            raise OSError(errno.EIO, "disk")
        sync(file)

    with monkeypatch.context() as patched, pytest.raises(OSError, match="disk"):
        patched.setattr(os, "fsync", failing_sync)
        files.write(records(2, 4))
    files.write(records(4, 6))
    assert len(list(tmp_path.glob("*/*.seg"))) == 2
    assert all_of(files) == [*records(0, 2), *records(4, 6)]


def test_no_directory_no_write(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    files = SpoolFiles(tmp_path / "spool", BYTES_MAX)
    assert files.adopt() == 0
    with pytest.raises(OSError, match="exists"):
        files.write(records(0, 1))
    (tmp_path / "spool").unlink()
    files.write(records(0, 1))
    assert all_of(files) == records(0, 1)
