"""Checks a customer list before it is uploaded: every row by the field rules, and against other customers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicate_pairs import Pair, PairCollector
from faktoora_mcp.insight.duplicates import Reason
from faktoora_mcp.rules.findings import found, together
from faktoora_mcp.text import bounded

from .customers import Sheet
from .judging import CellFinding, CustomerRow
from .problems import Kind, Problems, Tally
from .tables import UnusableFile

Record = dict[str, JsonValue]
_EXISTING = "existing "
"""Before the id of an existing customer, where rows are known by their numbers."""
_SHOWN_CHARS = 60
_MEANINGS = 20


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that is probably the same customer as an earlier row or as an existing customer."""

    row: int
    of: int | Record
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The result: `in_file` are duplicates of other rows, `existing` those of existing customers."""

    sheet: Sheet
    problems: Problems
    counts: dict[str, int]
    """Every row once, by its worst problem."""
    in_file: list[Duplicate]
    existing: list[Duplicate]
    skipped: int
    """Comparisons left out because very many customers share a value."""
    read_as: dict[str, dict[str, JsonValue]]
    """Words that were read as codes, by field; of very many different ones the first."""

    @property
    def errors(self) -> list[Kind]:
        return self.problems.of("error")

    @property
    def warnings(self) -> list[Kind]:
        return self.problems.of("warning")

    @property
    def needs_correction(self) -> bool:
        return bool(self.sheet.has_errors or self.errors or self.in_file or self.existing)


def unchanged(record: Record) -> Record:
    return record


@dataclass(slots=True)
class FileChecker:
    """Checks the rows of a list, then compares them with each existing customer that it is given.

    `redact` removes from an existing customer what must not be shown.
    """

    sheet: Sheet
    redact: Callable[[Record], Record] = unchanged
    _problems: Problems = field(default_factory=Problems)
    _tally: Tally = field(default_factory=Tally)
    _pairs: PairCollector = field(default_factory=PairCollector)
    _row_of_number: dict[str, int] = field(default_factory=dict[str, int])
    _number_of_id: dict[str, str | None] = field(default_factory=dict[str, str | None])
    _read_as: dict[str, dict[str, JsonValue]] = field(default_factory=dict[str, dict[str, JsonValue]])

    def check_rows(self) -> None:
        """Check every row of the file. UnusableFile if there is none."""
        place = 0
        for row in self.sheet.rows():
            place = row.place
            self._check(row)
        if not place:
            raise UnusableFile("The file has headers, but no customers below them.")

    def compare(self, customer: Customer) -> None:
        """Compare all rows with an existing customer."""
        row = self._row_of_number.get(customer.number or "")
        if row is not None:
            taken = found("number_taken_by", "customerId", who=label(self._shown(customer.reduced())))
            self._add(row, "", CellFinding("error", taken, self._header("customerId")))
        self._number_of_id[customer.id] = customer.number
        self._collect(customer.record, _EXISTING + customer.id)

    def result(self) -> FileCheck:
        """All problems; of each row the likeliest duplicate in the file and the likeliest existing."""
        pairs = self._pairs.pairs()
        for one in _likeliest(self._found(pairs.similar)):
            self._add(one.row, "", _similar(one, self._header("name")))
        duplicates = _likeliest(self._found(pairs.duplicates))
        return FileCheck(
            self.sheet,
            self._problems,
            self._tally.mark(self._problems, [one.row for one in duplicates]),
            in_file=[one for one in duplicates if isinstance(one.of, int)],
            existing=[one for one in duplicates if not isinstance(one.of, int)],
            skipped=pairs.skipped,
            read_as=self._read_as,
        )

    def _check(self, row: CustomerRow) -> None:
        self._tally.row(row.place)
        self._problems.add(row.place, row.customer, row.findings)
        for name, (word, value) in row.read_as.items():
            meanings = self._read_as.setdefault(name, {})
            if len(meanings) < _MEANINGS:
                meanings[word] = value
        number = str(row.record.get("customerId", ""))
        if number and (first := self._row_of_number.setdefault(number, row.place)) != row.place:
            twice = found("number_of_row", "customerId", row=first)
            self._add(row.place, row.customer, CellFinding("error", twice, self._header("customerId")))
        if row.record:
            self._collect(row.record, str(row.place))

    def _add(self, row: int, customer: str, one: CellFinding) -> None:
        self._problems.add(row, customer, [one])

    def _header(self, name: str) -> str | None:
        return next((one.header for one in self.sheet.columns if one.field == name and one.read), None)

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


def _similar(one: Duplicate, column: str | None) -> CellFinding:
    reasons = together(part for reason in one.reasons for part in reason)
    return CellFinding("warning", found("similar_to", "name", who=label(one.of), reasons=reasons), column)
