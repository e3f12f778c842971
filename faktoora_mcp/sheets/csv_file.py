"""CSV files as offices save them: the delimiter that yields known headers, and rows of cells."""

import csv
import re
from collections.abc import Iterator
from itertools import count

from faktoora_mcp.rules.findings import found

from .decoding import Text, decoded
from .tables import Layout, Line, Table, head_of

DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "vertical bars"}
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[ \t]*[\r\n]*', re.IGNORECASE)


def csv_table(content: bytes) -> Table:
    """UnusableFile if the content is no text."""
    text = decoded(content)
    declared = _separator(next(text.lines(), ""))
    delimiter = declared or max(DELIMITERS, key=lambda it: _known(text, it))
    layout = Layout("csv", text.encoding, text.mixed, delimiter)
    return Table(layout, lambda: _rows(text, delimiter))


def _separator(line: str) -> str | None:
    """The delimiter that a first line `sep=;` declares."""
    declared = _SEPARATOR_LINE.fullmatch(line.removeprefix("\ufeff"))
    return declared[1] if declared else None


def _known(text: Text, delimiter: str) -> int:
    """How many headers are known if this is the delimiter."""
    head = head_of(_rows(text, delimiter))
    return head.known if head else 0


def _rows(text: Text, delimiter: str) -> Iterator[Line]:
    """Every row. Excel counts a blank line, but not the line `sep=;`."""
    others: list[str] = []
    rows = csv.reader(_without_separator(text.lines(others.append)), delimiter=delimiter, strict=True)
    for number in count(1):
        before = rows.line_num
        others.clear()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            lost = rows.line_num > before + 1
            yield Line(number, fault=found("rows_lost" if lost else "row_unreadable", reason=str(error)))
            if lost:
                return
        else:
            yield Line(number, cells, encoding=others[-1] if others else None)


def _without_separator(lines: Iterator[str]) -> Iterator[str]:
    return (line for place, line in enumerate(lines) if place or not _separator(line))
