"""The answer to the import of a file: what was created, and what of it is wrong or doubtful."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Doubtful, Imported, Record
from faktoora_mcp.api.records import Customer
from faktoora_mcp.queries.questions import DuplicatePairs
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.text import quote

from .budget import first_texts, first_that_fit, fitted_row, short_text
from .changes import NOTE_BYTES, TELL, Who, lines_of
from .customers import DEFAULT_COLUMNS, Answer, row, values_of
from .findings import DuplicateCustomers
from .marks import untrusted_rows
from .redaction import NOTHING, is_hidden, visible
from .sentences import line, sentence

FIRST_ROWS = 10
DOUBTFUL_ROWS = 20
COLUMNS = (*DEFAULT_COLUMNS, "address", "vatId")
UNCOMPARED = found("uncompared", "duplicates")


@dataclass(kw_only=True)
class CustomersImported(Answer):
    """Counts, the first rows as a table, and the records that break a rule or else may be wrong."""

    imported: int | None = None
    totalItemsBefore: int | None = None
    columns: list[str] | None = None
    rows: list[list[JsonValue]] | None = None
    untrusted: dict[str, list[str]] | None = None
    wrong: list[Record] | None = None
    wrongTotal: int | None = None
    doubtful: list[Record] | None = None
    doubtfulTotal: int | None = None
    duplicates: DuplicateCustomers | None = None
    warnings: list[str] | None = None
    next: str | None = None
    sandbox: bool | None = None

    @classmethod
    def of(
        cls,
        imported: Imported,
        duplicates: DuplicatePairs | None = None,
        hidden: frozenset[str] = NOTHING,
    ) -> Self:
        """What was imported; `duplicates` of the new customers; None where nothing could be compared."""
        uncompared = [UNCOMPARED] if imported.customers and duplicates is None else []
        columns = visible(COLUMNS, hidden)
        shown = imported.customers[:FIRST_ROWS]
        warnings = lines_of((*imported.warnings, *uncompared), hidden, NOTE_BYTES)
        wrong = [one for one in imported.doubtful if one.errors]
        doubtful = [one for one in imported.doubtful if not one.errors]
        return cls(
            imported=len(imported.customers),
            totalItemsBefore=imported.total_before,
            columns=columns,
            rows=[fitted_row(row(customer, columns), 4 * NOTE_BYTES // FIRST_ROWS) for customer in shown],
            untrusted=untrusted_rows([(customer.id, values_of(customer, columns)) for customer in shown]),
            wrong=_first_doubtful(wrong, hidden) or None,
            wrongTotal=len(wrong) or None,
            doubtful=_first_doubtful(doubtful, hidden) or None,
            doubtfulTotal=len(doubtful) or None,
            duplicates=DuplicateCustomers.of_all(duplicates, hidden, 5 * NOTE_BYTES) if duplicates else None,
            warnings=warnings or None,
            next=TELL if warnings or imported.doubtful else None,
        )


def _first_doubtful(doubtful: Sequence[Doubtful], hidden: frozenset[str]) -> list[Record]:
    """Who it is, what is wrong (certain), and what may be."""
    return first_that_fit((_doubts(one, hidden) for one in doubtful[:DOUBTFUL_ROWS]), 2 * NOTE_BYTES)


def _doubts(one: Doubtful, hidden: frozenset[str]) -> Record:
    who = Who.of(one.customer, hidden)
    parts = {
        "customerId": who.number,
        "name": who.name,
        "errors": _problems(one.customer, one.errors, hidden),
        "doubts": _problems(one.customer, one.doubts, hidden),
    }
    return {"id": who.id, **{name: part for name, part in parts.items() if part}}


def _problems(customer: Customer, findings: Sequence[Finding], hidden: frozenset[str]) -> list[JsonValue]:
    """Each with the value that it is about, unless its sentence quotes it."""
    lines = dict.fromkeys(_with_value(customer, finding, hidden) for finding in findings)
    return [short_text(text) for text in first_texts([*lines], NOTE_BYTES)]


def _with_value(customer: Customer, finding: Finding, hidden: frozenset[str]) -> str:
    value = customer.record.get(finding.path)
    told = sentence(finding, hidden)
    if is_hidden(finding.path, hidden) or not isinstance(value, str) or quote(value) in told:
        return line(finding, hidden)
    return f"{finding.path} {quote(value)}: {told}"
