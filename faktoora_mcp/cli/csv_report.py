"""The report of `check-csv`, for people and for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from faktoora_mcp.answers.sentences import reason, sentence
from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.sheets.checking import Duplicate, FileCheck, Problem, label
from faktoora_mcp.sheets.headers import Column
from faktoora_mcp.sheets.reading import DELIMITERS, ENCODINGS, CsvFile
from faktoora_mcp.text import bounded, quote

from .console import echo, table, width

MAX_LINES = 50
"""Of each list at a terminal. A pipe and --json get all lines."""
_HEADER_CHARS = 60
_LINE_CHARS = 500
_DERIVED = "isCompany: true if there is a name"


@dataclass(frozen=True, slots=True)
class ExistingCustomers:
    """How many existing customers were read. `reason` says why not all; `wanted`: whether to read them."""

    read: int = 0
    total: int | None = None
    reason: str | None = None
    wanted: bool = True
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    check: FileCheck
    existing: ExistingCustomers

    @property
    def exit_code(self) -> int:
        """1 if something must be corrected, or if not all existing customers could be read."""
        unread = self.existing.wanted and self.existing.reason is not None
        return int(self.check.needs_correction or unread)


def as_object(report: Report) -> dict[str, object]:
    """The whole report for programs."""
    check, existing = report.check, report.existing
    unread = {"reason": existing.reason} if existing.reason else {}
    return {
        "file": report.name,
        "encoding": check.file.encoding,
        "delimiter": check.file.delimiter,
        "columns": [_column(column) for column in check.file.columns],
        "rows": check.counts,
        "problems": [_problem(problem) for problem in check.problems],
        "doublesInFile": [_duplicate(duplicate) for duplicate in check.in_file],
        "doublesInBase": [_duplicate(duplicate) for duplicate in check.existing],
        "comparisonsLeftOut": check.skipped,
        "base": {
            "read": existing.read,
            "total": existing.total,
            "complete": existing.reason is None,
            **unread,
            "sandbox": existing.sandbox,
        },
    }


def show(report: Report, max_lines: int | None) -> None:
    """Print the report for people, at most so many lines of each list."""
    check = report.check
    echo(_summary(report), bold=True)
    echo(_format(check.file))
    echo(_comparison(report.existing, check.skipped))
    _section("Columns", _columns(check.file.columns), None)
    _section("Errors", map(_problem_line, check.errors), max_lines)
    _section("Likely duplicates", map(_duplicate_line, (*check.in_file, *check.existing)), max_lines)
    _section("Warnings", map(_problem_line, check.warnings), max_lines)
    echo("\n" + _advice(report), fg="cyan")


def _summary(report: Report) -> str:
    counts = report.check.counts
    return (
        f"{_one_line(report.name)}: {counts['total']:,} rows, {counts['ready']:,} ready, "
        f"{counts['withErrors']:,} with errors, {counts['doubles']:,} likely duplicates, "
        f"{counts['doubtful']:,} with warnings"
    )


def _format(file: CsvFile) -> str:
    delimiter = DELIMITERS.get(file.delimiter, quote(file.delimiter))
    return f"Read as {ENCODINGS[file.encoding]}, separated by {delimiter}; headers in row {file.head}."


def _comparison(existing: ExistingCustomers, skipped: int) -> str:
    whose = "invented customers of the sandbox" if existing.sandbox else "customers in faktoora"
    left_out = f" {skipped:,} comparisons were skipped: very many customers share a value." * bool(skipped)
    if existing.reason is None:
        return f"Compared with all {existing.read:,} {whose}.{left_out}"
    if existing.read:
        unread = f"{existing.reason}. Duplicates may be missing."
        return f"Compared with some of the {whose} only: {unread}{left_out}"
    return f"Not compared with the {whose}: {existing.reason.rstrip('.')}.{left_out}"


def _advice(report: Report) -> str:
    if report.check.needs_correction:
        return "Correct the errors, remove the duplicates, and check the file again before you upload it."
    if report.exit_code:
        return "The file needs no correction, but the comparison is not complete. Try again."
    return "The file needs no correction." + (" Look at the warnings." if report.check.warnings else "")


def _section(title: str, lines: Iterable[str], max_lines: int | None) -> None:
    every = [*lines]
    if every:
        echo(f"\n{title}", bold=True)
        echo("\n".join(f"  {line}" for line in every[:max_lines]))
    if max_lines is not None and every[max_lines:]:
        echo(f"  and {len(every) - max_lines:,} more; --json lists all", dim=True)


def _columns(columns: Sequence[Column]) -> list[str]:
    """Every header with the field it names."""
    rows = [[_header(place, column), _meaning(column)] for place, column in enumerate(columns, 1)]
    if not any(column.field == "isCompany" for column in columns):
        rows.append(["(no column)", _DERIVED])
    return table(["header", "becomes"], rows, width() - 2) or []


def _problem(problem: Problem) -> dict[str, object]:
    message = sentence(problem.finding)
    return {"row": problem.row, "field": problem.field, "level": problem.level, "message": message}


def _duplicate(duplicate: Duplicate) -> dict[str, object]:
    return {"row": duplicate.row, "of": duplicate.of, "reasons": [*map(reason, duplicate.reasons)]}


def _problem_line(problem: Problem) -> str:
    place = f"row {problem.row}, {problem.field}" if problem.field else f"row {problem.row}"
    return _one_line(f"{place}: {sentence(problem.finding)}")


def _duplicate_line(duplicate: Duplicate) -> str:
    reasons = ", ".join(map(reason, duplicate.reasons))
    return _one_line(f"row {duplicate.row} is likely {label(duplicate.of)}: {reasons}")


def _one_line(text: str) -> str:
    return " ".join(bounded(text, _LINE_CHARS).split())


def _column(column: Column) -> dict[str, JsonValue]:
    shown: dict[str, JsonValue] = {
        "header": bounded(column.header, _HEADER_CHARS),
        "field": column.field,
    }
    if column.field is None:
        return shown | {"nearest": nearest(column.header, WRITABLE)}
    return shown if column.read else shown | {"read": False}


def _header(place: int, column: Column) -> str:
    return _one_line(bounded(column.header, _HEADER_CHARS)) or f"(column {place})"


def _meaning(column: Column) -> str:
    if column.field:
        return column.field if column.read else f"not read: an earlier column is {column.field}"
    if column.header in API_OWNED:
        return "not read: faktoora sets it"
    near = nearest(column.header, WRITABLE)
    return "not recognised" + (f"; the nearest field is {near}" if near else "")
