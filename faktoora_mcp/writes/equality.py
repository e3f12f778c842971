"""Stored-equal: whether the API holds what was sent, as a bookkeeper would see it.

Texts are compared trimmed and in Unicode's composed form, so that `Muenchen` and `München` differ. What makes
two customers one is another question: insight/duplicates.
"""

from collections.abc import Mapping
from unicodedata import normalize

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Pairs
from faktoora_mcp.api.records import LOADED_BY
from faktoora_mcp.rules.validation import ENTRY_FIELDS
from faktoora_mcp.text import trimmed

EMPTY: tuple[JsonValue, ...] = (None, "", [], {})
DECIDED = {name: {*known} - {"id"} for name, known in ENTRY_FIELDS.items()}
"""What the writer of an entry decides; the API may add the rest."""


def ignored(sent: Mapping[str, JsonValue], held: Mapping[str, JsonValue]) -> Pairs:
    """What was sent and is not held; lists only where the record shows them at all."""
    return {
        name: (value, held.get(name))
        for name, value in sent.items()
        if not same(name, value, held.get(name)) and (name in held or name not in LOADED_BY)
    }


def is_blank(value: JsonValue) -> bool:
    return value in EMPTY or (isinstance(value, str) and not trimmed(value))


def changed(name: str, before: JsonValue, after: JsonValue) -> bool:
    return not (same(name, before, after) and same(name, after, before))


def same(name: str, sent: JsonValue, held: JsonValue) -> bool:
    """Equal for a bookkeeper: nothing is as good as empty, and the API may add to an entry (its id)."""
    match sent, held:
        case str(), str():
            return normalize("NFC", trimmed(sent)) == normalize("NFC", trimmed(held))
        case list(), list() if name in DECIDED:
            pairs = zip(sent, held, strict=False)
            return len(sent) == len(held) and all(same_entry(name, *pair) for pair in pairs)
        case _:
            return sent == held or (sent in EMPTY and held in EMPTY)


def same_entry(name: str, sent: JsonValue, held: JsonValue) -> bool:
    """Whether an entry of the list `name` is held as it was sent."""
    if isinstance(sent, dict) and isinstance(held, dict):
        return all(same(field, sent.get(field), held.get(field)) for field in DECIDED[name] | sent.keys())
    return sent == held
