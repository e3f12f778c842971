"""Customer lists from files: `read_customers` is the one way in, for uploads, imports and checks.

    sheet = read_customers(content, "kunden.xlsx")   # UnusableFile says in sentences why it cannot be read
    sheet.columns                                    # which field each header means
    for row in sheet.rows():                         # one row in memory; each call reads from the start
        row.place, row.customer                      # its number in a spreadsheet, and whom it is about
        row.record                                   # fields of NewCustomer, to be sent if the row is ready
        row.findings                                 # what is wrong or doubtful, by level and column
        row.repairs                                  # what damaged cells probably held, by field

`sheet.rows(accept_repairs=True)` takes the repairs, and judges the repaired row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from pydantic import JsonValue

from faktoora_mcp.rules.findings import Finding

from .headers import Column
from .reading import CsvFile
from .rows import Row

Record = dict[str, JsonValue]
Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class CellFinding:
    """What is wrong or doubtful in a cell; `finding.path` is the field, "" for the whole row.

    `column` is the cell's header as the file has it. A repair that was taken is a warning.
    """

    level: Level
    finding: Finding
    column: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer of a list. `place` counts as a spreadsheet does; the headers are often row 1."""

    place: int
    customer: str
    record: Record
    findings: tuple[CellFinding, ...] = ()
    repairs: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def ready(self) -> bool:
        return all(one.level == "warning" for one in self.findings)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A readable list: `name` is the file's, `head` the number of the row with the headers."""

    name: str
    head: int
    columns: tuple[Column, ...]
    findings: tuple[CellFinding, ...]
    _file: CsvFile

    @classmethod
    def of(cls, name: str, file: CsvFile) -> Self:
        return cls(name, file.head, file.columns, (), file)

    def rows(self, *, accept_repairs: bool = False) -> Iterator[CustomerRow]:  # noqa: ARG002 (repairs follow)
        """Every row that is not blank."""
        return map(_customer_row, self._file.rows())


def read_customers(content: bytes, name: str = "") -> Sheet:
    """The customer list in a file. UnusableFile if it is no list, or lacks a column that is needed."""
    return Sheet.of(name, CsvFile.read(content))


def _customer_row(row: Row) -> CustomerRow:
    customer = row.cells.get("name") or " ".join(
        row.cells[part] for part in ("firstName", "lastName") if part in row.cells
    )
    return CustomerRow(row.number, customer, row.record)
