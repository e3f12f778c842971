"""What the agent reads of a change: what was done, what was not, and how to take it back."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, Self, TypedDict, cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Created, Deleted, Entries, Imported, Pairs, Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.queries.questions import AllLikes

from .budget import (
    CELL_CHARS,
    DETAIL_CHARS,
    ROOM_BYTES,
    cell,
    first,
    fitted,
    fitted_pairs,
    fitted_row,
    size,
    whole,
)
from .customers import DEFAULT_COLUMNS, Summary, row
from .findings import DuplicateCustomers

FIRST_ROWS = 10
DOUBTFUL_ROWS = 20
NOTE_BYTES = ROOM_BYTES // 14
"""What each kind of note beside a record may take; changed values and what undoes them take three."""
UNCHANGED = "Nothing to change: the record is so already, nothing was sent."
NEW_ID = "create_customer with restore brings it back under a new id."
UNCOMPARED = "doubles: could not be looked for; find_duplicate_customers does so later"
Answered = dict[str, JsonValue]


@dataclass(kw_only=True)
class _Write(Summary):
    """`ignored` pairs what was sent with what the API holds; `normalized` pairs as sent with as written."""

    dryRun: bool | None = None
    ignored: dict[str, list[JsonValue]] | None = None
    warnings: list[str] | None = None
    normalized: dict[str, list[JsonValue]] | None = None
    sandbox: bool | None = None


@dataclass(kw_only=True)
class CustomerCreated(_Write):
    """The record as the API holds it, or in a dry run the exact body; `similar` customers are hints."""

    outcome: Literal["created", "dry_run"]
    customer: Answered | None = None
    body: Answered | None = None
    similar: list[Answered] | None = None
    vatIdComparedWith: str | None = None

    @classmethod
    def of(cls, created: Created) -> Self:
        similar = [fitted(like, CELL_CHARS, NOTE_BYTES) for like in created.likes]
        body, cuts = whole(created.body or {}, ROOM_BYTES // 2, "body")
        notes, made = _notes(created, cuts), created.customer
        room = ROOM_BYTES - size(notes) - size(similar)
        return cls(
            outcome="created" if made else "dry_run",
            customer=fitted(made.record, DETAIL_CHARS, room) if made else None,
            dryRun=None if made else True,
            body=None if made else body,
            similar=similar or None,
            vatIdComparedWith=created.compared,
            **notes,
        )


@dataclass(kw_only=True)
class CustomerUpdated(_Write):
    """`changed` pairs old and new values; `entries` tells of lists; `undo` are changes that restore."""

    id: str
    customerId: str | None = None
    name: str | None = None
    changed: dict[str, list[JsonValue]]
    entries: Answered | None = None
    undo: Answered | None = None
    undoRemoveEntries: Answered | None = None
    body: Answered | None = None
    note: str | None = None

    @classmethod
    def of(cls, updated: Updated) -> Self:
        who = updated.customer
        undo, gaps = whole(updated.undo, 3 * NOTE_BYTES, "undo")
        body, cuts = whole(updated.body if updated.dry_run else {}, 2 * NOTE_BYTES, "body")
        undo_remove, names = whole(_lists(updated.undo_remove), NOTE_BYTES, "undoRemoveEntries")
        return cls(
            id=cell(who.id),
            customerId=_text(who.number),
            name=_text(who.name),
            dryRun=updated.dry_run or None,
            changed=fitted_pairs(updated.changed, 3 * NOTE_BYTES),
            entries=_entries(updated.entries),
            undo=undo or None,
            undoRemoveEntries=undo_remove or None,
            body=body if updated.dry_run else None,
            note=None if updated.changed or updated.ignored or updated.entries else UNCHANGED,
            **_notes(updated, [*gaps, *cuts, *names]),
        )


@dataclass(kw_only=True)
class CustomerDeleted(Summary):
    """Who is gone; `restore` is the whole record as create_customer takes it."""

    outcome: Literal["deleted", "dry_run"]
    dryRun: bool | None = None
    deleted: Answered
    restore: Answered
    note: str = NEW_ID
    warnings: list[str] | None = None
    sandbox: bool | None = None

    @classmethod
    def of(cls, deleted: Deleted) -> Self:
        restore, gaps = whole(deleted.restore, ROOM_BYTES - 3 * NOTE_BYTES, "restore")
        warnings = [*gaps, *deleted.warnings]
        return cls(
            outcome="dry_run" if deleted.dry_run else "deleted",
            dryRun=deleted.dry_run or None,
            deleted=fitted(deleted.customer.reduced(), CELL_CHARS, NOTE_BYTES),
            restore=restore,
            warnings=_lines(warnings, NOTE_BYTES) or None,
        )


@dataclass(kw_only=True)
class Doubtful(Summary):
    """A created record that deserves a look."""

    id: str
    customerId: str | None = None
    name: str | None = None
    problems: list[str]


@dataclass(kw_only=True)
class CustomersImported(Summary):
    """Counts, the first rows as a table, and the rows that look wrong."""

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
    def of(cls, imported: Imported, likes: AllLikes | None = None) -> Self:
        """What was imported; `likes` are the doubles that it made, None where nothing could be compared."""
        names: list[str] = [*DEFAULT_COLUMNS]
        open_question = [UNCOMPARED] if imported.customers and likes is None else []
        return cls(
            imported=len(imported.customers),
            totalItemsBefore=imported.total_before,
            columns=names,
            rows=[
                fitted_row(row(customer, names), 4 * NOTE_BYTES // FIRST_ROWS)
                for customer in imported.customers[:FIRST_ROWS]
            ],
            doubtful=_first_doubtful(imported.doubtful[:DOUBTFUL_ROWS]),
            doubtfulTotal=len(imported.doubtful),
            doubles=DuplicateCustomers.of_all(likes, 5 * NOTE_BYTES) if likes else None,
            warnings=_lines((*imported.warnings, *open_question), NOTE_BYTES) or None,
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


def _entries(lists: Mapping[str, Entries]) -> Answered | None:
    room = 2 * NOTE_BYTES // (3 * max(1, len(lists)))
    return {name: _became(found, room) for name, found in lists.items()} or None


def _became(found: Entries, room: int) -> JsonValue:
    """What became of one list; empty parts left out."""
    pairs = {name: fitted_pairs(found.changed[name], room) for name in found.changed}
    parts: Answered = {
        "added": _some(found.added, room),
        "changed": fitted(cast("Answered", pairs), CELL_CHARS, room),
        "removed": _some(found.removed, room),
    }
    return {**{name: part for name, part in parts.items() if part}, "kept": found.kept}


def _some(entries: Sequence[Answered], room: int) -> list[JsonValue]:
    """As many of the entries as fit, then how many more there are."""
    rows = [fitted(entry, CELL_CHARS, room // 2) for entry in entries]
    count = sum(end <= room for end in accumulate(size(row) + 1 for row in rows))
    more = len(rows) - count
    return [*rows[:count], *([f"[{more:,} more]"] if more else [])]


def _lists(names: Mapping[str, list[str]]) -> Answered:
    return {name: [*listed] for name, listed in names.items()}


def _first_doubtful(found: Sequence[tuple[Customer, list[str]]]) -> list[Doubtful]:
    rows = [
        Doubtful(
            id=cell(customer.id),
            customerId=_text(customer.number),
            name=_text(customer.name),
            problems=_lines(problems, NOTE_BYTES),
        )
        for customer, problems in found
    ]
    ends = accumulate(size(row) + 1 for row in rows)
    return rows[: sum(end <= 4 * NOTE_BYTES for end in ends)]


def _text(text: str | None) -> str | None:
    return None if text is None else cell(text)


def _lines(lines: Sequence[str], room: int) -> list[str]:
    return [cell(line) for line in first(lines, room)]
