"""The answer to one change for many customers: what would happen, or what became of every one of them."""
# ruff: noqa: N815 (the names agents read follow the API's)

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self, cast

from faktoora_mcp.api.many_outcomes import BulkPreview, Failed, ManyUpdated, Stop
from faktoora_mcp.api.outcomes import Record, Updated
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.rules.findings import Finding

from .budget import (
    CELL_CHARS,
    CONTENT_BYTES,
    complete_values,
    first_texts,
    first_that_fit,
    fitted_pairs,
    fitted_record,
    short_text,
    size,
)
from .customers import Answer
from .failures import error_envelope
from .redaction import NOTHING, omissions, redacted_pairs, redacted_record
from .sentences import line

NOTE_BYTES = CONTENT_BYTES // 14
EXAMPLES = 3
SHOW = "Show this to the user, then call again with dry_run false and this confirm."
NOT_CONFIRMED = (
    "Nothing was sent: confirm is missing, or customers or the change are not those it was given for. "
)
INCOMPLETE = "As long as not all customers are read, nothing can be confirmed: narrow where, or give ids."
NOTHING_TO_DO = "Nothing to change: the customers are so already, nothing was sent."
NO_UNDO = "The old values do not fit: `faktoora-mcp undo AUDIT_LOG --call {}` restores them."
OTHERS = "other reasons"
KEPT = "sent, but the API kept the old value: {}"
STOPPED: dict[Stop, str] = {
    "failures": "Several failures in a row, of no single customer's making.",
    "unknown": "The outcome of one change is unknown; look at that customer first.",
    "time": "The time of one call is over; go on with ids: left.",
    "refused": "No more changes are allowed:",
}


@dataclass(kw_only=True)
class CustomersUpdated(Answer):
    """`differences` groups customers by what would change; `undo` lists calls that restore the old values.

    Changed customers are in `undo`, or in changedIds; `left` were not begun and can be given as ids.
    """

    outcome: Literal["dry_run", "not_confirmed", "done", "stopped"]
    matched: int
    wouldChange: int | None = None
    changed: int | None = None
    asBefore: int
    confirm: str | None = None
    differences: list[Record] | None = None
    differencesTotal: int | None = None
    wouldFail: list[Record] | None = None
    failed: list[Record] | None = None
    unknown: list[Record] | None = None
    asBeforeIds: list[str] | None = None
    changedIds: list[str] | None = None
    left: list[str] | None = None
    leftTotal: int | None = None
    stopped: str | None = None
    undo: list[Record] | None = None
    call: str | None = None
    incomplete: str | None = None
    warnings: list[str] | None = None
    note: str | None = None
    sandbox: bool | None = None

    @classmethod
    def shown(cls, preview: BulkPreview, hidden: frozenset[str] = NOTHING, *, dry_run: bool = True) -> Self:
        """What would happen; without `dry_run` because it was not confirmed."""
        differences = _differences(preview.updates, hidden)
        shown = first_that_fit(differences, 2 * NOTE_BYTES)
        failing = _grouped(_reasons(preview.refused, hidden), 2 * NOTE_BYTES)
        return cls(
            outcome="dry_run" if dry_run else "not_confirmed",
            matched=preview.matched,
            wouldChange=len(preview.updates),
            asBefore=preview.unchanged,
            confirm=preview.confirm,
            differences=shown or None,
            differencesTotal=len(differences) if len(shown) < len(differences) else None,
            wouldFail=failing or None,
            leftTotal=len(preview.more) or None,
            incomplete=preview.incomplete and short_text(preview.incomplete),
            warnings=_warnings(preview.updates, hidden, preview.warnings) or None,
            note=_note(preview, dry_run=dry_run),
        )

    @classmethod
    def of(cls, made: ManyUpdated, hidden: frozenset[str] = NOTHING) -> Self:
        """What became of every customer."""
        changed = [updated for updated in made.done if updated.changed]
        same = [updated.customer.id for updated in made.done if not (updated.changed or updated.ignored)]
        undo, gaps = _visible(made.undo or (), hidden)
        restored = {name for call in undo for name in cast("list[str]", call["ids"])}
        room = _Room(CONTENT_BYTES - size(undo) - 2 * NOTE_BYTES)
        unknown = room.groups(_reasons(made.unknown, hidden))
        failed = room.groups([*_reasons(made.failed, hidden), *_kept(made.done)])
        left = room.ids(made.left)
        return cls(
            outcome="stopped" if made.stopped else "done",
            matched=made.preview.matched,
            changed=len(changed),
            asBefore=made.preview.unchanged + len(same),
            failed=failed or None,
            unknown=unknown or None,
            left=left or None,
            leftTotal=len(made.left) if len(left) < len(made.left) else None,
            asBeforeIds=room.ids(same) or None,
            changedIds=room.ids([each.customer.id for each in changed if each.customer.id not in restored])
            or None,
            stopped=_stopped(made, hidden),
            undo=undo or None,
            call=made.call if changed else None,
            warnings=_warnings(made.done, hidden, gaps) or None,
            note=_note_after(made),
        )


