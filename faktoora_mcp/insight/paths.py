"""Paths to the fields of a record: `city`, `deliveryAddresses.city`, `extras.KEY`."""

import json
from collections.abc import Iterable, Sequence

from pydantic import JsonValue
from pydantic_core import PydanticCustomError

from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.validation import ENTRY_FIELDS, RULED, Verdict, judge, nearest
from faktoora_mcp.text import quote, trimmed

ENTRY_PATHS = tuple(f"{owner}.{field}" for owner, fields in ENTRY_FIELDS.items() for field in fields)
FILLED_MARK = "?"
PATHS = frozenset((*WRITABLE, *API_OWNED, *ENTRY_PATHS))
"""Every fixed path; `extras.KEY` is valid for any key, which may contain dots."""


def known(path: str) -> str:
    """The path itself; a pydantic error for an unknown one."""
    if path in PATHS or (path.startswith("extras.") and trimmed(path[len("extras.") :])):
        return path
    raise PydanticCustomError(
        "unknown_field", "{reason}", {"reason": f"{quote(path)} is unknown{_hint(path)}"}
    )


def has_rule(path: str) -> bool:
    """Whether values at this path can be wrong or doubtful."""
    return path in PATHS and leaf(path) in RULED


def values(customer: Customer, path: str) -> list[JsonValue]:
    """The filled values: none if missing, several in a list; `name` is the display name."""
    found: list[JsonValue] = []
    for value in _held(customer, path):
        if isinstance(value, list):
            found += filter(_is_filled, value)
        elif _is_filled(value):
            found.append(value)
    return found


def verdicts(customer: Customer, path: str) -> list[Verdict]:
    """The verdict on every filled value, by the country of the customer or of the delivery address."""
    field, own_country = leaf(path), path.startswith("deliveryAddresses.")
    judged: list[Verdict] = []
    for holder in _holders(customer, path):
        country = (holder if own_country else customer.record).get("country")
        if _is_filled(value := holder.get(field)):
            judged.append(judge(field, value, country if isinstance(country, str) else None))
    return judged


def asks_whether_filled(path: str) -> bool:
    """Whether the path is one such as `email?`, which only groups have."""
    return path.endswith(FILLED_MARK)


def bare(path: str) -> str:
    """The path without the mark."""
    return path.removesuffix(FILLED_MARK)


def leaf(path: str) -> str:
    """The last name of the path."""
    return path.partition(".")[2] or path


def owners(paths: Iterable[str]) -> tuple[str, ...]:
    """The first names of the paths: fields of the record itself."""
    return tuple(dict.fromkeys(path.partition(".")[0] for path in paths))


def text(value: JsonValue) -> str:
    """The text of a value: 5, 5.0 and "5" are the same."""
    if isinstance(value, str):
        return value
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return json.dumps(whole, ensure_ascii=False, sort_keys=True)


def _held(customer: Customer, path: str) -> Sequence[JsonValue]:
    if path == "name":
        return (customer.name,)
    if "." not in path:
        return (customer.record.get(path),)
    return [holder.get(leaf(path)) for holder in _holders(customer, path)]


def _holders(customer: Customer, path: str) -> Sequence[dict[str, JsonValue]]:
    owner, dot, _ = path.partition(".")
    if not dot:
        return (customer.record,)
    held = customer.record.get(owner)
    return [entry for entry in (held if isinstance(held, list) else [held]) if isinstance(entry, dict)]


def _is_filled(value: JsonValue) -> bool:
    return bool(trimmed(value)) if isinstance(value, str) else value not in (None, [], {})


def _hint(path: str) -> str:
    owner, dot, field = path.partition(".")
    owner = nearest(owner, (*ENTRY_FIELDS, "extras")) if dot and field else None
    fields = ENTRY_FIELDS.get(owner or "", ())
    near = nearest(field, fields) if fields else field[:40]
    if owner and not near:
        return f"; {owner} has {', '.join(fields)}"
    meant = f"{owner}.{near}" if owner else nearest(path, sorted(PATHS))
    return f"; did you mean {meant}?" if meant else ""
