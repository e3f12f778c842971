"""Checks a customer list before it is uploaded: every row by the field rules, and against other customers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, cast

from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicate_pairs import Pair, PairCollector
from faktoora_mcp.insight.duplicates import Reason
from faktoora_mcp.rules.findings import Finding, found, together
from faktoora_mcp.rules.identifiers import country_meant
from faktoora_mcp.rules.validation import judge, review
from faktoora_mcp.text import bounded

from .reading import CsvFile, UnusableFile
from .repairs import is_rounded, original_postcode
from .rows import Row

Record = dict[str, JsonValue]
Level = Literal["error", "warning"]
_EXISTING = "existing "
"""Before the id of an existing customer, where rows are known by their numbers."""
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or doubtful in a row, numbered as in a spreadsheet; without a field, in the whole row."""

    row: int
    field: str | None
    level: Level
    finding: Finding


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that is probably the same customer as an earlier row or as an existing customer."""

    row: int
    of: int | Record
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The result: `in_file` are duplicates of other rows, `existing` those of existing customers."""

    file: CsvFile
    rows: int
    problems: list[Problem]
    in_file: list[Duplicate]
    existing: list[Duplicate]
    skipped: int
    """Comparisons left out because very many customers share a value."""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "warning"]

    @property
    def needs_correction(self) -> bool:
        return bool(self.errors or self.in_file or self.existing)

    @property
    def counts(self) -> dict[str, int]:
        """Every row once, by its worst problem."""
        head = {self.file.head}
        wrong = {one.row for one in self.errors} - head
        duplicates = {one.row for one in (*self.in_file, *self.existing)} - wrong
        doubtful = {one.row for one in self.problems} - wrong - duplicates - head
        kinds = {"withErrors": len(wrong), "doubles": len(duplicates), "doubtful": len(doubtful)}
        return {"total": self.rows, "ready": self.rows - sum(kinds.values()), **kinds}


def unchanged(record: Record) -> Record:
    return record


@dataclass(slots=True)
class FileChecker:
    """Checks the rows of a file, then compares them with each existing customer that it is given.

    `redact` removes from an existing customer what must not be shown.
    """

    file: CsvFile
    redact: Callable[[Record], Record] = unchanged
    _rows: int = 0
    _problems: list[Problem] = field(default_factory=list[Problem])
    _pairs: PairCollector = field(default_factory=PairCollector)
    _row_of_number: dict[str, int] = field(default_factory=dict[str, int])
    _number_of_id: dict[str, str | None] = field(default_factory=dict[str, str | None])

    def check_rows(self) -> None:
        """Check every row of the file. UnusableFile if there is none."""
        for column in self.file.columns:
            if column.field and not column.read:
                twice = found("in_two_columns", header=column.header)
                self._problems.append(Problem(self.file.head, column.field, "error", twice))
        for row in self.file.rows():
            self._rows += 1
            self._check(row)
        if not self._rows:
            raise UnusableFile("The file has headers, but no customers below them.")

    def compare(self, customer: Customer) -> None:
        """Compare all rows with an existing customer."""
        row = self._row_of_number.get(customer.number or "")
        if row is not None:
            taken = found("number_taken_by", who=label(self._shown(customer.reduced())))
            self._problems.append(Problem(row, "customerId", "error", taken))
        self._number_of_id[customer.id] = customer.number
        self._collect(customer.record, _EXISTING + customer.id)

    def result(self) -> FileCheck:
        """All problems by row; of each row the likeliest duplicate in the file and the likeliest existing."""
        pairs = self._pairs.pairs()
        similar = (_similar(one) for one in _likeliest(self._found(pairs.similar)))
        problems = sorted([*self._problems, *similar], key=lambda problem: problem.row)
        duplicates = _likeliest(self._found(pairs.duplicates))
        return FileCheck(
            self.file,
            self._rows,
            problems,
            in_file=[one for one in duplicates if isinstance(one.of, int)],
            existing=[one for one in duplicates if not isinstance(one.of, int)],
            skipped=pairs.skipped,
        )

    def _check(self, row: Row) -> None:
        if row.fault:
            self._problems.append(Problem(row.number, None, "error", found("as_told", message=row.fault)))
            return
        if row.warning:
            self._problems.append(Problem(row.number, None, "warning", found("as_told", message=row.warning)))
        record, problems = _judged(row)
        self._problems += problems
        number = row.cells.get("customerId", "")
        if number and (first := self._row_of_number.setdefault(number, row.number)) != row.number:
            twice = found("number_of_row", row=first)
            self._problems.append(Problem(row.number, "customerId", "error", twice))
        self._collect(record, str(row.number))

    def _collect(self, record: Record, key: str) -> None:
        """Without the customer number: two companies with one number are an error, not one company."""
        self._pairs.add(Customer({**record, "id": key, "customerId": None}))

    def _found(self, pairs: Iterable[Pair]) -> Iterator[Duplicate]:
        """Pairs of two rows, or of a row and an existing customer; best first."""
        for pair in pairs:
            one, other = str(pair.one["id"]), str(pair.other["id"])
            reasons = pair.similarity.reasons
            if not other.startswith(_EXISTING):
                yield Duplicate(int(other), int(one), reasons)
            elif not one.startswith(_EXISTING):
                customer_id = other.removeprefix(_EXISTING)
                number = self._number_of_id[customer_id]
                existing = {**pair.other, "id": customer_id, "customerId": number}
                yield Duplicate(int(one), self._shown(existing), reasons)

    def _shown(self, existing: Record) -> Record:
        visible = self.redact(existing)
        return {k: bounded(str(value), _SHOWN_CHARS) for k, value in visible.items() if value is not None}