@dataclass(slots=True)
class _Room:
    """The bytes that the lists of an answer still have; what takes a part leaves less."""

    left: int

    def ids(self, ids: Sequence[str]) -> list[str]:
        fitting = first_that_fit(ids, self.left)
        self.left -= size(fitting)
        return fitting

    def groups(self, reasons: Sequence[tuple[str, str]]) -> list[Record]:
        found = _grouped(reasons, self.left)
        self.left -= size(found)
        return found


def _reasons(failed: Iterable[Failed], hidden: frozenset[str]) -> list[tuple[str, str]]:
    return [(reason_of(each.error, hidden), each.id) for each in failed]


def reason_of(error: FaktooraError, hidden: frozenset[str]) -> str:
    """The fields at fault with their sentences, or else what happened."""
    envelope = cast("Record", error_envelope(error, hidden)["error"])
    fields = cast("dict[str, str]", envelope.get("fields") or {})
    faults = "; ".join(f"{path}: {text}" for path, text in fields.items())
    return short_text(faults or str(envelope["message"]))


def _kept(done: Iterable[Updated]) -> list[tuple[str, str]]:
    """What the API took and did not store, by the names of the fields."""
    return [(KEPT.format(", ".join(each.ignored)), each.customer.id) for each in done if each.ignored]


def _grouped(reasons: Sequence[tuple[str, str]], budget: int) -> list[Record]:
    """The ids by reason, the most frequent first; the last group holds those that no longer fit."""
    ids: dict[str, list[str]] = {}
    for reason, customer in reasons:
        ids.setdefault(reason, []).append(customer)
    ordered = sorted(ids, key=lambda reason: -len(ids[reason]))
    groups = first_that_fit((_group(reason, ids[reason], budget // 2) for reason in ordered), budget // 2)
    rest = [customer for reason in ordered[len(groups) :] for customer in ids[reason]]
    return [*groups, *([_group(OTHERS, rest, budget // 2)] if rest else [])]


def _group(reason: str, ids: Sequence[str], budget: int) -> Record:
    shown = first_that_fit(ids, budget - CELL_CHARS)
    total: Record = {"customers": len(ids)} if len(shown) < len(ids) else {}
    return {"reason": reason, **total, "ids": [*shown]}


def _differences(updates: Iterable[Updated], hidden: frozenset[str]) -> list[Record]:
    """Old and new values with the number of customers and some of them, the most frequent first."""
    groups: dict[str, list[Updated]] = {}
    for updated in updates:
        pairs = redacted_pairs(updated.changed, hidden)
        groups.setdefault(json.dumps(pairs, sort_keys=True), []).append(updated)
    ordered = sorted(groups.values(), key=len, reverse=True)
    return [_difference(group, hidden) for group in ordered]


def _difference(group: Sequence[Updated], hidden: frozenset[str]) -> Record:
    pairs = fitted_pairs(redacted_pairs(group[0].changed, hidden), NOTE_BYTES)
    examples = (redacted_record(each.customer.reduced(), hidden) for each in group[:EXAMPLES])
    named = [_named(example) for example in examples]
    return cast("Record", {"changed": pairs, "customers": len(group), "examples": named})


def _named(record: Record) -> Record:
    """What an example is called: by number and name, or else by its id."""
    known = {name: record[name] for name in ("customerId", "name") if record.get(name)}
    return fitted_record(known or {"id": record["id"]}, CELL_CHARS // 3)


def _visible(undo: Iterable[Record], hidden: frozenset[str]) -> tuple[list[Record], list[Finding]]:
    """The calls as far as they may be shown, and a finding for each value that they lack."""
    calls: list[Record] = []
    gaps: list[Finding] = []
    for call in undo:
        old = cast("Record", call["changes"])
        kept, altered = complete_values(redacted_record(old, hidden), CONTENT_BYTES, "undo")
        gaps += [*altered, *omissions(old, hidden, "undo")]
        if kept:
            calls.append({**call, "changes": kept})
    return calls, gaps


def _warnings(updates: Sequence[Updated], hidden: frozenset[str], more: Sequence[Finding] = ()) -> list[str]:
    """Every warning once, with the number of customers that it is about."""
    found = (finding for updated in updates for finding in (*updated.warnings, *updated.review.warnings))
    counts = Counter(line(finding, hidden) for finding in found)
    texts = [f"{text} ({times} customers)" if times > 1 else text for text, times in counts.most_common()]
    gaps = dict.fromkeys(line(finding, hidden) for finding in more)
    return first_texts([*texts, *gaps], NOTE_BYTES)


def _note(preview: BulkPreview, *, dry_run: bool) -> str:
    if preview.incomplete:
        return INCOMPLETE
    if not preview.updates:
        return NOTHING_TO_DO
    return SHOW if dry_run else NOT_CONFIRMED + SHOW


def _note_after(made: ManyUpdated) -> str | None:
    if not made.preview.updates:
        return NOTHING_TO_DO
    return NO_UNDO.format(made.call) if made.undo is None and made.call else None


def _stopped(made: ManyUpdated, hidden: frozenset[str]) -> str | None:
    if made.stopped is None:
        return None
    refusal = reason_of(made.refusal, hidden) if made.stopped == "refused" and made.refusal else ""
    return f"{STOPPED[made.stopped]} {refusal}".strip()
