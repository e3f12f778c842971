"""The answer to merging two customers: what comes of every field, or what became of both customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self, cast

from pydantic import JsonValue

from faktoora_mcp.api.merge_outcomes import Merged, Merging
from faktoora_mcp.api.outcomes import Deleted, Record
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import OutcomeUnknown
from faktoora_mcp.rules.findings import Finding

from .budget import (
    CELL_CHARS,
    CONTENT_BYTES,
    complete_values,
    first_texts,
    fitted_pairs,
    fitted_record,
    short_text,
)
from .changes import undoing
from .customers import Answer, known_as
from .entries import entries_changed
from .failures import error_text
from .marks import untrusted_in
from .redaction import NOTHING, is_hidden, omissions, redacted_pairs, redacted_record, redacted_value, visible
from .sentences import line

PART_BYTES = CONTENT_BYTES // 16
"""The budget for a part of the answer; what restores a customer gets several times that."""
SHOW = (
    "Show this to the user, then call again with dry_run false and confirm, the number (or id) of the "
    "customer to remove."
)
CHOOSE = "conflicts are [stays, goes]: prefer chooses."
HELD = (
    "The kept customer holds all that was merged; the other one still exists. If invoices use it, it has to "
    "stay: mark it as merged, for example in its note. Otherwise the same call goes on."
)
NOT_HELD = "The kept customer does not hold everything, or that is not known; the other one still exists."
IN_DOUBT = "The kept customer holds everything. Look with get_customer whether the other one still exists."
NEW_ID = "undo takes back the update; create_customer with restore brings the other back under a new id."


@dataclass(kw_only=True)
class CustomersMerged(Answer):
    """By field: `kept`, `filled` from the other, `joined`; `conflicts` pair what stays with what goes.

    After a merge `changed` pairs old and new values; `undo` holds the arguments of update_customer that
    restore the kept customer, `restore` the deleted one.
    """

    outcome: Literal["dry_run", "merged", "not_deleted", "deletion_unknown"]
    keep: Record
    remove: Record
    kept: Record | None = None
    filled: Record | None = None
    joined: Record | None = None
    conflicts: dict[str, list[JsonValue]] | None = None
    changed: dict[str, list[JsonValue]] | None = None
    entries: Record | None = None
    ignored: dict[str, list[JsonValue]] | None = None
    undo: Record | None = None
    restore: Record | None = None
    warnings: list[str] | None = None
    untrusted: list[str] | None = None
    reason: str | None = None
    note: str
    sandbox: bool | None = None

    @classmethod
    def shown(cls, merging: Merging, hidden: frozenset[str] = NOTHING) -> Self:
        """What would come of every field."""
        union, update = merging.union, merging.update
        return cls(
            outcome="dry_run",
            keep=_who(merging.keep, hidden),
            remove=_who(merging.remove, hidden),
            kept=_values(union.kept, hidden, 4 * PART_BYTES),
            filled=_values(union.filled, hidden, 3 * PART_BYTES),
            joined=_values(union.joined, hidden, PART_BYTES),
            conflicts=_conflicts(merging, hidden),
            entries=entries_changed(update.entries, hidden, 3 * PART_BYTES),
            warnings=_lines([*merging.warnings, *update.warnings, *update.review.warnings], hidden),
            note=f"{SHOW} {CHOOSE}" if union.conflicts else SHOW,
        ).marked(merging, hidden)

    @classmethod
    def of(cls, merged: Merged, hidden: frozenset[str] = NOTHING) -> Self:
        """What became of both customers."""
        merging, updated = merged.merging, merged.updated
        undo, gaps = undoing(updated, hidden, 2 * PART_BYTES, PART_BYTES)
        restore, missing = _restoring(merged.deleted, hidden)
        restored = merged.deleted.warnings if merged.deleted else ()
        warnings = [
            *gaps,
            *missing,
            *merging.warnings,
            *updated.warnings,
            *updated.review.warnings,
            *restored,
        ]
        return cls(
            outcome=_outcome(merged),
            keep=_who(updated.customer, hidden),
            remove=_who(merging.remove, hidden),
            conflicts=_conflicts(merging, hidden),
            changed=fitted_pairs(redacted_pairs(updated.changed, hidden), PART_BYTES) or None,
            entries=entries_changed(updated.entries, hidden, 3 * PART_BYTES),
            ignored=fitted_pairs(redacted_pairs(updated.ignored, hidden), PART_BYTES) or None,
            undo=undo,
            restore=restore,
            warnings=_lines(warnings, hidden),
            reason=error_text(merged.failure, hidden) if merged.failure else None,
            note=_note(merged),
        ).marked(merging, hidden)

    def marked(self, merging: Merging, hidden: frozenset[str]) -> Self:
        """The same with the fields of either customer whose text seems to speak to a language model."""
        union = merging.union
        conflicts = {name: [*pair] for name, pair in union.conflicts.items()}
        values = cast("Record", {**union.kept, **union.filled, **union.joined, **conflicts})
        seen = {name: values[name] for name in visible(values, hidden)}
        undone = cast("Record", (self.undo or {}).get("changes") or {})
        lists = cast("list[Record | None]", [self.conflicts, self.changed, self.ignored])
        parts = (self.kept, self.filled, self.joined, self.entries, self.restore, undone, *lists)
        self.untrusted = untrusted_in(seen, *parts)
        return self


def _who(customer: Customer, hidden: frozenset[str]) -> Record:
    return known_as(customer.reduced(), hidden, PART_BYTES // 2)


def _values(values: Record, hidden: frozenset[str], budget: int) -> Record | None:
    shown = {
        path: redacted_value(path, value, hidden)
        for path, value in values.items()
        if not is_hidden(path, hidden)
    }
    return fitted_record(shown, CELL_CHARS, budget) or None


def _conflicts(merging: Merging, hidden: frozenset[str]) -> dict[str, list[JsonValue]] | None:
    return fitted_pairs(redacted_pairs(merging.union.conflicts, hidden), 2 * PART_BYTES) or None


def _restoring(deleted: Deleted | None, hidden: frozenset[str]) -> tuple[Record | None, list[Finding]]:
    if deleted is None:
        return None, []
    restore, altered = complete_values(redacted_record(deleted.restore, hidden), 4 * PART_BYTES, "restore")
    return restore, [*altered, *omissions(deleted.restore, hidden, "restore")]


def _lines(findings: Sequence[Finding], hidden: frozenset[str]) -> list[str] | None:
    lines = dict.fromkeys(line(finding, hidden) for finding in findings)
    return [short_text(text) for text in first_texts([*lines], PART_BYTES)] or None


def _outcome(merged: Merged) -> Literal["merged", "not_deleted", "deletion_unknown"]:
    if merged.failure is None:
        return "merged"
    return "deletion_unknown" if isinstance(merged.failure, OutcomeUnknown) else "not_deleted"


def _note(merged: Merged) -> str:
    if not merged.is_held:
        return NOT_HELD
    return {"merged": NEW_ID, "not_deleted": HELD, "deletion_unknown": IN_DOUBT}[_outcome(merged)]
