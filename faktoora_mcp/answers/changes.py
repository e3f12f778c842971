"""The answers to changes: what was done, what was not, and how to take it back."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self, TypedDict, cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Created, Deleted, Entries, Imported, Pairs, Record, Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.queries.questions import DuplicatePairs

from .budget import (
    CELL_CHARS,
    CONTENT_BYTES,
    DETAIL_CHARS,
    and_more,
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
from .findings import DuplicateCustomers

FIRST_ROWS = 10
DOUBTFUL_ROWS = 20
NOTE_BYTES = CONTENT_BYTES // 14
"""The budget for each kind of note beside a record; changed values and their undo get three times that."""
UNCHANGED = "Nothing to change: the record is so already, nothing was sent."
NEW_ID = "create_customer with restore brings it back under a new id."
UNCOMPARED = "doubles: could not be looked for; find_duplicate_customers does so later"


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
    def of(cls, created: Created) -> Self:
        similar = [fitted_record(customer, CELL_CHARS, NOTE_BYTES) for customer in created.similar]
        body, cuts = complete_values(created.body or {}, CONTENT_BYTES // 2, "body")
        notes, made = _notes(created, cuts), created.customer
        budget = CONTENT_BYTES - size(notes) - size(similar)
        return cls(
            outcome="created" if made else "dry_run",
            customer=fitted_record(made.record, DETAIL_CHARS, budget) if made else None,
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
    def of(cls, updated: Updated) -> Self:
        who = updated.customer
        undo, gaps = complete_values(updated.undo, 3 * NOTE_BYTES, "undo")
        body, cuts = complete_values(updated.body if updated.dry_run else {}, 2 * NOTE_BYTES, "body")
        undo_remove, cut_names = complete_values(
            cast("Record", updated.undo_remove), NOTE_BYTES, "undoRemoveEntries"
        )
        return cls(
            id=short_text(who.id),
            customerId=_text(who.number),
            name=_text(who.name),
            dryRun=updated.dry_run or None,
            changed=fitted_pairs(updated.changed, 3 * NOTE_BYTES),
            entries=_entries(updated.entries),
            undo=undo or None,
            undoRemoveEntries=undo_remove or None,
            body=body if updated.dry_run else None,
            note=None if updated.changed or updated.ignored or updated.entries else UNCHANGED,
            **_notes(updated, [*gaps, *cuts, *cut_names]),
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
    def of(cls, deleted: Deleted) -> Self:
        restore, gaps = complete_values(deleted.restore, CONTENT_BYTES - 3 * NOTE_BYTES, "restore")
        warnings = [*gaps, *deleted.warnings]
        return cls(
            outcome="dry_run" if deleted.dry_run else "deleted",
            dryRun=deleted.dry_run or None,
            deleted=fitted_record(deleted.customer.reduced(), CELL_CHARS, NOTE_BYTES),
            restore=restore,
            warnings=_lines(warnings, NOTE_BYTES) or None,
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

    imported: int
    totalItemsBefore: int | None = None
    columns: list[str]
    rows: list[list[JsonValue]]
    doubtful: list[Doubtful]
    doubtfulTotal: int
    doubles: DuplicateCustomers | None = None
    warnings: list[str] | None = None
    sandbox: bool | None = None

    @classmethod
    def of(cls, imported: Imported, duplicates: DuplicatePairs | None = None) -> Self:
        """What was imported; `duplicates` of the new customers; None where nothing could be compared."""
        uncompared = [UNCOMPARED] if imported.customers and duplicates is None else []
        return cls(
            imported=len(imported.customers),
            totalItemsBefore=imported.total_before,
            columns=[*DEFAULT_COLUMNS],
            rows=[
                fitted_row(row(customer, DEFAULT_COLUMNS), 4 * NOTE_BYTES // FIRST_ROWS)
                for customer in imported.customers[:FIRST_ROWS]
            ],
            doubtful=_first_doubtful(imported.doubtful[:DOUBTFUL_ROWS]),
            doubtfulTotal=len(imported.doubtful),
            doubles=DuplicateCustomers.of_all(duplicates, 5 * NOTE_BYTES) if duplicates else None,
            warnings=_lines((*imported.warnings, *uncompared), NOTE_BYTES) or None,
        )


class _Notes(TypedDict):
    ignored: dict[str, list[JsonValue]] | None
    warnings: list[str] | None
    normalized: dict[str, list[JsonValue]] | None


def _notes(outcome: Created | Updated, more: Sequence[str] = ()) -> _Notes:
    warnings = (*outcome.warnings, *more, *outcome.review.warnings)
    return {
        "ignored": fitted_pairs(outcome.ignored, NOTE_BYTES) or None,
        "warnings": _lines(warnings, NOTE_BYTES) or None,
        "normalized": fitted_pairs(cast("Pairs", outcome.review.normalized), NOTE_BYTES) or None,
    }


def _entries(lists: Mapping[str, Entries]) -> Record | None:
    budget = 2 * NOTE_BYTES // (3 * max(1, len(lists)))
    return {name: _entry_changes(entries, budget) for name, entries in lists.items()} or None


def _entry_changes(entries: Entries, budget: int) -> JsonValue:
    """What happened to the entries of one list; empty parts are left out."""
    pairs = {name: fitted_pairs(entries.changed[name], budget) for name in entries.changed}
    parts: Record = {
        "added": _first_entries(entries.added, budget),
        "changed": fitted_record(cast("Record", pairs), CELL_CHARS, budget),
        "removed": _first_entries(entries.removed, budget),
    }
    return {**{name: part for name, part in parts.items() if part}, "kept": entries.kept}


def _first_entries(entries: Sequence[Record], budget: int) -> list[JsonValue]:
    """As many of the entries as fit, then how many more there are."""
    rows = (fitted_record(entry, CELL_CHARS, budget // 2) for entry in entries)
    return and_more(first_that_fit(rows, budget), len(entries))


def _first_doubtful(found: Sequence[tuple[Customer, list[str]]]) -> list[Doubtful]:
    rows = (
        Doubtful(
            id=short_text(customer.id),
            customerId=_text(customer.number),
            name=_text(customer.name),
            problems=_lines(problems, NOTE_BYTES),
        )
        for customer, problems in found
    )
    return first_that_fit(rows, 4 * NOTE_BYTES)


def _text(text: str | None) -> str | None:
    return None if text is None else short_text(text)


def _lines(lines: Sequence[str], budget: int) -> list[str]:
    return [short_text(line) for line in first_texts(lines, budget)]
