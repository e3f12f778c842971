"""What `check-csv` has found out about a file: as facts, as one JSON object, and as a person reads it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Literal

from pydantic import JsonValue

from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.sheets.reading import DELIMITERS, ENCODINGS, Column, CsvFile
from faktoora_mcp.text import bounded, quote

from .console import say, table, width

Json = dict[str, JsonValue]
Level = Literal["error", "warning"]
MOST_LINES = 50
"""Of each list at a terminal; a pipe and --json get all."""
_HEADER_CHARS = 60
_DERIVED = "isCompany, true where a name is filled"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or doubtful in a row as a spreadsheet counts; without a field, in the whole row."""

    row: int
    field: str | None
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class Double:
    """A row that is likely an earlier row, or an existing customer, once more."""

    row: int
    of: int | Json
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """What was read of the existing customers; `reason` says why all or some were not."""

    read: int = 0
    total: int | None = None
    reason: str | None = None
    asked: bool = True
    sandbox: bool = False


@dataclass(slots=True)
class Report:
    name: str
    file: CsvFile
    base: Base
    rows: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])
    in_file: list[Double] = field(default_factory=list[Double])
    in_base: list[Double] = field(default_factory=list[Double])
    skipped: int = 0
    """Comparisons left out where very many customers share a value."""

    @property
    def counts(self) -> dict[str, int]:
        """Every row once, where it fares worst."""
        head = {self.file.head}
        wrong = {one.row for one in self.errors} - head
        doubles = {one.row for one in (*self.in_file, *self.in_base)} - wrong
        doubtful = {one.row for one in self.problems} - wrong - doubles - head
        kinds = {"withErrors": len(wrong), "doubles": len(doubles), "doubtful": len(doubtful)}
        return {"total": self.rows, "ready": self.rows - sum(kinds.values()), **kinds}

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "warning"]

    @property
    def exit_code(self) -> int:
        """1 where something is to be corrected, or where the base was to be read and was not."""
        unread = self.base.asked and self.base.reason is not None
        return int(bool(self.errors or self.in_file or self.in_base or unread))


def as_object(report: Report) -> dict[str, object]:
    """The whole report as a program reads it."""
    base = report.base
    reason = {"reason": base.reason} if base.reason else {}
    return {
        "file": report.name,
        "encoding": report.file.encoding,
        "delimiter": report.file.delimiter,
        "columns": [_column(column) for column in report.file.columns],
        "rows": report.counts,
        "problems": [asdict(problem) for problem in report.problems],
        "doublesInFile": [asdict(double) for double in report.in_file],
        "doublesInBase": [asdict(double) for double in report.in_base],
        "comparisonsLeftOut": report.skipped,
        "base": {
            "read": base.read,
            "total": base.total,
            "complete": base.reason is None,
            **reason,
            "sandbox": base.sandbox,
        },
    }


def show(report: Report, most: int | None) -> None:
    """Print the report for a person, of each list at most so many lines."""
    say(_summary(report), bold=True)
    say(_reading(report.file))
    say(_comparison(report.base, report.skipped))
    headers = [[_header(place, one), _meaning(one)] for place, one in enumerate(report.file.columns, 1)]
    derived = [] if _has(report.file, "isCompany") else [["(no column)", _DERIVED]]
    _section("Columns", table(["header", "becomes"], headers + derived, width() - 2) or [], None)
    _section("Errors", map(_line, report.errors), most)
    _section("Likely doubles", map(_same, (*report.in_file, *report.in_base)), most)
    _section("Doubts", map(_line, report.warnings), most)
    say("\n" + _advice(report), fg="cyan")


def whom(existing: int | Json) -> str:
    """A row or a customer, by what tells customers apart."""
    if isinstance(existing, int):
        return f"row {existing}"
    known = (existing.get(name) for name in ("name", "customerId", "postcode", "city"))
    return ", ".join(str(value) for value in (*known, f"id {existing['id']}") if value)


def _summary(report: Report) -> str:
    counts = report.counts
    return (
        f"{_flat(report.name)}: {counts['total']:,} rows, {counts['ready']:,} ready, "
        f"{counts['withErrors']:,} with errors, {counts['doubles']:,} likely doubles, "
        f"{counts['doubtful']:,} doubtful"
    )


def _reading(file: CsvFile) -> str:
    mark = DELIMITERS.get(file.delimiter, quote(file.delimiter))
    return f"Read as {ENCODINGS[file.encoding]}, separated by {mark}; headers in row {file.head}."


def _comparison(base: Base, skipped: int) -> str:
    whose = "invented customers of the sandbox" if base.sandbox else "customers in faktoora"
    left_out = f" {skipped:,} comparisons were left out: very many customers share a value." * bool(skipped)
    if base.reason is None:
        return f"Compared with all {base.read:,} {whose}.{left_out}"
    if base.read:
        return f"Compared with some of the {whose} only: {base.reason}. Doubles may be missing.{left_out}"
    return f"Not compared with the {whose}: {base.reason.rstrip('.')}.{left_out}"


def _advice(report: Report) -> str:
    if report.errors or report.in_file or report.in_base:
        return "Correct the errors, take out the doubles, and check the file again before you upload it."
    if report.exit_code:
        return "Nothing to correct was found, but the comparison is not complete. Try again."
    return "Nothing has to be corrected." + (" Look at the doubts." if report.warnings else "")


def _section(title: str, lines: Iterable[str], most: int | None) -> None:
    every = [*lines]
    if every:
        say(f"\n{title}", bold=True)
        say("\n".join(f"  {line}" for line in every[:most]))
    if most is not None and every[most:]:
        say(f"  and {len(every) - most:,} more; --json lists all", dim=True)


def _line(problem: Problem) -> str:
    place = f"row {problem.row}, {problem.field}" if problem.field else f"row {problem.row}"
    return _flat(f"{place}: {problem.message}")


def _same(double: Double) -> str:
    return _flat(f"row {double.row} is likely {whom(double.of)}: {', '.join(double.reasons)}")


def _flat(text: str) -> str:
    return " ".join(bounded(text, 500).split())


def _column(column: Column) -> Json:
    shown: Json = {"header": bounded(column.header, _HEADER_CHARS), "field": column.field}
    if column.field is None:
        return shown | {"nearest": nearest(column.header, WRITABLE)}
    return shown if column.read else shown | {"read": False}


def _header(place: int, column: Column) -> str:
    return _flat(bounded(column.header, _HEADER_CHARS)) or f"(column {place})"


def _meaning(column: Column) -> str:
    if column.field:
        return column.field if column.read else f"not read: an earlier column is {column.field}"
    if column.header in API_OWNED:
        return "not read: faktoora sets it"
    near = nearest(column.header, WRITABLE)
    return "not recognised" + (f"; the nearest field is {near}" if near else "")


def _has(file: CsvFile, name: str) -> bool:
    return any(column.field == name for column in file.columns)
