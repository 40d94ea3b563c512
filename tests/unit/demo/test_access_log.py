"""Reading the log that is played."""

import gzip
import io
from pathlib import Path

from deploy.demo.access_log import BAD_LINES_SHOWN_MAX, BadLines, read_lines
from deploy.importing.lines import LINE_BYTES_MAX

GOOD = (
    b'83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a?b=%20 HTTP/1.1" 200 2031 '
    b'"http://example.com/" "Mozilla/5.0 (X11)"\n'
)


def test_bad_lines_are_counted_and_the_rest_is_read() -> None:
    bad = BadLines()
    endless = b"x" * (3 * LINE_BYTES_MAX) + b"\n"
    lines = list(read_lines(io.BytesIO(GOOD + endless + b"?\n" * 50 + GOOD), bad))
    assert [line.number for line in lines] == [1, 53]
    assert bad.count == 51
    assert len(bad.first) == BAD_LINES_SHOWN_MAX
    assert bad.first[0] == (2, f"longer than {LINE_BYTES_MAX} bytes")
    assert bad.first[1][0] == 3


def test_plain_and_gzipped_files_read_the_same(tmp_path: Path) -> None:
    plain, packed = tmp_path / "access.log", tmp_path / "access.log.1"
    plain.write_bytes(GOOD * 3)
    packed.write_bytes(gzip.compress(GOOD * 3))
    assert list(read_lines(plain, BadLines())) == list(read_lines(packed, BadLines()))
    assert len(list(read_lines(plain, BadLines()))) == 3
