"""What people see at a terminal: aligned tables, indented JSON, errors in sentences, progress bars."""

import json
import os
import re
import shutil
import sys
from bisect import bisect_right
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, cast
from unicodedata import combining, east_asian_width

import click
from pydantic import JsonValue

from .texts.errors import message_and_advice
from .texts.words import tr

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

Json = Mapping[str, JsonValue]
Rows = tuple[list[str], list[list[JsonValue]]]
"""The columns of a table, and its rows."""
BEFORE_AFTER = ("before", "after")
Advance = Callable[[int, int | None], None]
"""Takes how much is done, and how much there is in all where that is known."""
GAP = "  "
WHOLE = ("id", "customerId", "call", "fileId")
"""Columns that are never cut."""
MIN_WIDTH = 6
"""Where a table needs narrower columns, its rows are shown as records."""
MIN_TERMINAL_WIDTH = 40
_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(?=: )', re.MULTILINE)
_NOT_SHOWN = ("code", "retryable", "sandbox")
_IN_SENTENCES = ("message", "fields", "next")


def show_answer(answer: Json) -> None:
    """Print the answer of a tool: what is a list as tables, then the single values."""
    match answer:
        case {"columns": list(columns), "rows": list(rows)}:
            _show_table(cast("list[str]", columns), cast("list[list[JsonValue]]", rows))
            rest = {name: value for name, value in answer.items() if name not in ("columns", "rows")}
        case _:
            rest = answer
    plain = {name: value for name, value in rest.items() if not _show_as_tables(name, value)}
    if len(plain) < len(answer):
        _show_counts(plain)
    else:
        _show_json(plain)


def _show_as_tables(name: str, value: JsonValue) -> bool:
    """Print what is a table, or groups of customers; whether it was one."""
    if isinstance(value, list) and value and all(map(_is_group, value)):
        echo(f"\n{name}", bold=True)
        for place, group in enumerate(cast("list[dict[str, list[Json]]]", value), 1):
            echo(f"{place}. {_cell(cast('JsonValue', group.get('reasons')))}".rstrip(), fg="cyan")
            _show_table(*_records(group["customers"]))
        return True
    if found := as_table(value):
        echo(f"\n{name}", bold=True)
        _show_table(*found)
    return found is not None


def _show_counts(rest: Json) -> None:
    counts = [f"{name} {_cell(value)}" for name, value in rest.items() if _is_scalar(value)]
    if counts:
        echo("\n" + ", ".join(counts), dim=True)
    _show_json({name: value for name, value in rest.items() if value and not _is_scalar(value)})


def as_table(value: JsonValue) -> Rows | None:
    """Columns and rows, where a value is a table, a list of records, or a difference."""
    match value:
        case {"columns": list(columns), "rows": list(rows)}:
            return cast("Rows", (columns, rows))
        case [dict(), *_] if all(map(_is_flat, value)):
            return _records(cast("list[Json]", value))
        case dict() if value and all(
            isinstance(pair, list) and len(pair) == len(BEFORE_AFTER) for pair in value.values()
        ):
            pairs = cast("dict[str, list[JsonValue]]", value)
            return [tr("field"), *map(tr, BEFORE_AFTER)], [[name, *pair] for name, pair in pairs.items()]
        case _:
            return None


def _records(records: Sequence[Json]) -> Rows:
    columns = [*dict.fromkeys(name for record in records for name in record)]
    return columns, [[record.get(name) for name in columns] for record in records]


def _is_group(value: JsonValue) -> bool:
    """Whether these are customers who belong together, as in find_duplicate_customers."""
    return (
        isinstance(value, dict)
        and isinstance(found := value.get("customers"), list)
        and all(map(_is_flat, found))
    )


def _is_flat(value: JsonValue) -> bool:
    return isinstance(value, dict) and all(_is_scalar(part) or _is_texts(part) for part in value.values())


def _is_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def show_error(error: Json) -> None:
    """Print what went wrong, field by field, and what to do next; on stderr."""
    message, advice = message_and_advice(error)
    echo(tr("Error: {message}", message=message), err=True, fg="red", bold=True)
    for field, reason in cast("dict[str, str]", error.get("fields", {})).items():
        echo(f"  {field}: {reason}", err=True)
    _show_json({k: v for k, v in error.items() if k not in (*_NOT_SHOWN, *_IN_SENTENCES)}, err=True)
    echo(advice, err=True, fg="cyan")


