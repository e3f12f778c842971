"""Redaction of the fields that an operator hides, in records; sentences.py does so in findings."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from pydantic import JsonValue

from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.api.outcomes import Pairs, Record
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import InvalidInput
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.rules.validation import ENTRY_FIELDS, nearest
from faktoora_mcp.settings import SettingsError

from .english import MARK

REDACTABLE = ({*WRITABLE, *API_OWNED} | {name for names in ENTRY_FIELDS.values() for name in names}) - {"id"}
FREE_FORM = "extras"
"""Its keys are the firm's own and no fields: it is hidden as a whole or not at all."""
NOTHING: frozenset[str] = frozenset()


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


def refuse_redacted(paths: Iterable[str], hidden: frozenset[str]) -> None:
    """InvalidInput when one of these columns, relations or paths is redacted."""
    if asked := sorted({name for path in paths for name in _names(path) if name in hidden}):
        raise InvalidInput(
            "The operator of this server hides these fields.",
            fields={"fields": f"{', '.join(asked)} cannot be shown"},
            advice="Go on without them.",
        )


def is_hidden(path: str, hidden: frozenset[str]) -> bool:
    """Whether a hidden field has its value at this path: `email` also hides `customerContacts.0.email`."""
    return not hidden.isdisjoint(_names(path))


def _names(path: str) -> list[str]:
    """The fields that a path leads through."""
    return [FREE_FORM] if path.startswith(f"{FREE_FORM}.") else path.split(".")


def visible(paths: Iterable[str], hidden: frozenset[str]) -> list[str]:
    """The columns that may be shown."""
    return [path for path in paths if not is_hidden(path, hidden)]


def redacted_customer(customer: Customer, hidden: frozenset[str]) -> Customer:
    return Customer(redacted_record(customer.record, hidden)) if hidden else customer


def redacted_record(record: Mapping[str, JsonValue], hidden: frozenset[str]) -> Record:
    """The record without the hidden fields, also those of its entries."""
    return {name: redacted_value(name, value, hidden) for name, value in record.items() if name not in hidden}


def redacted_value(path: str, value: JsonValue, hidden: frozenset[str]) -> JsonValue:
    """The value of a field that is not hidden itself, without hidden fields in it."""
    if not hidden or path.partition(".")[0] == FREE_FORM:
        return value
    match value:
        case list():
            return [redacted_value(path, item, hidden) for item in value]
        case dict():
            return {
                key: redacted_value(path, item, hidden) for key, item in value.items() if key not in hidden
            }
        case _:
            return value


def redacted_pairs(pairs: Pairs, hidden: frozenset[str]) -> Pairs:
    """Pairs of values by the path of their field: of a hidden one the name stays, since it changed."""
    return {
        path: (MARK, MARK)
        if is_hidden(path, hidden)
        else (redacted_value(path, old, hidden), redacted_value(path, new, hidden))
        for path, (old, new) in pairs.items()
    }


def omissions(record: Mapping[str, JsonValue], hidden: frozenset[str], part: str) -> list[Finding]:
    """A finding for every hidden field that this part of an answer will lack."""
    paths = (path for name, value in record.items() for path in _paths(name, value))
    return [found("hidden", path, part=part) for path in dict.fromkeys(paths) if is_hidden(path, hidden)]


def _paths(name: str, value: JsonValue) -> Sequence[str]:
    if name not in ENTRY_FIELDS or not isinstance(value, list):
        return (name,)
    inner = (f"{name}.{key}" for entry in value if isinstance(entry, dict) for key in entry)
    return (name, *inner)
