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

from .console import echo, width
from .tables import table
from .texts.words import number, plural, tr

MAX_LINES = 50
"""Of each list at a terminal. A pipe and --json get all lines."""
_IN_FULL = 5
"""Of more problems of one kind the first are shown in full, of the others the rows."""
_ROWS_SHOWN = 20
_HEADER_CHARS = 60
_LINE_CHARS = 500
_DERIVED = "isCompany: true if there is a company's name"
_MEANING: dict[JsonValue, str] = {True: "a company", False: "a person"}
_SKIPPED = "{count} comparisons were skipped: very many customers share a value."
_PARTLY = "Compared with some of the {whose} only: {reason}. Duplicates may be missing."
_CORRECT = "Correct the errors, and check the file again before you upload it."
_REMOVE = "Remove the duplicates, and check the file again before you upload it."
_CORRECT_AND_REMOVE = (
    "Correct the errors, remove the duplicates, and check the file again before you upload it."
)
_INCOMPLETE = "The file itself needs no correction, but the comparison is not complete. Try again."
_INCOMPLETE_DOUBTFUL = (
    "The file itself needs no correction, apart from the warnings, but the comparison is not complete. "
    "Try again."
)
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
    _section(tr("Columns"), _columns(check.sheet.columns), None)
    echo(f"  {tr(_MAPPING)}", dim=True)
    _section(tr("Read as"), _meanings(check), max_lines)
    _section(tr("Problems of the whole file"), (line(one.finding) for one in check.sheet.findings), None)
    _section(tr("Errors"), _problem_lines(check.errors), max_lines)
    _section(tr("Likely duplicates"), map(_duplicate_line, (*check.in_file, *check.existing)), max_lines)
    _section(tr("Warnings"), _problem_lines(check.warnings), max_lines)
    echo("\n" + _advice(report), fg="cyan")


def _summary(report: Report) -> str:
    counts, whole = report.check.counts, len(report.check.sheet.findings)
    parts = [
        plural(counts["total"], "{count} row", "{count} rows"),
        tr("{count} ready", count=number(counts["ready"])),
        tr("{count} with errors", count=number(counts["withErrors"])),
        plural(counts["duplicates"], "{count} likely duplicate", "{count} likely duplicates"),
        tr("{count} with warnings", count=number(counts["doubtful"])),
    ]
    problems = plural(whole, "{count} problem of the whole file", "{count} problems of the whole file")
    return f"{_one_line(report.name)}: {', '.join(parts)}" + f"; {problems}" * bool(whole)


def _format(sheet: Sheet) -> str:
    layout = sheet.layout
    known = {"kind": tr("a DATEV export") if sheet.datev else tr("a list"), "row": sheet.head}
    if layout.kind == "xlsx":
        text = "Read as {kind}, worksheet {worksheet}; headers in row {row}."
        return tr(text, worksheet=quote(layout.worksheet), **known)
    name = DELIMITERS.get(layout.delimiter)
    delimiter = tr(name) if name else quote(layout.delimiter)
    text = "Read as {kind} in {encoding}, separated by {delimiter}; headers in row {row}."
    return tr(text, encoding=ENCODINGS[layout.encoding], delimiter=delimiter, **known)


def _comparison(existing: ExistingCustomers, skipped: int) -> str:
    whose = tr("invented customers of the sandbox") if existing.sandbox else tr("customers in faktoora")
    left_out = " " + plural(skipped, _SKIPPED, _SKIPPED) if skipped else ""
    if existing.reason is None:
        return tr("Compared with all {count} {whose}.", count=number(existing.read), whose=whose) + left_out
    text = _PARTLY if existing.read else "Not compared with the {whose}: {reason}."
    return tr(text, whose=whose, reason=tr(existing.reason.rstrip("."))) + left_out


def _advice(report: Report) -> str:
    check = report.check
    if check.needs_correction:
        wrong = check.errors or check.sheet.has_errors
        twice = check.in_file or check.existing
        return tr(_CORRECT if not twice else _REMOVE if not wrong else _CORRECT_AND_REMOVE)
    doubtful = check.warnings or check.sheet.findings
    if report.exit_code:
        return tr(_INCOMPLETE_DOUBTFUL if doubtful else _INCOMPLETE)
    return " ".join([tr("Nothing has to be corrected."), *[tr("Look at the warnings.")] * bool(doubtful)])


def _section(title: str, lines: Iterable[str], max_lines: int | None) -> None:
    every = [*lines]
    if every:
        echo(f"\n{title}", bold=True)
        echo("\n".join(f"  {one}" for one in every[:max_lines]))
    if max_lines is not None and every[max_lines:]:
        rest = number(len(every) - max_lines)
        echo("  " + tr("and {count} more; --json lists all", count=rest), dim=True)


def _columns(columns: Sequence[Column]) -> list[str]:
    """Every header with the field that it would be."""
    rows = [[_header(place, column), _meaning(column)] for place, column in enumerate(columns, 1)]
    if not any(column.field == "isCompany" for column in columns):
        rows.append([tr("(no column)"), tr(_DERIVED)])
    return table([tr("header"), tr("would be")], rows, width() - 2) or []


def _meanings(check: FileCheck) -> Iterator[str]:
    for name, words in check.read_as.items():
        read = (_meaning_of(word, value) for word, value in words.items())
        yield _one_line(f"{name}: {', '.join(read)}")


def _meaning_of(word: str, value: JsonValue) -> str:
    meaning = tr(_MEANING[value]) if value in _MEANING else value
    return tr("{word} as {meaning}", word=quote(word), meaning=meaning)


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
            column = kind.column or tr("the row")
            text = "and {count} more row with {column} like these: {rows}"
            more = "and {count} more rows with {column} like these: {rows}"
            yield "  " + plural(len(rest), text, more, column=column, rows=rows)


def _problem_line(problem: Problem) -> str:
    """Row, customer and column, then what was seen."""
    one = problem.found
    column = (
        one.finding.path if one.column in (None, one.finding.path) else f"{one.column} ({one.finding.path})"
    )
    place = [
        tr("row {row}", row=problem.row),
        *filter(None, [bounded(problem.customer, _HEADER_CHARS), column]),
    ]
    return _one_line(f"{', '.join(place)}: {sentence(one.finding)}")


def _duplicate_line(duplicate: Duplicate) -> str:
    reasons = ", ".join(map(reason, duplicate.reasons))
    of = tr("row {row}", row=duplicate.of) if isinstance(duplicate.of, int) else label(duplicate.of)
    return _one_line(tr("row {row} is likely {of}: {reasons}", row=duplicate.row, of=of, reasons=reasons))


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
    return _one_line(bounded(column.header, _HEADER_CHARS)) or tr("(column {place})", place=place)


def _meaning(column: Column) -> str:
    if column.field and column.read:
        return column.field
    if column.field:
        instead = quote(column.instead or "")
        return tr("not read: {instead} would be {field}", instead=instead, field=column.field)
    if column.header in API_OWNED:
        return tr("not read: faktoora sets it")
    near = nearest(column.header, WRITABLE)
    return tr("not recognised; the nearest field is {near}", near=near) if near else tr("not recognised")
