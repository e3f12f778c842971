"""Fields that an operator hides: taken out of every answer and error, whatever tool gives it."""

from collections.abc import Callable, Collection, Iterable
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.errors import InvalidInput
from faktoora_mcp.insight.duplicates import IDS
from faktoora_mcp.rules.validation import ENTRY_FIELDS, nearest
from faktoora_mcp.settings import SettingsError

HIDEABLE = ({*WRITABLE, *API_OWNED} | {name for names in ENTRY_FIELDS.values() for name in names}) - {"id"}
MARK = "[hidden]"
PAIRS = ("changed", "ignored", "normalized")
NAMED = {label: name for name, label in IDS.items()} | {
    "name": "name",
    "legal form": "name",
    "e-mail": "email",
    "postcode": "postcode",
    "city": "city",
}
"""Words for fields in the reasons of a likeness."""
WAYS_BACK = ("undo", "restore")
LEFT_OUT = " leaves it out"


def hidden_by(names: Collection[str]) -> frozenset[str]:
    """All that these names hide: without first or last name there is no display name either."""
    check_known("--hide-fields: no field that can be hidden", names, sorted(HIDEABLE))
    named = frozenset(names)
    return named | {"name"} if named & {"firstName", "lastName"} else named


def check_known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    """SettingsError for a name that an operator misspelt, with the one that was probably meant."""
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}."
            raise SettingsError(f"{what} is called {name!r}; {hint}")


def refuse_hidden(names: Iterable[str], hidden: frozenset[str]) -> None:
    """InvalidInput when one of these columns or relations is hidden."""
    if asked := sorted(hidden.intersection(names)):
        raise InvalidInput(
            "The operator of this server hides these fields.",
            fields={"fields": f"{', '.join(asked)} cannot be shown"},
            advice="Go on without them.",
        )


def with_gaps(answer: dict[str, JsonValue], hidden: frozenset[str]) -> dict[str, JsonValue]:
    """The answer with a warning for each hidden field that the way back of a change will lack."""
    lacking = {
        name: key
        for key in WAYS_BACK
        for name in hidden.intersection(cast("dict[str, JsonValue]", answer.get(key) or {}))
    }
    gaps: list[JsonValue] = [f"{name}: hidden, {key}{LEFT_OUT}" for name, key in sorted(lacking.items())]
    told = cast("list[JsonValue]", answer.get("warnings") or [])
    return {**answer, "warnings": [*told, *gaps]} if gaps else answer


def without(value: JsonValue, hidden: frozenset[str], key: str = "") -> JsonValue:
    """The answer without the values of hidden fields; a table loses their columns, a record their keys.

    Where the name of a field is news in itself (that it changed, or does not fit), it stays, marked.
    """
    match value:
        case dict() if key in PAIRS:
            return {name: _pair(name, pair, hidden, key) for name, pair in value.items()}
        case dict() if key == "fields":
            return {path: MARK if _leads_to(path, hidden) else reason for path, reason in value.items()}
        case dict():
            seen = value | _columns_kept(value, hidden)
            return {name: without(item, hidden, name) for name, item in seen.items() if name not in hidden}
        case list() if key in LINES:
            return [LINES[key](str(line), hidden) for line in value]
        case list():
            return [without(item, hidden) for item in value]
        case _:
            return value


def _pair(name: str, pair: JsonValue, hidden: frozenset[str], key: str) -> JsonValue:
    """Old and new value, or those of an entry's fields."""
    within = key if isinstance(pair, dict) else name
    return [MARK, MARK] if _leads_to(name, hidden) else without(pair, hidden, within)


def _columns_kept(table: dict[str, JsonValue], hidden: frozenset[str]) -> dict[str, JsonValue]:
    match table:
        case {"columns": list(columns), "rows": list(rows)}:
            kept = [place for place, name in enumerate(columns) if name not in hidden]
            cells = cast("list[list[JsonValue]]", rows)
            return {
                "columns": [columns[at] for at in kept],
                "rows": [[row[at] for at in kept] for row in cells],
            }
        case _:
            return {}


def _line(line: str, hidden: frozenset[str]) -> str:
    path = line.partition(":")[0]
    if line.endswith(LEFT_OUT):
        return line
    return f"{path}: {MARK}" if _leads_to(path, hidden) else line


def _reason(line: str, hidden: frozenset[str]) -> str:
    """Why two customers are alike, without the values of hidden fields."""
    return MARK if any(word in line for word, name in NAMED.items() if name in hidden) else line


def _leads_to(path: str, hidden: frozenset[str]) -> bool:
    return not hidden.isdisjoint(path.split("."))


LINES: dict[str, Callable[[str, frozenset[str]], str]] = {
    "warnings": _line,
    "problems": _line,
    "reasons": _reason,
}
"""Lists of sentences in an answer, and what becomes of one that tells a hidden value."""
