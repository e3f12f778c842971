"""Answers as a person at a terminal reads them: aligned tables, indented JSON, problems in sentences."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, cast
from unicodedata import combining, east_asian_width

import click
from pydantic import JsonValue

Json = Mapping[str, JsonValue]
GAP = "  "
LEGIBLE = 10
"""Columns: an id stays whole as long as the others need not be narrower than this."""
NARROWEST = 6
"""Columns: where a table needs narrower ones, its rows are shown as records."""
KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(?=: )', re.MULTILINE)
QUIET = ("code", "retryable", "sandbox")
SPOKEN = ("message", "fields", "next")


def show_answer(answer: Json) -> None:
    """Print the answer of a tool; a table's counts stand below it."""
    match answer:
        case {"columns": list(columns), "rows": list(rows)}:
            _show_table(cast("list[str]", columns), cast("list[list[JsonValue]]", rows))
            beside = {name: value for name, value in answer.items() if name not in ("columns", "rows")}
            counts = [f"{name} {_cell(value)}" for name, value in beside.items() if _is_plain(value)]
            say("\n" + ", ".join(counts), dim=True)
            _show_json({name: value for name, value in beside.items() if value and not _is_plain(value)})
        case _:
            _show_json(answer)


def show_problem(error: Json) -> None:
    """Print what went wrong, field by field, and what to do next; on stderr."""
    say(f"Error: {error['message']}", err=True, fg="red", bold=True)
    for field, reason in cast("dict[str, str]", error.get("fields", {})).items():
        say(f"  {field}: {reason}", err=True)
    _show_json({k: v for k, v in error.items() if k not in (*QUIET, *SPOKEN)}, err=True)
    say(str(error["next"]), err=True, fg="cyan")


def width() -> int:
    """Columns of the terminal."""
    return max(40, shutil.get_terminal_size().columns)


def speak_utf8() -> None:
    """Whatever the locale says: what is piped is UTF-8, and no letter stops a command."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="replace")


def table(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]], room: int) -> list[str] | None:
    """The lines of a table, head first, none wider than the room; None where it has too many columns."""
    lines = [[*columns], *([_cell(value) for value in row] for row in rows)]
    natural = [max(map(_seen_width, column)) for column in zip(*lines, strict=True)]
    widths = _widths(columns, natural, room - len(GAP) * (len(columns) - 1))
    if widths is None:
        return None
    return [GAP.join(map(_fitted, line, widths)).rstrip() for line in lines]


def _widths(columns: Sequence[str], natural: Sequence[int], room: int) -> list[int] | None:
    """Wide columns give way first, the id only where the others would become illegible."""
    widest = max(natural, default=0)
    kept_ids = ((level, "id") for level in range(widest, LEGIBLE - 1, -1))
    cut_ids = ((level, "") for level in range(widest, NARROWEST - 1, -1))
    for level, whole in chain(kept_ids, cut_ids):
        widths = [w if c == whole else min(w, level) for c, w in zip(columns, natural, strict=True)]
        if sum(widths) <= room:
            return widths
    return [*natural] if sum(natural) <= room else None


def _show_table(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]]) -> None:
    if lines := table(columns, rows, width()):
        say(lines[0], bold=True)
        click.echo("\n".join(lines[1:]) or "(none)")
        return
    for row in rows:
        filled = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        _show_json(filled)


def _show_json(value: Json, *, err: bool = False) -> None:
    if value:
        text = json.dumps(value, indent=2, ensure_ascii=False)
        click.echo(KEY.sub(_coloured, text), err=err, color=_colour())


def _coloured(found: re.Match[str]) -> str:
    return found[1] + click.style(found[2], fg="cyan")


def say(text: str, *, err: bool = False, **style: Any) -> None:  # noqa: ANN401 (what click.style takes)
    click.secho(text, err=err, color=_colour(), **style)


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None


def _is_plain(value: JsonValue) -> bool:
    return not isinstance(value, (list, dict))


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case str():
            return " ".join(value.split())
        case _:
            return json.dumps(value, ensure_ascii=False)


def _fitted(text: str, room: int) -> str:
    if _seen_width(text) <= room:
        return text + " " * (room - _seen_width(text))
    kept = text
    while _seen_width(kept) > room - 1:
        kept = kept[:-1]
    return kept + "…" + " " * (room - 1 - _seen_width(kept))


def _seen_width(text: Iterable[str]) -> int:
    """Columns of a terminal: none for an accent that combines, two for a wide letter."""
    return sum(0 if combining(letter) else 1 + (east_asian_width(letter) in "WF") for letter in text)
