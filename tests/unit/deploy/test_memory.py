"""Memory is summed over a process and all it started."""

from pathlib import Path

from deploy.local import memory

ROLLUP = """\
55d0-7ffe ---p 00000000 00:00 0                          [rollup]
Rss:               12345 kB
Pss:                2048 kB
Pss_Dirty:           100 kB
"""


def test_the_proportional_size_is_read_not_its_parts() -> None:
    assert memory.pss_kb(ROLLUP) == 2048
    assert memory.pss_kb("") == 0


def test_a_parent_is_found_behind_any_command_name() -> None:
    assert memory.parent("42 (a (b) c) S 7 42 42 0 -1") == 7


def test_a_family_is_all_descendants_and_nobody_else() -> None:
    #   1 ── 2 ── 4
    #    └── 3         9
    assert memory.family(1, {2: 1, 3: 1, 4: 2, 9: 8}) == {1, 2, 3, 4}
    assert memory.family(2, {2: 1, 3: 1, 4: 2, 9: 8}) == {2, 4}


def test_the_sum_leaves_out_what_ended(tmp_path: Path) -> None:
    for pid in ("1", "2"):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "smaps_rollup").write_text(ROLLUP)
    assert memory.megabytes([1, 2, 3], proc=tmp_path) == 4.0


def test_parents_are_read_from_the_process_folders(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text("7 (x y) S 3 7 7")
    (tmp_path / "8").mkdir()  # ended while we looked
    (tmp_path / "net").mkdir()
    assert memory.parents(tmp_path) == {7: 3}
