"""What people see at a terminal: aligned tables, indented JSON, errors in sentences, progress bars."""

import json
import os
import re
import shutil
import sys
from bisect import bisect_right
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import cast
from unicodedata import combining, east_asian_width

import click
from pydantic import JsonValue

Json = Mapping[str, JsonValue]
Advance = Callable[[int, int | None], None]
"""Takes how much is done, and how much there is in all where that is known."""
GAP = "  "
COMFORTABLE_WIDTH = 10
"""The id stays whole as long as the other columns need not be narrower than this."""
MIN_WIDTH = 6
"""Where a table needs narrower columns, its rows are shown as records."""
MIN_TERMINAL_WIDTH = 40
_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(?=: )', re.MULTILINE)
_NOT_SHOWN = ("code", "retryable", "sandbox")
_IN_SENTENCES = ("message", "fields", "next")


def show_answer(answer: Json) -> None:
    """Print the answer of a tool; the counts of a table follow it."""
    match answer:
        case {"columns": list(columns), "rows": list(rows)}:
            _show_table(cast("list[str]", columns), cast("list[list[JsonValue]]", rows))
            rest = {name: value for name, value in answer.items() if name not in ("columns", "rows")}
            counts = [f"{name} {_cell(value)}" for name, value in rest.items() if _is_scalar(value)]
            echo("\n" + ", ".join(counts), dim=True)
            _show_json({name: value for name, value in rest.items() if value and not _is_scalar(value)})
        case _:
            _show_json(answer)


def show_error(error: Json) -> None:
    """Print what went wrong, field by field, and what to do next; on stderr."""
    echo(f"Error: {error['message']}", err=True, fg="red", bold=True)
    for field, reason in cast("dict[str, str]", error.get("fields", {})).items():
        echo(f"  {field}: {reason}", err=True)
    _show_json({k: v for k, v in error.items() if k not in (*_NOT_SHOWN, *_IN_SENTENCES)}, err=True)
    echo(str(error["next"]), err=True, fg="cyan")


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


@contextmanager
def progress_bar(label: str) -> Generator[Advance]:
    """A bar on stderr at a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def advance(done: int, total: int | None) -> None:
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
    """Wide columns are narrowed first, the id only if the others would become too narrow."""
    widest = min(room, max(natural, default=0))
    whole_ids = ((limit, "id") for limit in range(widest, COMFORTABLE_WIDTH - 1, -1))
    cut_ids = ((limit, "") for limit in range(widest, MIN_WIDTH - 1, -1))
    for limit, whole in chain(whole_ids, cut_ids):
        widths = [w if c == whole else min(w, limit) for c, w in zip(columns, natural, strict=True)]
        if sum(widths) <= room:
            return widths
    return [*natural] if sum(natural) <= room else None


def _show_table(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]]) -> None:
    if lines := table(columns, rows, width()):
        echo(lines[0], bold=True)
        echo("\n".join(lines[1:]) or "(none)")
        return
    for row in rows:
        filled = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        _show_json(filled)


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
