"""Tables for a terminal: columns as wide as their words need, cells wrapped at blanks, ids whole."""

import json
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import cast
from unicodedata import combining, east_asian_width

from pydantic import JsonValue

GAP = "  "
WHOLE = ("id", "ids", "customerId", "call", "fileId", "confirm")
"""Columns that are never cut, because the next call needs their values."""
LONGEST_WORD = 40
"""Columns that a longer word has before it is cut."""
READABLE = 16
"""A column of so many is wrapped rather than moved out of the table."""
MAX_LINES = 8
"""Lines of one cell."""


def table(
    columns: Sequence[str], rows: Sequence[Sequence[JsonValue]], room: int, right: Collection[str] = ()
) -> list[str] | None:
    """The lines of a table, head first, none wider than `room`; None if its words need more.

    The columns named in `right` are aligned to the right.
    """
    found = laid_out(columns, rows, room, right)
    return None if found is None else [line for lines in found for line in lines]


def laid_out(
    columns: Sequence[str], rows: Sequence[Sequence[JsonValue]], room: int, right: Collection[str] = ()
) -> list[list[str]] | None:
    """The lines of the head and of each row, as `table` has them."""
    texts = [[*columns], *([cell(value) for value in row] for row in rows)]
    widths = _widths(columns, texts, room - len(GAP) * (len(columns) - 1))
    if widths is None:
        return None
    aligned = [name in right for name in columns]
    limits = [None if name in WHOLE else MAX_LINES for name in columns]
    return [[*_lines(row, widths, limits, aligned)] for row in texts]


def width_needed(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]]) -> int:
    """Columns of a terminal that a readable table takes; wide cells may be wrapped."""
    texts = [[*columns], *([cell(value) for value in row] for row in rows)]
    widths = zip(columns, _natural(texts), _least(columns, texts), strict=True)
    wanted = [wide if name in WHOLE else max(least, min(wide, READABLE)) for name, wide, least in widths]
    return sum(wanted) + len(GAP) * (len(columns) - 1)


def cell(value: JsonValue) -> str:
    """A value in one line."""
    match value:
        case None:
            return ""
        case str():
            return " ".join(value.split())
        case list() if all(isinstance(part, str) for part in value):
            return "; ".join(cast("list[str]", value))
        case _:
            return json.dumps(value, ensure_ascii=False)


def wrapped(text: str, room: int, indent: str = "", first: str = "") -> list[str]:
    """The text in lines that end between words, indented; a longer word stays whole."""
    lines, line, used = list[str](), first, len(first)
    fresh = True
    for word in text.split():
        wide = display_width(word)
        if fresh:
            line, used = line + word, used + wide
        elif used + 1 + wide > room:
            lines.append(line)
            line, used = indent + word, len(indent) + wide
        else:
            line, used = f"{line} {word}", used + 1 + wide
        fresh = False
    return [*lines, line]


def display_width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    return sum(map(_letter_width, text))


def _widths(columns: Sequence[str], texts: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Wide columns are narrowed first, none below its longest word."""
    natural, least = _natural(texts), _natural([[*map(_longest_word, row)] for row in texts])
    least = [
        wide if name in WHOLE else min(wide, LONGEST_WORD) for name, wide in zip(columns, least, strict=True)
    ]
    if sum(least) > room:
        return None
    for limit in range(min(room, max(natural, default=0)), 0, -1):
        widths = [max(low, min(wide, limit)) for low, wide in zip(least, natural, strict=True)]
        if sum(widths) <= room:
            return widths
    return least


def _least(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> list[int]:
    """The longest word of each column; all of a value that is never cut."""
    words, natural = _natural([[*map(_longest_word, row)] for row in texts]), _natural(texts)
    widths = zip(columns, words, natural, strict=True)
    return [wide if name in WHOLE else min(word, LONGEST_WORD) for name, word, wide in widths]


def _natural(texts: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(display_width, column)) for column in zip(*texts, strict=True)]


def _longest_word(text: str) -> str:
    return max(text.split(), key=display_width, default="")


def _lines(
    row: Sequence[str], widths: Sequence[int], limits: Sequence[int | None], right: Sequence[bool]
) -> Iterator[str]:
    cells = [_cell_lines(text, wide, most) for text, wide, most in zip(row, widths, limits, strict=True)]
    for place in range(max(map(len, cells), default=1)):
        parts = [lines[place] if place < len(lines) else "" for lines in cells]
        yield GAP.join(map(_padded, parts, widths, right)).rstrip()


def _cell_lines(text: str, room: int, most: int | None) -> list[str]:
    lines = [_cut(line, room) for line in wrapped(text, room)]
    if most is None or len(lines) <= most:
        return lines
    return [*lines[: most - 1], _cut(f"{lines[most - 1]} …", room)]


def _padded(text: str, room: int, right: bool) -> str:  # noqa: FBT001 (one of the columns that `map` zips)
    blanks = " " * (room - display_width(text))
    return blanks + text if right else text + blanks


def _cut(text: str, room: int) -> str:
    """The text, or as much of its beginning as leaves room for an ellipsis."""
    used = 0
    ends = [used := used + _letter_width(letter) for letter in text]
    return text if used <= room else text[: bisect_right(ends, room - 1)] + "…"


def _letter_width(letter: str) -> int:
    """None for a combining accent, two for a wide letter."""
    return 0 if combining(letter) else 1 + (east_asian_width(letter) in "WF")
