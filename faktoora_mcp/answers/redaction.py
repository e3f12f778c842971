"""Redaction of the fields that an operator hides: no answer and no error shows their values."""

from collections.abc import Callable, Collection, Iterable
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.errors import InvalidInput
from faktoora_mcp.rules.identity_fields import LABELS
from faktoora_mcp.rules.validation import ENTRY_FIELDS, nearest
from faktoora_mcp.settings import SettingsError

from .budget import is_omission, omission

REDACTABLE = ({*WRITABLE, *API_OWNED} | {name for names in ENTRY_FIELDS.values() for name in names}) - {"id"}
MARK = "[hidden]"
PAIRS = ("changed", "ignored", "normalized")
"""Parts of an answer that pair values by the name or path of their field."""
NAMED = {label: name for name, label in LABELS.items()} | {"legal form": "name"}
"""The field behind each word in the reasons of a similarity."""
RESTORING = ("undo", "restore")
"""Parts of an answer that restore what a change overwrote or deleted."""


def check_hide_fields(names: Collection[str]) -> None:
    """SettingsError for a name in --hide-fields that is no field, or one that must stay visible."""
    check_known("--hide-fields: no field that can be hidden", names, sorted(REDACTABLE))


def check_known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    """SettingsError for an unknown name; it suggests the nearest known one."""
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}."
            raise SettingsError(f"{what} is called {name!r}; {hint}")


def redacted_fields(names: Collection[str]) -> frozenset[str]:
    """The fields to redact for --hide-fields: without first or last name there is no display name either."""
    check_hide_fields(names)
    hidden = frozenset(names)
    return hidden | {"name"} if hidden & {"firstName", "lastName"} else hidden


def refuse_redacted(names: Iterable[str], redacted: frozenset[str]) -> None:
    """InvalidInput when one of these columns or relations is redacted."""
    if asked := sorted(redacted.intersection(names)):
        raise InvalidInput(
            "The operator of this server hides these fields.",
            fields={"fields": f"{', '.join(asked)} cannot be shown"},
            advice="Go on without them.",
        )


def with_omissions(answer: dict[str, JsonValue], redacted: frozenset[str]) -> dict[str, JsonValue]:
    """The answer with a warning for each redacted field that its undo or restore will lack."""
    lacking = {
        name: part
        for part in RESTORING
        for name in redacted.intersection(cast("dict[str, JsonValue]", answer.get(part) or {}))
    }
    omissions: list[JsonValue] = [omission(name, "hidden", part) for name, part in sorted(lacking.items())]
    warnings = cast("list[JsonValue]", answer.get("warnings") or [])
    return {**answer, "warnings": [*warnings, *omissions]} if omissions else answer


def redact(value: JsonValue, redacted: frozenset[str], key: str = "") -> JsonValue:
    """The answer without the values of redacted fields; a table loses their columns, a record their keys.

    Where the field's name itself is information (it changed, it is invalid), the name stays and the value is
    replaced by a mark.
    """
    match value:
        case dict() if key in PAIRS:
            return {name: _pair(name, pair, redacted, key) for name, pair in value.items()}
        case dict() if key == "fields":
            return {path: MARK if _is_redacted(path, redacted) else text for path, text in value.items()}
        case dict():
            narrowed = value | _columns_kept(value, redacted)
            return {
                name: redact(item, redacted, name) for name, item in narrowed.items() if name not in redacted
            }
        case list() if key in LINES:
            return [LINES[key](str(line), redacted) for line in value]
        case list():
            return [redact(item, redacted) for item in value]
        case _:
            return value


def _pair(name: str, pair: JsonValue, redacted: frozenset[str], key: str) -> JsonValue:
    """Old and new value, or such pairs for the fields of an entry."""
    within = key if isinstance(pair, dict) else name
    return [MARK, MARK] if _is_redacted(name, redacted) else redact(pair, redacted, within)


def _columns_kept(table: dict[str, JsonValue], redacted: frozenset[str]) -> dict[str, JsonValue]:
    match table:
        case {"columns": list(columns), "rows": list(rows)}:
            kept = [place for place, name in enumerate(columns) if name not in redacted]
            cells = cast("list[list[JsonValue]]", rows)
            return {
                "columns": [columns[at] for at in kept],
                "rows": [[row[at] for at in kept] for row in cells],
            }
        case _:
            return {}


def _line(line: str, redacted: frozenset[str]) -> str:
    """A warning or problem, which begins with the path of its field."""
    path = line.partition(":")[0]
    return f"{path}: {MARK}" if _is_redacted(path, redacted) and not is_omission(line) else line


def _reason(line: str, redacted: frozenset[str]) -> str:
    """A reason of a similarity, which names fields by words and quotes their values."""
    return MARK if any(word in line for word, name in NAMED.items() if name in redacted) else line


def _is_redacted(path: str, redacted: frozenset[str]) -> bool:
    return not redacted.isdisjoint(path.split("."))


LINES: dict[str, Callable[[str, frozenset[str]], str]] = {
    "warnings": _line,
    "problems": _line,
    "reasons": _reason,
}
"""Lists of sentences in an answer, and how to redact one."""
