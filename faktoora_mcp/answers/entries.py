"""What a change did to the entries of lists, named by what may be shown of them."""

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Entries, Pairs, Record
from faktoora_mcp.rules.findings import Finding, Of, found

from .budget import CELL_CHARS, and_more, first_that_fit, fitted_pairs, fitted_record, size
from .english import MARK
from .redaction import is_hidden, redacted_pairs, redacted_record


def entries_changed(lists: Mapping[str, Entries], hidden: frozenset[str], budget: int) -> Record | None:
    """What happened to the entries of all lists that may be shown, within the budget."""
    shown = {name: entries for name, entries in lists.items() if not is_hidden(name, hidden)}
    for share in (budget, budget // (3 * max(1, len(lists)))):
        told: Record = {name: _entry_changes(entries, hidden, share) for name, entries in shown.items()}
        if size(told) <= budget:
            break
    return told or None


def named_undo(undo: Record, lists: Mapping[str, Entries], hidden: frozenset[str]) -> Record:
    """The undo without changes of entries that only a hidden value names: sent, these would be new ones."""
    unnamed = {name: _unnamed(entries, hidden) for name, entries in lists.items()}
    kept = {name: _without(value, unnamed.get(name, set())) for name, value in undo.items()}
    return {name: value for name, value in kept.items() if value != [] or undo[name] == []}


def _unnamed(entries: Entries, hidden: frozenset[str]) -> set[int]:
    """The places of these entries in the undo, where changed ones that something names come first."""
    named = (called for called in entries.changed if called.field)
    return {place for place, called in enumerate(named) if is_hidden(called.field, hidden)}


def _without(value: JsonValue, places: set[int]) -> JsonValue:
    if not (places and isinstance(value, list)):
        return value
    return [entry for place, entry in enumerate(value) if place not in places]


def _entry_changes(entries: Entries, hidden: frozenset[str], budget: int) -> JsonValue:
    """What happened to the entries of one list; empty parts are left out."""
    named = _by_name(entries.changed, hidden)
    pairs = {name: fitted_pairs(redacted_pairs(each, hidden), budget) for name, each in named.items()}
    parts: Record = {
        "added": _first_entries(entries.added, hidden, budget),
        "changed": fitted_record(cast("Record", pairs), CELL_CHARS, budget),
        "removed": _first_entries(entries.removed, hidden, budget),
    }
    return {**{name: part for name, part in parts.items() if part}, "kept": entries.kept}


def _by_name(changed: Mapping[Of, Pairs], hidden: frozenset[str]) -> dict[str, Pairs]:
    """The changes by what the entry is called; those called by a hidden value are numbered."""
    places = enumerate(changed.items(), 1)
    return {
        f"{MARK} {place}" if is_hidden(called.field, hidden) else str(called.value): pairs
        for place, (called, pairs) in places
    }


def _first_entries(entries: Sequence[Record], hidden: frozenset[str], budget: int) -> list[JsonValue]:
    """As many of the entries as fit, then how many more there are."""
    shown = (redacted_record(entry, hidden) for entry in entries)
    rows = (fitted_record(entry, CELL_CHARS, budget // 2) for entry in shown)
    return and_more(first_that_fit(rows, budget), len(entries))


def names_to_remove(
    named: Mapping[str, Sequence[Of]], hidden: frozenset[str]
) -> tuple[Record, list[Finding]]:
    """What entries are called, by list; a finding for each list with entries called by a hidden value."""
    shown = {
        name: [of.value for of in names if not is_hidden(of.field, hidden)] for name, names in named.items()
    }
    lacking = [name for name, names in named.items() if len(shown[name]) < len(names)]
    gaps = [found("hidden", name, part="undo") for name in lacking]
    return cast("Record", {name: names for name, names in shown.items() if names}), gaps