def echo(
    text: str, *, err: bool = False, fg: str | None = None, bold: bool = False, dim: bool = False
) -> None:
    """Print text in a style; without any if NO_COLOR is set or the output is no terminal."""
    click.secho(text, err=err, color=_colour(), fg=fg, bold=bold or None, dim=dim or None)


def width() -> int:
    """The terminal's width in columns."""
    return max(MIN_TERMINAL_WIDTH, shutil.get_terminal_size().columns)


def use_utf8() -> None:
    """Print UTF-8 whatever the locale, so that every character can be printed."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="replace")


def nothing(_done: int, _total: int | None) -> None:
    """Shows no progress."""


@contextmanager
def progress_bar(label: str) -> Generator[Advance]:
    """A bar on stderr at a terminal from the first progress on, else nothing."""
    if not sys.stderr.isatty():
        yield nothing
        return
    with ExitStack() as stack:
        bars: list[ProgressBar[int]] = []

        def advance(done: int, total: int | None) -> None:
            if not bars:
                bars.append(stack.enter_context(click.progressbar(length=1, label=label, file=sys.stderr)))
            (bar,) = bars
            bar.length = total or done
            bar.update(done - bar.pos)

        yield advance


def table(
    columns: Sequence[str], rows: Sequence[Sequence[JsonValue]], room: int, right: Collection[str] = ()
) -> list[str] | None:
    """The lines of a table, head first, none wider than `room`; None if it has too many columns.

    The columns named in `right` are aligned to the right.
    """
    lines = [[*columns], *([_cell(value) for value in row] for row in rows)]
    natural = [max(map(_display_width, column)) for column in zip(*lines, strict=True)]
    widths = _widths(columns, natural, room - len(GAP) * (len(columns) - 1))
    if widths is None:
        return None
    aligned = [name in right for name in columns]
    return [GAP.join(map(_fitted, line, widths, aligned)).rstrip() for line in lines]


def _widths(columns: Sequence[str], natural: Sequence[int], room: int) -> list[int] | None:
    """Wide columns are narrowed first; what the next call needs stays whole."""
    for limit in range(min(room, max(natural, default=0)), MIN_WIDTH - 1, -1):
        widths = [w if c in WHOLE else min(w, limit) for c, w in zip(columns, natural, strict=True)]
        if sum(widths) <= room:
            return widths
    return [*natural] if sum(natural) <= room else None


def _show_table(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]]) -> None:
    """Where there is no room for ids, each stands below its row."""
    if lines := table(columns, rows, width()):
        _show_lines(lines, [""] * len(rows))
    elif "id" in columns and (lines := _without(columns, rows, at := [*columns].index("id"))):
        _show_lines(lines, [f"{GAP}id {row[at]}" for row in rows])
    else:
        for row in rows:
            _show_json({name: value for name, value in zip(columns, row, strict=True) if value is not None})


def _without(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]], place: int) -> list[str] | None:
    left = [[*row[:place], *row[place + 1 :]] for row in (columns, *rows)]
    return table(cast("list[str]", left[0]), left[1:], width())


def _show_lines(lines: Sequence[str], below: Sequence[str]) -> None:
    echo(lines[0], bold=True)
    if not below:
        echo(tr("(none)"))
    for line, more in zip(lines[1:], below, strict=True):
        echo(line)
        if more:
            echo(more, dim=True)


def _show_json(value: Json, *, err: bool = False) -> None:
    if value:
        text = json.dumps(value, indent=2, ensure_ascii=False)
        echo(_KEY.sub(lambda found: found[1] + click.style(found[2], fg="cyan"), text), err=err)


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None


def _is_scalar(value: JsonValue) -> bool:
    return not isinstance(value, (list, dict))


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case str():
            return " ".join(value.split())
        case list() if _is_texts(value):
            return "; ".join(cast("list[str]", value))
        case _:
            return json.dumps(value, ensure_ascii=False)


def _fitted(text: str, room: int, right: bool) -> str:  # noqa: FBT001 (one of the columns that `map` zips)
    shown = _cut(text, room)
    blanks = " " * (room - _display_width(shown))
    return blanks + shown if right else shown + blanks


def _cut(text: str, room: int) -> str:
    """The text, or as much of its beginning as leaves room for an ellipsis."""
    used = 0
    ends = [used := used + _letter_width(letter) for letter in text]
    return text if used <= room else text[: bisect_right(ends, room - 1)] + "…"


def _display_width(text: str) -> int:
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> int:
    """Columns of a terminal: none for a combining accent, two for a wide letter."""
    return 0 if combining(letter) else 1 + (east_asian_width(letter) in "WF")
