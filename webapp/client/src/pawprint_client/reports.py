"""Reports and exports. Made by `generate.py` from the one for asyncio: edit that."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pawprint_client import results
from pawprint_client.calls import Calls
from pawprint_client.errors import PawprintError
from pawprint_client.parameters import Names, Period, asked, file_format, joined
from pawprint_client.wire import Call, LineReader, Params, Unpacker

EXPORT_SILENCE_S_MAX = 60.0  # a day of hits may take that long to be found


class Reports(Calls):
    """What follows visits from hit to hit, and the hits themselves."""

    def funnel(
        self,
        site: str,
        steps: Sequence[Names],
        *,
        period: Period = "",
        date: str = "",
        filters: Names = (),
        by: str = "visit",
        within: int = 0,
    ) -> results.Table:
        """How far visits (`by="visitor"`: visitors) go along steps, each a filter or several.

        `within` is in minutes from the first step to the last; 0 is any time.
        """
        base = asked(site, period, date, filters, by=by, within=within)
        params = {**base, "step": [joined(each) for each in steps]}
        return self._send(Call("/api/v1/stats/funnel", params, results.table_of))

    def journeys(
        self,
        site: str,
        start: Names,
        *,
        period: Period = "",
        date: str = "",
        filters: Names = (),
        direction: str = "forwards",
        depth: int = 3,
        breadth: int = 5,
    ) -> results.Journey:
        """The pages that visits went on to from a page or goal; `backwards`: came to it by."""
        more = {"direction": direction, "depth": depth, "breadth": breadth}
        params = asked(site, period, date, filters, start=joined(start), **more)
        return self._send(Call("/api/v1/stats/journeys", params, results.journey_of))

    def retention(
        self,
        site: str,
        *,
        period: Period = "",
        date: str = "",
        filters: Names = (),
        bucket: str = "",
    ) -> results.Retention:
        """Which visitors come again, and how often visitors come."""
        params = asked(site, period, date, filters, bucket=bucket)
        return self._send(Call("/api/v1/stats/retention", params, results.retention_of))

    def export_rows(
        self,
        site: str,
        *,
        period: Period = "",
        date: str = "",
    ) -> Iterator[results.Record]:
        """All hits of a period as they come: one row in memory at a time, however many there are.

        Raises `Unavailable`, after the rows that did come, where the export breaks off.
        """
        lines, unpacker = LineReader(), Unpacker()
        pieces = self._stream(*_export_of(asked(site, period, date, type="jsonl")))
        try:
            for piece in pieces:
                for unpacked in unpacker.feed(piece):
                    for line in lines.feed(unpacked):
                        yield _row(line)
        finally:
            pieces.close()
        unpacker.end()

    def export(
        self, site: str, period: Period, path: str | os.PathLike[str], *, date: str = ""
    ) -> None:
        """All hits of a period in a file, which is there whole or not at all.

        What it is called says what it is: `.csv`, `.jsonl`, and packed with `.gz` behind. Raises
        `ValueError` for other endings, `OSError` where it cannot be written.
        """
        target = Path(path)
        kind, packs = file_format(target.name)
        part = target.with_name(f"{target.name}.part")
        unpacker = Unpacker()
        pieces = self._stream(*_export_of(asked(site, period, date, type=kind)))
        try:
            with part.open("wb") as file:
                for piece in pieces:
                    # Unpacked in either case: only so is its end known to have come.
                    for unpacked in unpacker.feed(piece):
                        file.write(b"" if packs else unpacked)
                    file.write(piece if packs else b"")
            unpacker.end()
            part.replace(target)
        finally:
            pieces.close()
            part.unlink(missing_ok=True)


def _export_of(params: dict[str, str]) -> tuple[str, Params, str, float]:
    """Always packed: a gzip has an end, so that one cut short is not taken for a whole one."""
    return "/api/v1/exports", {**params, "compress": "gzip"}, "*/*", EXPORT_SILENCE_S_MAX


def _row(line: str) -> results.Record:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise PawprintError(f"a row that this client does not understand ({error})") from error
    if not isinstance(row, dict):
        raise PawprintError("a row that this client does not understand")
    return row
