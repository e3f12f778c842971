"""The changes that would restore what was before an update."""

from collections.abc import Mapping

from faktoora_mcp.api.outcomes import Entries, Pairs, Record
from faktoora_mcp.rules import validation
from faktoora_mcp.text import trimmed


def undoing(changed: Pairs, lists: Mapping[str, Entries], record: Record) -> tuple[Record, tuple[str, ...]]:
    """Changes that restore the old values, and a warning for each that breaks a rule and cannot be restored.

    Entries that were added leave only by remove_entries.
    """
    undo = _of_fields(changed)
    undo.update({name: found.back for name, found in lists.items() if found.back})
    errors = validation.review(undo, record).errors
    refused = {path.partition(".")[0]: reason for path, reason in errors.items()}
    warnings = [f"{name}: undo leaves it out, its old value is refused: {refused[name]}" for name in refused]
    warnings += [f"{name}: {found.lost}" for name, found in lists.items() if found.lost]
    return {name: value for name, value in undo.items() if name not in refused}, tuple(warnings)


def _of_fields(changed: Pairs) -> Record:
    undo: Record = {}
    extras: Record = {}
    for name, (old, _) in changed.items():
        field, _, key = name.partition(".")
        (extras if key else undo)[key or field] = None if isinstance(old, str) and not trimmed(old) else old
    return {**undo, "extras": extras} if extras else undo
