"""CSV files of customers as offices save them: detects the encoding and the delimiter, reads the rows."""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import count
from typing import Self, TextIO

from faktoora_mcp.text import quote, trimmed

from .headers import Column, columns_of, field_of, missing_fields
from .rows import Row

ENCODINGS = {
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
}
DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "vertical bars"}
SAVE_AS_CSV = 'In Excel, choose "Save as" and "CSV UTF-8"'
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}
"""Formats by their first bytes."""
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[ \t]*[\r\n]*', re.IGNORECASE)
_SEPARATOR_LINE_CHARS = 12
_SHOWN_HEADERS = 8
_CHUNK_CHARS = 1 << 16


class UnusableFile(ValueError):
    """The file cannot be checked: what is wrong with it and what to do, in sentences."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """How the file is written and what its columns mean. Its rows are read one at a time, on request."""

    encoding: str
    delimiter: str
    head: int
    """The number of the row that holds the headers."""
    columns: tuple[Column, ...]
    _open: Callable[[], TextIO]

    @classmethod
    def read(cls, content: bytes) -> Self:
        """UnusableFile if this is no CSV file, or if a column that every customer needs is missing."""
        encoding = _encoding(content)

        def opened() -> TextIO:
            return TextIOWrapper(BytesIO(content), encoding, newline="")

        delimiter = _declared_delimiter(opened()) or max(DELIMITERS, key=lambda it: _known(opened(), it))
        head, headers = _head(opened(), delimiter)
        columns = columns_of(headers)
        if missing := missing_fields(columns):
            raise UnusableFile(_without_columns(missing, columns, delimiter))
        return cls(encoding, delimiter, head, columns, opened)

    def rows(self) -> Iterator[Row]:
        """The rows below the headers that are not blank. After an unclosed quotation mark there are none."""
        for number, cells in _numbered(self._open(), self.delimiter):
            if number > self.head and (isinstance(cells, str) or any(map(trimmed, cells))):
                yield Row(number, {}, cells) if isinstance(cells, str) else self._row(number, cells)

    def _row(self, number: int, cells: Sequence[str]) -> Row:
        width, given = len(self.columns), len(cells)
        found = f"has {given} cell{'s' * (given != 1)} under {width} headers"
        if any(map(trimmed, cells[width:])):
            return Row(number, {}, f"{found}: does a text with {quote(self.delimiter)} lack quotation marks?")
        named = zip(self.columns, map(trimmed, cells), strict=False)
        filled = {column.field: cell for column, cell in named if column.field and column.read and cell}
        return Row(number, filled, None, f"{found}; the last are taken as empty" if given < width else None)


def _encoding(content: bytes) -> str:
    """By the byte order mark; else UTF-8 if it decodes, which Windows-1252 with umlauts never does."""
    if not content.strip():
        raise UnusableFile("The file is empty.")
    for start, name in _OTHER_FORMATS.items():
        if content.startswith(start):
            raise UnusableFile(f"This is {name}, not a CSV file. {SAVE_AS_CSV}, and check the new file.")
    marked = [encoding for bom, encoding in _BOMS.items() if content.startswith(bom)]
    for encoding in marked or ("utf-8", "cp1252"):
        if _decodes(content, encoding):
            return encoding
    expected = f"{ENCODINGS[marked[0]]}, although it starts like that" if marked else "UTF-8 or Windows-1252"
    raise UnusableFile(f"The file is not text in {expected}. {SAVE_AS_CSV}.")


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether the content decodes, read in chunks. UnusableFile if it contains NUL characters."""
    text = TextIOWrapper(BytesIO(content), encoding, newline="")
    try:
        while chunk := text.read(_CHUNK_CHARS):
            if "\0" in chunk:
                raise UnusableFile(f"The file has NUL characters, so it is not a CSV file. {SAVE_AS_CSV}.")
    except UnicodeDecodeError:
        return False
    return True


def _declared_delimiter(text: TextIO) -> str | None:
    """The delimiter that a first line `sep=;` declares; the text is left after that line, or at its start."""
    found = _SEPARATOR_LINE.fullmatch(text.readline(_SEPARATOR_LINE_CHARS))
    if not found:
        text.seek(0)
    return found[1] if found else None


def _numbered(text: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Every row, or why it cannot be read. Excel counts a blank line, but not the line `sep=;`."""
    _declared_delimiter(text)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    for number in count(1):
        before = rows.line_num
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            lost = rows.line_num > before + 1
            rest = " Nothing below it was read." if lost else ""
            yield number, f"cannot be read ({error}): are its quotation marks doubled and closed?{rest}"
            if lost:
                return
        else:
            yield number, cells


def _head(text: TextIO, delimiter: str) -> tuple[int, list[str]]:
    """The first row that is not blank, with its number."""
    for number, cells in _numbered(text, delimiter):
        if isinstance(cells, str):
            raise UnusableFile(f"Row {number}, where the headers should be, {cells}")
        headers = [*map(trimmed, cells)]
        while headers and not headers[-1]:
            headers.pop()
        if headers:
            return number, headers
    raise UnusableFile("The file is empty.")


def _known(text: TextIO, delimiter: str) -> int:
    """How many headers are known if this is the delimiter."""
    try:
        return len({field_of(header) for header in _head(text, delimiter)[1]} - {None})
    except UnusableFile:
        return 0


def _without_columns(missing: Sequence[str], columns: Sequence[Column], delimiter: str) -> str:
    found = ", ".join(quote(column.header) for column in columns[:_SHOWN_HEADERS])
    more = " and others" if columns[_SHOWN_HEADERS:] else ""
    return (
        f"There is no column for {', '.join(missing)}. The first row must hold headers such as Firma, "
        f"Straße, PLZ, Ort, Land; separated by {DELIMITERS.get(delimiter, quote(delimiter))}, "
        f"it holds {found}{more}."
    )
