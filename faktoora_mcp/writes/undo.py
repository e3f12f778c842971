"""The changes that would restore what was before an update, less what update_customer would refuse."""

from collections.abc import Iterable, Mapping
from copy import deepcopy

from faktoora_mcp.api.outcomes import Entries, Pairs, Record
from faktoora_mcp.errors import Correctable
from faktoora_mcp.rules import validation
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.text import trimmed

from .entries import KEYS, merged


def undoing(
    changed: Pairs, lists: Mapping[str, Entries], record: Record
) -> tuple[Record, tuple[Finding, ...]]:
    """Changes that restore the old values, and a warning for each that breaks a rule and is left out.

    Entries that were added leave only by remove_entries.
    """
    undo = _of_fields(changed)
    undo.update({name: entries.back for name, entries in lists.items() if entries.back})
    refused = _refused(undo, record)
    warnings = [found("undo_refused", path, error=refused[path]) for path in refused]
    warnings += [found("undo_lost", name) for name, entries in lists.items() if entries.lost]
    return without(undo, refused), tuple(warnings)


def without(record: Record, paths: Iterable[str]) -> Record:
    """The record without the fields at these paths (`postcode`, `customerContacts.0.email`)."""
    kept = deepcopy(record)
    for path in paths:
        name, *inner = path.split(".")
        entries = kept.get(name)
        if len(inner) > 1 and isinstance(entries, list) and isinstance(entry := entries[int(inner[0])], dict):
            entry.pop(inner[1], None)
        else:
            kept.pop(name, None)
    return kept


def _refused(undo: Record, record: Record) -> dict[str, Finding]:
    """What update_customer would refuse; entries are judged by what differs from the present ones."""
    try:
        differences = {
            name: merged(name, undo[name], (), record.get(name)).given for name in KEYS if name in undo
        }
    except Correctable:
        return {name: found("entries_alike") for name in KEYS if name in undo}
    return validation.review(undo | differences, record).errors


def _of_fields(changed: Pairs) -> Record:
    """Old values; a blank one is restored by clearing."""
    undo: Record = {}
    extras: Record = {}
    for name, (old, _) in changed.items():
        field, _, key = name.partition(".")
        (extras if key else undo)[key or field] = None if isinstance(old, str) and not trimmed(old) else old
    return {**undo, "extras": extras} if extras else undo