def label(existing: int | Record) -> str:
    """A row or a customer, by what distinguishes it from others."""
    if isinstance(existing, int):
        return f"row {existing}"
    known = (existing.get(name) for name in ("name", "customerId", "postcode", "city"))
    return ", ".join(str(value) for value in (*known, f"id {existing['id']}") if value)


def _likeliest(duplicates: Iterable[Duplicate]) -> list[Duplicate]:
    """The first of each row within the file and the first among existing customers, by row."""
    first: dict[tuple[int, bool], Duplicate] = {}
    for one in duplicates:
        first.setdefault((one.row, isinstance(one.of, int)), one)
    return sorted(first.values(), key=lambda one: one.row)


def _similar(one: Duplicate) -> Problem:
    reasons = together(part for reason in one.reasons for part in reason)
    return Problem(one.row, "name", "warning", found("similar_to", who=label(one.of), reasons=reasons))


def _judged(row: Row) -> tuple[Record, list[Problem]]:
    """The record as it would be sent, and its problems."""
    error, country = _country(row.cells.get("country"))
    done = review(row.record | {"country": country} if error else row.record)
    errors = done.errors | ({"country": error} if error else {})
    problems = [
        *(
            Problem(row.number, name, "error", _hinted(name, fault, row.cells.get(name, ""), country))
            for name, fault in errors.items()
        ),
        *(Problem(row.number, warning.path, "warning", warning) for warning in done.warnings),
        *(
            Problem(row.number, name, "warning", found("better_written", value=str(value)))
            for name, (_, value) in done.normalized.items()
        ),
        *_excel_problems(row, country),
    ]
    return cast("Record", done.values), problems


def _excel_problems(row: Row, country: str | None) -> Iterator[Problem]:
    for name, text in row.cells.items():
        if name != "postcode" and is_rounded(text):
            yield Problem(row.number, name, "error", found("rounded_by_excel"))
    if country is None and (original := original_postcode(row.cells.get("postcode", ""), "DE")):
        yield Problem(row.number, "postcode", "warning", found("maybe_changed", original=original))


def _hinted(name: str, fault: Finding, text: str, country: str | None) -> Finding:
    """The error of a cell with what may be done about it."""
    if name == "isCompany":
        return found("write_yes_or_no", error=fault)
    original = original_postcode(text, country) if name == "postcode" and country else None
    return found("changed_by_excel", error=fault, original=original) if original else fault


@lru_cache(maxsize=1_000)
def _country(text: str | None) -> tuple[Finding | None, str | None]:
    """What is wrong with a country's code, and the code that it is or means."""
    verdict = judge("country", text)
    return verdict.error, country_meant(str(text)) if verdict.error else cast("str | None", verdict.value)
