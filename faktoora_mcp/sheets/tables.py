"""What every kind of file is read into: numbered rows of cells, and how the file is written."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.text import trimmed

from .headers import field_of

_FIRST_ROWS = 50
"""The headers stand in one of them; above them there may be titles."""


class UnusableFile(ValueError):
    """The file cannot be read as a customer list: what is wrong and what to do, in sentences."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written: a CSV file has an encoding and a delimiter, a workbook has worksheets.

    `mixed`: lines of the file are in other encodings. `unread`: further worksheets with cells.
    """

    kind: Literal["csv", "xlsx"]
    encoding: str = ""
    mixed: bool = False
    delimiter: str = ""
    worksheet: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row by its number in a spreadsheet: its cells, or why it cannot be read.

    `encoding` is set where it is not the file's.
    """

    number: int
    cells: Sequence[str] = ()
    fault: Finding | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, read from its start with each call of `lines`."""

    layout: Layout
    lines: Callable[[], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Head:
    """The row with the headers; `known` counts the fields that they name."""

    line: Line
    headers: tuple[str, ...]
    known: int


def head_of(lines: Iterable[Line], named: Container[str] = ()) -> Head | None:
    """Of the first rows the one with the most known headers; None if all are blank.

    `named` are further headers that are known.
    """
    heads = (
        _head(line, named)
        for line in islice(lines, _FIRST_ROWS)
        if line.fault or any(map(trimmed, line.cells))
    )
    return max(heads, key=lambda head: head.known, default=None)


def _head(line: Line, named: Container[str]) -> Head:
    headers = [*map(trimmed, line.cells)]
    while headers and not headers[-1]:
        headers.pop()
    known = {field_of(header) or (header if header in named else None) for header in headers}
    return Head(line, tuple(headers), len(known - {None}))
