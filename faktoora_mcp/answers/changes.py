"""The answers to changes: what was done, what was not, and how to take it back."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self, TypedDict, cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import (
    Compared,
    Created,
    Deleted,
    Entries,
    Pairs,
    Record,
    Updated,
)
from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.findings import Finding

from .budget import (
    CELL_CHARS,
    CONTENT_BYTES,
    DETAIL_CHARS,
    complete_values,
    first_texts,
    fitted_pairs,
    fitted_record,
    short_text,
    size,
)
from .customers import Answer, known_as, presentable
from .entries import entries_changed, named_undo, names_to_remove
from .failures import similar_customer
from .marks import untrusted_fields, untrusted_in
from .redaction import (
    NOTHING,
    omissions,
    redacted_pairs,
    redacted_record,
)
from .sentences import line

NOTE_BYTES = CONTENT_BYTES // 14
"""The budget for each kind of note beside a record; changed values and their undo get three times that."""
NO_LISTS: Mapping[str, Entries] = {}
UNCHANGED = "Nothing to change: the record holds these values; nothing was sent."
NEW_ID = "create_customer with restore brings it back under a new id."
TELL = "Tell the user about the warnings."
ASK = "Ask the user about the warnings before you make the change."
TELL_IGNORED = "Tell the user what was ignored: the API holds something else than was sent."


@dataclass(kw_only=True)
class _ChangeAnswer(Answer):
    """`ignored` pairs what was sent with what the API holds; `normalized` pairs as sent with as written.

    `next`: what to do about the warnings.
    """

    dryRun: bool | None = None
    ignored: dict[str, list[JsonValue]] | None = None
    warnings: list[str] | None = None
    next: str | None = None
    normalized: dict[str, list[JsonValue]] | None = None
    sandbox: bool | None = None


@dataclass(kw_only=True)
class CustomerCreated(_ChangeAnswer):
    """The record as get_customer shows it, or in a dry run the exact body; `similar` customers are hints.

    `duplicates`: how many there are, and among how many customers they were looked for.
    """

    outcome: Literal["created", "dry_run"]
    customer: Record | None = None
    body: Record | None = None
    duplicates: str | None = None
    similar: list[Record] | None = None

    @classmethod
    def of(cls, created: Created, hidden: frozenset[str] = NOTHING) -> Self:
        similar = [
            fitted_record(similar_customer(one, hidden), CELL_CHARS, NOTE_BYTES) for one in created.similar
        ]
        body, cuts = complete_values(redacted_record(created.body or {}, hidden), CONTENT_BYTES // 2, "body")
        notes, made = _notes(created, hidden, cuts), created.customer
        budget = CONTENT_BYTES - size(notes) - size(similar)
        shown = presentable(redacted_record(made.record, hidden)) if made else {}
        return cls(
            outcome="created" if made else "dry_run",
            customer=fitted_record(shown, DETAIL_CHARS, budget) if made else None,
            dryRun=None if made else True,
            body=None if made else body,
            duplicates=_compared(created.compared) if created.compared else None,
            similar=similar or None,
            **notes,
        )


@dataclass(kw_only=True)
class CustomerUpdated(_ChangeAnswer):
    """`changed` pairs old and new values; `entries` counts and names changes of lists.

    `undo` holds the arguments of update_customer that restore what was. `verified`: after the change the
    record of the API was compared with what was sent.
    """

    id: str
    customerId: str | None = None
    name: str | None = None
    verified: bool | None = None
    changed: dict[str, list[JsonValue]] | None = None
    entries: Record | None = None
    undo: Record | None = None
    body: Record | None = None
    untrusted: list[str] | None = None
    note: str | None = None

    @classmethod
    def of(cls, updated: Updated, hidden: frozenset[str] = NOTHING) -> Self:
        who = Who.of(updated.customer, hidden)
        sent = redacted_record(updated.body if updated.dry_run else {}, hidden)
        undo, gaps = undoing(updated, hidden, 3 * NOTE_BYTES, NOTE_BYTES)
        body, cuts = complete_values(sent, 2 * NOTE_BYTES, "body")
        notes = _notes(updated, hidden, [*gaps, *cuts])
        pairs = redacted_pairs(updated.changed, hidden)
        changed = fitted_pairs(pairs, 3 * NOTE_BYTES)
        room = CONTENT_BYTES - sum(map(size, (undo, body, notes, changed)))
        lists = entries_changed(updated.entries, hidden, max(room, 2 * NOTE_BYTES))
        restored = cast("Record", undo["changes"]) if undo and "changes" in undo else {}
        also = cast("list[Record | None]", [lists, restored, body, notes["ignored"], notes["normalized"]])
        return cls(
            id=who.id,
            customerId=who.number,
            name=who.name,
            dryRun=updated.dry_run or None,
            verified=updated.verified or None,
            changed=changed or None,
            entries=lists,
            undo=undo,
            body=body if updated.dry_run else None,
            untrusted=untrusted_in({"name": who.name, **pairs_as_lists(pairs)}, changed, *also),
            note=None if updated.changed or updated.ignored or updated.entries else UNCHANGED,
            **notes,
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
    next: str | None = None
    untrusted: list[str] | None = None
    sandbox: bool | None = None

    @classmethod
    def of(cls, deleted: Deleted, hidden: frozenset[str] = NOTHING) -> Self:
        restore, gaps = _restoring(deleted.restore, hidden, CONTENT_BYTES - 3 * NOTE_BYTES, "restore")
        warnings = lines_of([*gaps, *deleted.warnings], hidden, NOTE_BYTES)
        return cls(
            outcome="dry_run" if deleted.dry_run else "deleted",
            dryRun=deleted.dry_run or None,
            deleted=known_as(deleted.customer.reduced(), hidden, NOTE_BYTES),
            restore=restore,
            warnings=warnings or None,
            next=_next(warnings, (), dry_run=deleted.dry_run),
            untrusted=untrusted_fields(restore),
        )


class _Notes(TypedDict):
    ignored: dict[str, list[JsonValue]] | None
    warnings: list[str] | None
    next: str | None
    normalized: dict[str, list[JsonValue]] | None


def _notes(outcome: Created | Updated, hidden: frozenset[str], more: Sequence[Finding] = ()) -> _Notes:
    warnings = lines_of((*outcome.warnings, *more, *outcome.review.warnings), hidden, NOTE_BYTES)
    normalized = cast("Pairs", outcome.review.normalized)
    is_tried = outcome.customer is None if isinstance(outcome, Created) else outcome.dry_run
    return {
        "ignored": fitted_pairs(redacted_pairs(outcome.ignored, hidden), NOTE_BYTES) or None,
        "warnings": warnings or None,
        "next": _next(warnings, outcome.ignored, dry_run=is_tried),
        "normalized": fitted_pairs(redacted_pairs(normalized, hidden), NOTE_BYTES) or None,
    }


def _next(warnings: Sequence[str], ignored: Collection[str], *, dry_run: bool) -> str | None:
    """What to do about warnings, and about what the API did not keep."""
    steps = [ASK if dry_run else TELL] if warnings else []
    return " ".join([*steps, TELL_IGNORED] if ignored else steps) or None


def _compared(compared: Compared) -> str:
    """How many duplicates there are, and among whom: `0 of 400 compared`."""
    counted = f"{compared.duplicates:,} of {compared.customers:,} compared"
    if compared.total is not None and compared.customers >= compared.total:
        return counted
    of = "an unknown number" if compared.total is None else f"{compared.total:,}"
    only = f"; by {', '.join(compared.only_there)} with these only" if compared.only_there else ""
    return f"{counted}, which the search found of {of}{only}"


def undoing(
    updated: Updated, hidden: frozenset[str], budget: int, names_budget: int
) -> tuple[Record | None, list[Finding]]:
    """The arguments of update_customer that restore what was, and a finding for each value they lack."""
    changes, gaps = _restoring(updated.undo, hidden, budget, "undo", updated.entries)
    named, unnamed = names_to_remove(updated.undo_remove, hidden)
    removals, cut = complete_values(named, names_budget, "undo")
    parts: Record = {"changes": changes, "remove_entries": removals}
    filled = {name: part for name, part in parts.items() if part}
    return {"id": short_text(updated.customer.id), **filled} if filled else None, [*gaps, *unnamed, *cut]


def pairs_as_lists(pairs: Pairs) -> Record:
    return {name: [*pair] for name, pair in pairs.items()}


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
class Who:
    """What a customer is called, as far as it may be shown."""

    id: str
    number: str | None
    name: str | None

    @classmethod
    def of(cls, customer: Customer, hidden: frozenset[str]) -> Self:
        known = {"customerId": customer.number, "name": customer.name}
        shown = {name: short_text(text) for name, text in known.items() if text and name not in hidden}
        return cls(short_text(customer.id), shown.get("customerId"), shown.get("name"))


def lines_of(findings: Sequence[Finding], hidden: frozenset[str], budget: int) -> list[str]:
    lines = [line(finding, hidden) for finding in findings]
    return [short_text(text) for text in first_texts(lines, budget)]
