"""An answer for a terminal, or as JSON and CSV: pure."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.query.asking import Found
from deploy.query.figures import NOTHING, bar, change, chart, figure
from deploy.query.vocabulary import LOWER_IS_BETTER, PLAIN, REVENUES

CHART_LINES: Final = 8
SERIES_ROWS_MAX: Final = 31  # longer ones are only drawn
NAMES_SHARE: Final = 3  # of the screen: names take a third of it at most, together
NAME_COLUMNS_MIN: Final = 12
DATA: Final = "cyan"
_SMALL: Final = 12  # columns of a bar below which none is drawn


def as_json(found: Found) -> str:
    """The rows with what they are about."""
    about: dict[str, Any] = {
        "site": found.site,
        "timezone": found.timezone,
        "date": found.dates.text.split(","),
        "results": list(found.rows),
    }
    if found.currency:
        about["currency"] = found.currency
    if found.left_out:
        about["left_out"] = list(found.left_out)
    if found.previous is not None:
        about["previous"] = list(found.previous)
    return json.dumps(about, indent=2, ensure_ascii=False)


def as_csv(found: Found) -> str:
    """A line for each row, with the values of the time before beside it if they were asked for."""
    with io.StringIO() as out:
        writer = csv.writer(out, lineterminator="\n")
        before = [f"previous_{metric}" for metric in found.metrics]
        writer.writerow(
            [*found.names, *found.metrics, *(before if found.previous is not None else ())]
        )
        for row, previous in _paired(found):
            line = [_safe(row[name]) for name in found.names]
            line += [row.get(metric) for metric in found.metrics]
            if found.previous is not None:
                line += [(previous or {}).get(metric) for metric in found.metrics]
            writer.writerow(line)
        return out.getvalue()


def as_screen(found: Found, width: int) -> RenderableType:
    """A title, a chart for a series, and a table, in `width` columns."""
    parts: list[RenderableType] = [_title(found), Text()]
    if not found.rows:
        parts.append(Text("Nothing was counted then.", style="dim"))
        return Group(*parts)
    if found.step:
        parts += [_chart(found, width), Text()]
    if not found.step or len(found.rows) <= SERIES_ROWS_MAX:
        parts.append(_table(found, width))
    if found.left_out:
        codes = ", ".join(found.left_out)
        parts.append(Text(f"\nWithout revenue in {codes}: there is no rate for it.", style="dim"))
    return Group(*parts)


def _title(found: Found) -> Text:
    what = ", ".join(
        metric.replace("_", " ")
        + (f" in {found.currency}" if metric in REVENUES and found.currency else "")
        for metric in found.metrics
    )
    if found.step:
        what += f" per {found.step}"
    elif found.names:
        what += " by " + ", ".join(name.replace("_", " ") for name in found.names)
    first, last = found.dates.first, found.dates.last
    when = str(first) if first == last else f"{first} to {last}"
    title = Text(what, style="bold")
    title.append(f"  {found.site}, {when}, {found.timezone}", style="not bold dim")
    return title


def _chart(found: Found, width: int) -> Text:
    metric = found.metrics[0]
    values = [row.get(metric) for row in found.rows]
    highest = max((value for value in values if value is not None), default=None)
    labels = [figure(metric, highest), figure(metric, 0)]
    margin = max(map(len, labels))
    room = width - margin - 3
    lines = chart(values, room, CHART_LINES)
    text = Text()
    for number, line in enumerate(lines):
        label = labels[0] if number == 0 else labels[1] if number == CHART_LINES - 1 else ""
        text.append(f"{label:>{margin}} ", style="dim")
        text.append("│", style="dim")
        text.append(f"{line}\n", style=DATA)
    drawn = max(1, max(map(len, lines)))
    first, last = (_moment(found.rows[at]["date"], found.step) for at in (0, -1))
    gap = drawn - len(first) - len(last)
    text.append(" " * (margin + 1) + "└" + "─" * drawn + "\n", style="dim")
    text.append(" " * (margin + 2) + (first + " " * gap + last if gap > 0 else first), style="dim")
    return text


def _table(found: Found, width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    names = _names(found, width)
    for name in found.names:
        table.add_column(name.replace("_", " "), no_wrap=True, overflow="ellipsis")
    for metric in found.metrics:
        table.add_column(metric.replace("_", " "), justify="right", no_wrap=True)
        if found.previous is not None:
            table.add_column("change", justify="right", no_wrap=True)
    room = _room_for_bars(found, names, width) if found.names else 0
    if room:
        table.add_column("", no_wrap=True)
    first = found.metrics[0]
    highest = max((row.get(first) or 0 for row in found.rows), default=0)
    for shown, (row, previous) in zip(names, _paired(found), strict=True):
        cells = list(shown)
        for metric in found.metrics:
            cells.append(Text(figure(metric, row.get(metric))))
            if found.previous is not None:
                # Who was not there before had none; a rate of nothing is nothing.
                absent = 0 if metric in PLAIN else None
                before = absent if previous is None else previous.get(metric)
                cells.append(_change(metric, row.get(metric), before))
        if room:
            cells.append(Text(bar(row.get(first), highest, room), style=DATA))
        table.add_row(*cells)
    return table


def _names(found: Found, width: int) -> list[list[Text]]:
    """What each row is called, as wide as may be."""
    longest = max(NAME_COLUMNS_MIN, width // NAMES_SHARE // max(1, len(found.names)))
    return [[_name(found, row, name, longest) for name in found.names] for row in found.rows]


def _room_for_bars(found: Found, names: list[list[Text]], width: int) -> int:
    """Columns that the other cells leave, 0 for too few."""
    used = sum(
        max(len(name), *(len(row[at]) for row in names)) + 2 for at, name in enumerate(found.names)
    )
    used += sum(
        max(len(metric), *(len(figure(metric, row.get(metric))) for row in found.rows)) + 2
        for metric in found.metrics
    )
    used += 9 * len(found.metrics) if found.previous is not None else 0
    return width - used if width - used >= _SMALL else 0


def _name(found: Found, row: dict[str, Any], name: str, longest: int) -> Text:
    """A property's value as it may be printed: visitors choose paths and referrers."""
    if found.step:
        return Text(_moment(row[name], found.step))
    value = str(row[name])
    if not value:
        return Text("(none)", style="dim")
    shown = "".join(char if char.isprintable() else "\ufffd" for char in value)
    return Text(shown if len(shown) <= longest else shown[: longest - 1] + "…")


def _moment(date: str, step: str) -> str:
    """ "Tue 2026-11-24", "2026-11", or date and time."""
    if step == "day":
        return dt.date.fromisoformat(date).strftime("%a %Y-%m-%d")
    return date[:7] if step == "month" else date[:16]


def _change(metric: str, value: Any, before: Any) -> Text:
    text = change(metric, value, before)
    if text in (NOTHING, "new") or value == before:
        return Text(text, style="dim")
    is_better = (value > before) != (metric in LOWER_IS_BETTER)
    return Text(text, style="green" if is_better else "red")


def _paired(found: Found) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each row with the same one of the time before, None where there was none."""
    before = found.previous or ()
    if found.step or not found.names:
        for at, row in enumerate(found.rows):
            yield row, before[at] if at < len(before) else None
        return
    by_names = {tuple(row[name] for name in found.names): row for row in before}
    for row in found.rows:
        yield row, by_names.get(tuple(row[name] for name in found.names))


def _safe(value: Any) -> Any:
    """No formula for the spreadsheet that opens it: visitors choose paths and referrers."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else value
