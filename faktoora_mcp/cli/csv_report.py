"""The report of `check-csv`, for people and for programs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from faktoora_mcp.answers.sentences import line, reason, sentence
from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.sheets.checking import Duplicate, FileCheck, label
from faktoora_mcp.sheets.csv_file import DELIMITERS
from faktoora_mcp.sheets.customers import Sheet
from faktoora_mcp.sheets.decoding import ENCODINGS
from faktoora_mcp.sheets.headers import Column
from faktoora_mcp.sheets.problems import Kind, Problem
from faktoora_mcp.text import bounded, quote

from .console import echo, table, width

MAX_LINES = 50
"""Of each list at a terminal. A pipe and --json get all lines."""
_IN_FULL = 5
"""Of more problems of one kind the first are shown in full, of the others the rows."""
_ROWS_SHOWN = 20
_HEADER_CHARS = 60
_LINE_CHARS = 500
_DERIVED = "isCompany: true if there is a company's name"
_MEANING: dict[JsonValue, str] = {True: "a company", False: "a person"}
_MAPPING = "Which field each column would be. How faktoora itself reads the columns is not documented."


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
    sheet, layout = check.sheet, check.sheet.layout
    unread = {"reason": existing.reason} if existing.reason else {}
    return {
        "file": report.name,
        **({"worksheet": layout.worksheet} if layout.kind == "xlsx" else {"encoding": layout.encoding}),
        **({} if layout.kind == "xlsx" else {"delimiter": layout.delimiter}),
        "datev": sheet.datev,
        "columns": [_column(column) for column in sheet.columns],
        "readAs": check.read_as,
        "rows": check.counts,
        "fileProblems": [{"level": one.level, "message": line(one.finding)} for one in sheet.findings],
        "problems": [_kind(kind) for kind in (*check.errors, *check.warnings)],
        "duplicatesInFile": [_duplicate(duplicate) for duplicate in check.in_file],
        "duplicatesInBase": [_duplicate(duplicate) for duplicate in check.existing],
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
    echo(_format(check.sheet))
    echo(_comparison(report.existing, check.skipped))
    _section("Columns", _columns(check.sheet.columns), None)
    echo(f"  {_MAPPING}", dim=True)
    _section("Read as", _meanings(check), max_lines)
    _section("Problems of the whole file", (line(one.finding) for one in check.sheet.findings), None)
    _section("Errors", _problem_lines(check.errors), max_lines)
    _section("Likely duplicates", map(_duplicate_line, (*check.in_file, *check.existing)), max_lines)
    _section("Warnings", _problem_lines(check.warnings), max_lines)
    echo("\n" + _advice(report), fg="cyan")


def _summary(report: Report) -> str:
    check, counts = report.check, report.check.counts
    whole = len(check.sheet.findings)
    return (
        f"{_one_line(report.name)}: {counts['total']:,} rows, {counts['ready']:,} ready, "
        f"{counts['withErrors']:,} with errors, {counts['duplicates']:,} likely duplicates, "
        f"{counts['doubtful']:,} with warnings"
        + f"; {whole} problem{'s' * (whole != 1)} of the whole file"
        * bool(whole)
    )


def _format(sheet: Sheet) -> str:
    layout = sheet.layout
    kind = "a DATEV export" if sheet.datev else "a list"
    headers = f"headers in row {sheet.head}"
    if layout.kind == "xlsx":
        return f"Read as {kind}, worksheet {quote(layout.worksheet)}; {headers}."
    delimiter = DELIMITERS.get(layout.delimiter, quote(layout.delimiter))
    return f"Read as {kind} in {ENCODINGS[layout.encoding]}, separated by {delimiter}; {headers}."


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
    check = report.check
    if check.needs_correction:
        tasks = [
            *["correct the errors"] * bool(check.errors or check.sheet.has_errors),
            *["remove the duplicates"] * bool(check.in_file or check.existing),
        ]
        steps = ", ".join(tasks)
        return f"{steps[0].upper()}{steps[1:]}, and check the file again before you upload it."
    doubtful = check.warnings or check.sheet.findings
    if report.exit_code:
        done = "The file itself needs no correction" + ", apart from the warnings" * bool(doubtful)
        return f"{done}, but the comparison is not complete. Try again."
    return "Nothing has to be corrected." + (" Look at the warnings." if doubtful else "")


def _section(title: str, lines: Iterable[str], max_lines: int | None) -> None:
    every = [*lines]
    if every:
        echo(f"\n{title}", bold=True)
        echo("\n".join(f"  {one}" for one in every[:max_lines]))
    if max_lines is not None and every[max_lines:]:
        echo(f"  and {len(every) - max_lines:,} more; --json lists all", dim=True)


def _columns(columns: Sequence[Column]) -> list[str]:
    """Every header with the field that it would be."""
    rows = [[_header(place, column), _meaning(column)] for place, column in enumerate(columns, 1)]
    if not any(column.field == "isCompany" for column in columns):
        rows.append(["(no column)", _DERIVED])
    return table(["header", "would be"], rows, width() - 2) or []


def _meanings(check: FileCheck) -> Iterator[str]:
    for name, words in check.read_as.items():
        read = (f"{quote(word)} as {_MEANING.get(value, value)}" for word, value in words.items())
        yield _one_line(f"{name}: {', '.join(read)}")


def _kind(kind: Kind) -> dict[str, object]:
    """A kind of problem with all its rows."""
    return {
        "level": kind.level,
        "field": kind.path or None,
        "column": kind.column and bounded(kind.column, _HEADER_CHARS),
        "code": kind.code,
        "count": len(kind.rows),
        "rows": [*kind.rows],
        "examples": [*map(_example, kind.examples)],
    }


def _example(one: Problem) -> dict[str, object]:
    customer = bounded(one.customer, _HEADER_CHARS)
    return {"row": one.row, "customer": customer, "message": sentence(one.found.finding)}


def _duplicate(duplicate: Duplicate) -> dict[str, object]:
    return {"row": duplicate.row, "of": duplicate.of, "reasons": [*map(reason, duplicate.reasons)]}


def _problem_lines(kinds: Iterable[Kind]) -> Iterator[str]:
    """The first rows of each kind in full, then how many more there are."""
    for kind in kinds:
        shown = kind.examples if len(kind.rows) <= _IN_FULL + 1 else kind.examples[:_IN_FULL]
        yield from map(_problem_line, shown)
        rest = kind.rows[len(shown) :]
        if rest:
            rows = ", ".join(map(str, rest[:_ROWS_SHOWN])) + ", …" * (len(rest) > _ROWS_SHOWN)
            yield f"  and {len(rest):,} more rows with {kind.column or 'the row'} like these: {rows}"


def _problem_line(problem: Problem) -> str:
    """Row, customer and column, then what was seen."""
    one = problem.found
    column = (
        one.finding.path if one.column in (None, one.finding.path) else f"{one.column} ({one.finding.path})"
    )
    place = [f"row {problem.row}", *filter(None, [bounded(problem.customer, _HEADER_CHARS), column])]
    return _one_line(f"{', '.join(place)}: {sentence(one.finding)}")


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
        return (
            column.field
            if column.read
            else f"not read: {quote(column.instead or '')} would be {column.field}"
        )
    if column.header in API_OWNED:
        return "not read: faktoora sets it"
    near = nearest(column.header, WRITABLE)
    return "not recognised" + (f"; the nearest field is {near}" if near else "")
