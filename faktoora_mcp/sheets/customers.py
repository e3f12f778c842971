"""Customer lists from files: `read_customers` is the one way in, for uploads, imports and checks.

    sheet = read_customers(content, "kunden.xlsx")   # UnusableFile says in sentences why it cannot be read
    sheet.columns                                    # which field each header means
    sheet.findings                                   # about the file as a whole; its rows may be ready
    for row in sheet.rows():                         # one row in memory; each call reads from the start
        row.place, row.customer                      # its number in a spreadsheet, and whom it is about
        row.record                                   # fields of NewCustomer, to be sent if the row is ready
        row.findings                                 # what is wrong or doubtful, by level and column
        row.repairs                                  # what damaged cells probably held, by field
        row.read_as                                  # words that were read as codes, by field

`sheet.rows(accept_repairs=True)` takes the repairs, and judges the repaired rows.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.text import quote, trimmed

from .csv_file import DELIMITERS, csv_table
from .damage import damage_of
from .decoding import ENCODINGS, SAVE_AS_CSV, USUAL
from .headers import Column, columns_of, is_account, is_datev, missing_fields
from .judging import CellFinding, CustomerRow, Frame, judged
from .lost_digits import zero_widths
from .rows import Row
from .tables import Head, Layout, Line, Table, UnusableFile, head_of
from .workbook import workbook_table
from .writing import is_export, without_guard

_OTHER_FORMATS = {b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password", b"%PDF": "a PDF"}
"""Formats by their first bytes."""
_ZIP = b"PK\x03\x04"
_DATEV_MARKS = ("EXTF", "DTVF")
_SHOWN_HEADERS = 8
_SAMPLE = 5_000
"""So many rows show whether numbers begin with zeros."""
_BLANKS = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A readable list: `name` is the file's, `head` the number of the row with the headers."""

    name: str
    layout: Layout
    head: int
    columns: tuple[Column, ...]
    datev: bool
    """It is an export of DATEV's debtors, perhaps with creditors among them."""
    _exported: bool
    _frame: Frame
    _table: Table

    @property
    def findings(self) -> tuple[CellFinding, ...]:
        return tuple(_file_findings(self.layout, self.columns))

    @property
    def has_errors(self) -> bool:
        """Whether the file as a whole has to be corrected before other programs can read it."""
        return any(one.level == "error" for one in self.findings)

    def rows(self, *, accept_repairs: bool = False) -> Iterator[CustomerRow]:
        """Every row that is not blank. After quotation marks that are not closed there are none."""
        for line in _below(self.head, self._table):
            yield judged(self._row(line), self._frame, accept_repairs=accept_repairs)

    def cells(self, places: Container[int]) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows with these numbers, as they are in the file."""
        return ((line.number, line.cells) for line in _below(self.head, self._table) if line.number in places)

    def _row(self, line: Line) -> Row:
        width, given = len(self.columns), len(line.cells)
        if line.fault:
            return Row(line.number, {}, line.fault)
        if any(map(trimmed, line.cells[width:])):
            return Row(line.number, {}, self._too_wide(given))
        cells, others, edges = dict[str, str](), dict[str, str](), list[str]()
        for column, text in zip(self.columns, map(self._unguarded, line.cells), strict=False):
            cell = trimmed(text)
            if cell and column.field and column.read:
                cells[column.field] = cell
                edges += [column.field] * (cell != text.strip(_BLANKS))
            elif cell and not column.read:
                others[column.header] = cell
        short = self.layout.kind == "csv" and given < width
        warning = found("row_short", given=given, headers=width) if short else None
        return Row(line.number, cells, None, warning, others, line.encoding, tuple(edges))

    def _unguarded(self, text: str) -> str:
        return without_guard(text) if self._exported else text

    def _too_wide(self, given: int) -> Finding:
        if self.layout.kind == "xlsx":
            return found("cells_without_header", given=given, headers=len(self.columns))
        return found("row_too_wide", given=given, headers=len(self.columns), delimiter=self.layout.delimiter)


def read_customers(content: bytes, name: str = "", columns: Mapping[str, str] | None = None) -> Sheet:
    """The customer list in a file. UnusableFile if it is no list, or lacks a column that is needed.

    `columns` names the field of a header, where the header alone does not tell it; "" leaves it out.
    """
    table = _table(content)
    head = head_of(table.lines(), columns or {})
    first = next((line for line in table.lines() if any(map(trimmed, line.cells))), Line(0))
    if head is None:
        raise UnusableFile("The file is empty.")
    _refuse_other_exports(first)
    if head.line.fault:
        raise UnusableFile(
            f"Row {head.line.number}, where the headers should be, cannot be read: "
            "are its quotation marks doubled and closed?"
        )
    if unknown := [header for header in columns or {} if header not in head.headers]:
        raise UnusableFile(f"There is no column {', '.join(map(quote, unknown))}. {_found(head.headers)}")
    fields = columns_of(head.headers, columns)
    if missing := missing_fields(fields):
        raise UnusableFile(_without_columns(missing, head, table.layout))
    frame = _frame(head, fields, table)
    exported = is_export(head.headers)
    datev = is_datev(head.headers)
    return Sheet(name, table.layout, head.line.number, fields, datev, exported, frame, table)


def _frame(head: Head, columns: Sequence[Column], table: Table) -> Frame:
    headers = {column.field: column.header for column in columns if column.field and column.read}
    rows = islice(_below(head.line.number, table), _SAMPLE)
    return Frame(
        headers,
        zero_widths([column.field if column.read else None for column in columns], rows),
        accounts=is_account(headers.get("customerId", "")),
        ledger=is_account(headers.get("customerId", ""), sure=True),
    )


def _below(head: int, table: Table) -> Iterator[Line]:
    """The rows below the headers that are not blank."""
    return (
        line for line in table.lines() if line.number > head and (line.fault or any(map(trimmed, line.cells)))
    )


def _table(content: bytes) -> Table:
    if not content.strip():
        raise UnusableFile("The file is empty.")
    for start, kind in _OTHER_FORMATS.items():
        if content.startswith(start):
            raise UnusableFile(f"This is {kind}, not a CSV file. {SAVE_AS_CSV}, and check the new file.")
    return workbook_table(content) if content.startswith(_ZIP) else csv_table(content)


def _refuse_other_exports(first: Line) -> None:
    """DATEV names the kind of an export in its first line."""
    mark, kind = [*first.cells[:1], ""][0], [*islice(first.cells, 3, 4), ""][0]
    if mark in _DATEV_MARKS and "debitor" not in kind.casefold():
        raise UnusableFile(
            f"This is a DATEV export of {quote(kind)}. Export the debtors (Debitoren) instead."
        )


def _without_columns(missing: Sequence[str], head: Head, layout: Layout) -> str:
    mark = layout.delimiter
    separated = f"separated by {DELIMITERS.get(mark, quote(mark))}, " if mark else ""
    return (
        f"There is no column for {', '.join(missing)}. The first row must hold headers such as Firma, "
        f"Straße, PLZ, Ort, Land; {separated}{_found(head.headers)}"
    )


def _found(headers: Sequence[str]) -> str:
    more = " and others" if headers[_SHOWN_HEADERS:] else ""
    return f"it holds {', '.join(map(quote, headers[:_SHOWN_HEADERS]))}{more}."


def _file_findings(layout: Layout, columns: Sequence[Column]) -> Iterator[CellFinding]:
    if layout.kind == "csv" and layout.encoding not in USUAL:
        yield CellFinding("error", found("unusual_encoding", encoding=ENCODINGS[layout.encoding]))
    if layout.mixed:
        yield CellFinding("error", found("mixed_encodings", encoding=ENCODINGS[layout.encoding]))
    if layout.unread:
        unread = ", ".join(map(quote, layout.unread))
        yield CellFinding("warning", found("worksheets_unread", read=layout.worksheet, unread=unread))
    for column in columns:
        if column.read and damage_of("name", column.header):
            damaged = found("header_damaged", column.field or "", header=column.header)
            yield CellFinding("error", damaged, column.header)
        if column.conflict and column.field:
            yield CellFinding(
                "error", found("in_two_columns", column.field, header=column.header), column.header
            )
