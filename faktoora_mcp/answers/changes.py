"""The answers to changes: what was done, what was not, and how to take it back."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self, TypedDict, cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Created, Deleted, Entries, Imported, Pairs, Record, Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.queries.questions import DuplicatePairs
from faktoora_mcp.rules.findings import Finding, found

from .budget import (
    CELL_CHARS,
    CONTENT_BYTES,
    DETAIL_CHARS,
    complete_values,
    first_texts,
    first_that_fit,
    fitted_pairs,
    fitted_record,
    fitted_row,
    short_text,
    size,
)
from .customers import DEFAULT_COLUMNS, Answer, row
from .entries import entries_changed, named_undo, names_to_remove
from .failures import similar_customer
from .findings import DuplicateCustomers
from .redaction import (
    NOTHING,
    omissions,
    redacted_pairs,
    redacted_record,
    visible,
)
from .sentences import line

FIRST_ROWS = 10
DOUBTFUL_ROWS = 20
NOTE_BYTES = CONTENT_BYTES // 14
"""The budget for each kind of note beside a record; changed values and their undo get three times that."""
NO_LISTS: Mapping[str, Entries] = {}
UNCHANGED = "Nothing to change: the record is so already, nothing was sent."
NEW_ID = "create_customer with restore brings it back under a new id."
UNCOMPARED = found("uncompared", "duplicates")


@dataclass(kw_only=True)
class _ChangeAnswer(Answer):
    """`ignored` pairs what was sent with what the API holds; `normalized` pairs as sent with as written."""

    dryRun: bool | None = None
    ignored: dict[str, list[JsonValue]] | None = None
    warnings: list[str] | None = None
    normalized: dict[str, list[JsonValue]] | None = None
    sandbox: bool | None = None


@dataclass(kw_only=True)
class CustomerCreated(_ChangeAnswer):
    """The record as the API holds it, or in a dry run the exact body; `similar` customers are hints."""

    outcome: Literal["created", "dry_run"]
    customer: Record | None = None
    body: Record | None = None
    similar: list[Record] | None = None
    vatIdComparedWith: str | None = None

    @classmethod
    def of(cls, created: Created, hidden: frozenset[str] = NOTHING) -> Self:
        similar = [
            fitted_record(similar_customer(one, hidden), CELL_CHARS, NOTE_BYTES) for one in created.similar
        ]
        body, cuts = complete_values(redacted_record(created.body or {}, hidden), CONTENT_BYTES // 2, "body")
        notes, made = _notes(created, hidden, cuts), created.customer
        budget = CONTENT_BYTES - size(notes) - size(similar)
        return cls(
            outcome="created" if made else "dry_run",
            customer=fitted_record(redacted_record(made.record, hidden), DETAIL_CHARS, budget)
            if made
            else None,
            dryRun=None if made else True,
            body=None if made else body,
            similar=similar or None,
            vatIdComparedWith=created.compared_with,
            **notes,
        )


@dataclass(kw_only=True)
class CustomerUpdated(_ChangeAnswer):
    """`changed` pairs old and new values; `entries` counts and names changes of lists; `undo` restores."""

    id: str
    customerId: str | None = None
    name: str | None = None
    changed: dict[str, list[JsonValue]]
    entries: Record | None = None
    undo: Record | None = None
    undoRemoveEntries: Record | None = None
    body: Record | None = None
    note: str | None = None

    @classmethod
    def of(cls, updated: Updated, hidden: frozenset[str] = NOTHING) -> Self:
        who = _Who.of(updated.customer, hidden)
        sent = redacted_record(updated.body if updated.dry_run else {}, hidden)
        undo, gaps = _restoring(updated.undo, hidden, 3 * NOTE_BYTES, "undo", updated.entries)
        body, cuts = complete_values(sent, 2 * NOTE_BYTES, "body")
        names, unnamed = names_to_remove(updated.undo_remove, hidden)
        undo_remove, cut_names = complete_values(names, NOTE_BYTES, "undoRemoveEntries")
        return cls(
            id=who.id,
            customerId=who.number,
            name=who.name,
            dryRun=updated.dry_run or None,
            changed=fitted_pairs(redacted_pairs(updated.changed, hidden), 3 * NOTE_BYTES),
            entries=entries_changed(updated.entries, hidden, 2 * NOTE_BYTES),
            undo=undo or None,
            undoRemoveEntries=undo_remove or None,
            body=body if updated.dry_run else None,
            note=None if updated.changed or updated.ignored or updated.entries else UNCHANGED,
            **_notes(updated, hidden, [*gaps, *cuts, *unnamed, *cut_names]),
        )


@dataclass(kw_only=True)
class CustomerDeleted(Answer):
    """Who was deleted; `restore` is the whole record as create_customer takes it."""

    outcome: Literal["deleted", "dry_run"]
    dryRun: bool | None = None
    deleted: Record
    restore: Record
    note: str = NEW_ID
    warnings: list[str] | None = None
    sandbox: bool | None = None

    @classmethod
    def of(cls, deleted: Deleted, hidden: frozenset[str] = NOTHING) -> Self:
        known = redacted_record(deleted.customer.reduced(), hidden)
        restore, gaps = _restoring(deleted.restore, hidden, CONTENT_BYTES - 3 * NOTE_BYTES, "restore")
        warnings = [*gaps, *deleted.warnings]
        return cls(
            outcome="dry_run" if deleted.dry_run else "deleted",
            dryRun=deleted.dry_run or None,
            deleted=fitted_record(known, CELL_CHARS, NOTE_BYTES),
            restore=restore,
            warnings=_lines(warnings, hidden, NOTE_BYTES) or None,
        )


@dataclass(kw_only=True)
class Doubtful(Answer):
    """A created record that may be wrong."""

    id: str
    customerId: str | None = None
    name: str | None = None
    problems: list[str]


@dataclass(kw_only=True)
class CustomersImported(Answer):
    """Counts, the first rows as a table, and the rows that may be wrong."""

    imported: int | None = None
    totalItemsBefore: int | None = None
    columns: list[str] | None = None
    rows: list[list[JsonValue]] | None = None
    doubtful: list[Doubtful] | None = None
    doubtfulTotal: int | None = None
    duplicates: DuplicateCustomers | None = None
    warnings: list[str] | None = None
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
        columns = visible(DEFAULT_COLUMNS, hidden)
        return cls(
            imported=len(imported.customers),
            totalItemsBefore=imported.total_before,
            columns=columns,
            rows=[
                fitted_row(row(customer, columns), 4 * NOTE_BYTES // FIRST_ROWS)
                for customer in imported.customers[:FIRST_ROWS]
            ],
            doubtful=_first_doubtful(imported.doubtful[:DOUBTFUL_ROWS], hidden),
            doubtfulTotal=len(imported.doubtful),
            duplicates=DuplicateCustomers.of_all(duplicates, hidden, 5 * NOTE_BYTES) if duplicates else None,
            warnings=_lines((*imported.warnings, *uncompared), hidden, NOTE_BYTES) or None,
        )


class _Notes(TypedDict):
    ignored: dict[str, list[JsonValue]] | None
    warnings: list[str] | None
    normalized: dict[str, list[JsonValue]] | None


def _notes(outcome: Created | Updated, hidden: frozenset[str], more: Sequence[Finding] = ()) -> _Notes:
    warnings = (*outcome.warnings, *more, *outcome.review.warnings)
    normalized = cast("Pairs", outcome.review.normalized)
    return {
        "ignored": fitted_pairs(redacted_pairs(outcome.ignored, hidden), NOTE_BYTES) or None,
        "warnings": _lines(warnings, hidden, NOTE_BYTES) or None,
        "normalized": fitted_pairs(redacted_pairs(normalized, hidden), NOTE_BYTES) or None,
    }


def _restoring(
    record: Record,
    hidden: frozenset[str],
    budget: int,
    part: str,
    lists: Mapping[str, Entries] = NO_LISTS,
) -> tuple[Record, list[Finding]]:
    """What restores a record, as far as it may be shown; a finding for each value that it lacks."""
    shown = redacted_record(named_undo(record, lists, hidden), hidden)
    kept, gaps = complete_values(shown, budget, part)
    return kept, [*gaps, *omissions(record, hidden, part)]


@dataclass(frozen=True, slots=True)
class _Who:
    """What a customer is called, as far as it may be shown."""

    id: str
    number: str | None
    name: str | None

    @classmethod
    def of(cls, customer: Customer, hidden: frozenset[str]) -> Self:
        known = {"customerId": customer.number, "name": customer.name}
        shown = {name: short_text(text) for name, text in known.items() if text and name not in hidden}
        return cls(short_text(customer.id), shown.get("customerId"), shown.get("name"))


def _first_doubtful(
    doubtful: Sequence[tuple[Customer, list[Finding]]], hidden: frozenset[str]
) -> list[Doubtful]:
    known = ((_Who.of(customer, hidden), problems) for customer, problems in doubtful)
    rows = (
        Doubtful(
            id=who.id,
            customerId=who.number,
            name=who.name,
            problems=_lines(problems, hidden, NOTE_BYTES),
        )
        for who, problems in known
    )
    return first_that_fit(rows, 4 * NOTE_BYTES)


def _lines(findings: Sequence[Finding], hidden: frozenset[str], budget: int) -> list[str]:
    lines = [line(finding, hidden) for finding in findings]
    return [short_text(text) for text in first_texts(lines, budget)]
