"""Excel workbooks: the first worksheet with customers, each cell as the text that a person sees.

openpyxl reads one row at a time and keeps what the cells look like. python-calamine needs twice the memory,
drops the errors of cells, and ends the process at two cells that are far apart.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from .tables import Layout, Line, Table, UnusableFile, head_of

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_UNPACKED_BYTES = 200_000_000
MAX_PARTS = 5_000
MAX_CELLS = 30_000_000
"""Empty ones included: a row reaches to its last cell."""
_CHUNK_BYTES = 1 << 20
_EXACT = 10**15
"""Excel keeps 15 digits of a number."""
_ZEROS = re.compile("0{2,13}")
NOT_A_WORKBOOK = "This is a ZIP archive, but no Excel workbook that can be read"
SPREAD = "The cells of the worksheet are spread too far. Save the customers alone, as a CSV file."
BOMB = (
    f"The workbook would unpack to more than {MAX_UNPACKED_BYTES // 1_000_000} MB. "
    "Save the customers alone, as a CSV file."
)


def workbook_table(content: bytes) -> Table:
    """UnusableFile if this is no workbook, or one that would fill the memory."""
    check_size(content)
    with _opened(content) as book:
        filled = {name: head for name in _visible(book) if (head := head_of(_lines(book, name)))}
    if not filled:
        raise UnusableFile("The file is empty.")
    best = max(filled, key=lambda name: filled[name].known)
    unread = tuple(name for name in filled if name != best)
    return Table(Layout("xlsx", worksheet=best, unread=unread), lambda: _rows(content, best))


def check_size(content: bytes) -> None:
    """UnusableFile if the archive declares more bytes than allowed, or has more than it declares."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnusableFile(f"{NOT_A_WORKBOOK}: it is damaged.") from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnusableFile(BOMB)
    for part in parts:
        if _unpacked_bytes(content, part) > part.file_size:
            raise UnusableFile(f"{NOT_A_WORKBOOK}: {part.file_size:,} bytes are declared, it has more.")


def _unpacked_bytes(content: bytes, part: zipfile.ZipInfo) -> int:
    """How many bytes a part really has, as far as the declared ones are exceeded."""
    start = part.header_offset
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return part.compress_size if part.compress_type == zipfile.ZIP_STORED else part.file_size + 1
    name, extra = (int.from_bytes(content[start + at : start + at + 2], "little") for at in (26, 28))
    inflate, size = zlib.decompressobj(-15), 0
    rest = memoryview(content)[start + 30 + name + extra :][: part.compress_size]
    try:
        while size <= part.file_size and not inflate.eof:
            piece = inflate.decompress(rest, _CHUNK_BYTES)
            rest = inflate.unconsumed_tail
            size += len(piece)
            if not piece:
                break
    except zlib.error as error:
        raise UnusableFile(f"{NOT_A_WORKBOOK}: it is damaged.") from error
    return size


@contextmanager
def _opened(content: bytes) -> "Generator[Workbook]":
    """The workbook with the values of its formulas. Anything that a damaged one raises is an UnusableFile."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(action="ignore"):
            book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                yield book
    except UnusableFile:
        raise
    except Exception as error:
        reason = "it has a password" if "Encrypted" in str(error) else "a part of it is missing or damaged"
        raise UnusableFile(f"{NOT_A_WORKBOOK}: {reason}.") from error


def _visible(book: "Workbook") -> list[str]:
    return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _rows(content: bytes, name: str) -> Iterator[Line]:
    with _opened(content) as book:
        yield from _lines(book, name)


def _lines(book: "Workbook", name: str) -> Iterator[Line]:
    sheet = cast("Any", book[name])
    sheet.reset_dimensions()
    seen = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        seen += len(cells)
        if seen > MAX_CELLS:
            raise UnusableFile(SPREAD)
        yield Line(
            number, ["" if cell.value is None else _text(cell.value, cell.number_format) for cell in cells]
        )


def _text(value: object, shown_as: str) -> str:
    """What a person sees in the cell, as far as it can be known."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, shown_as)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float, shown_as: str) -> str:
    """1067 without .0; 01067 where the format 00000 shows it so; 4E+15 where digits are lost."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    if abs(value) >= _EXACT:
        return f"{value:.15G}"
    whole = str(int(value))
    return whole.zfill(len(shown_as)) if _ZEROS.fullmatch(shown_as) else whole
