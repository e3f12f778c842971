"""Tool arguments: the schemas that agents read, and what they are told where arguments do not fit."""

from collections.abc import Iterable, Mapping
from typing import cast

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from faktoora_mcp.answers.customers import EVERYTHING
from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.rules.validation import REQUIRED, nearest
from faktoora_mcp.text import bounded

Schema = dict[str, JsonValue]
NULLABLE = "changes"
"""The one argument in which a null means something (it clears a field) and fields are not described again."""
PARTS = {"where": ("field", "op", "value")}
"""Arguments made of parts, and what these are called."""
RECORDS = ("customer", NULLABLE)
COLUMNS = (EVERYTHING, *WRITABLE, *API_OWNED)
NAME_CHARS = 60


def plain(schema: Mapping[str, JsonValue]) -> Schema:
    """The same in plain JSON Schema: references in place, without titles and what means nothing."""
    return _plain(dict(schema), cast("dict[str, Schema]", schema.get("$defs", {})), changes=False)


def _plain(node: Schema, defs: Mapping[str, Schema], *, changes: bool) -> Schema:
    seen: Schema = {}
    for key, value in _resolved(node, defs, changes=changes).items():
        match key, value:
            case (
                ("title" | "$defs", _)
                | ("default", None | False | [] | dict())
                | ("additionalProperties", True)
            ):
                pass
            case "properties", dict():
                seen[key] = _properties(cast("dict[str, Schema]", value), defs, changes=changes)
            case "anyOf", list():
                seen[key] = [_plain(cast("Schema", arm), defs, changes=changes) for arm in value]
            case "items" | "additionalProperties", dict():
                seen |= _inner(key, value, defs, changes=changes)
            case _:
                seen[key] = value
    return seen


def _properties(properties: Mapping[str, Schema], defs: Mapping[str, Schema], *, changes: bool) -> Schema:
    return {
        name: _plain(_undescribed(node) if changes else node, defs, changes=_clearable(name, changes=changes))
        for name, node in properties.items()
    }


def _undescribed(node: Schema) -> Schema:
    return {key: value for key, value in node.items() if key != "description"}


def _clearable(name: str, *, changes: bool) -> bool:
    return (changes and name not in REQUIRED) or name == NULLABLE


def _inner(key: str, value: Schema, defs: Mapping[str, Schema], *, changes: bool) -> Schema:
    if changes and "$ref" in value:
        return {key: {"type": "object"}}
    inner = _plain(value, defs, changes=False)
    return {key: inner} if inner else {}


def _resolved(node: Schema, defs: Mapping[str, Schema], *, changes: bool) -> Schema:
    """The node itself: what it refers to in its place, and the one type it has besides null."""
    if name := str(node.get("$ref", "")).removeprefix("#/$defs/"):
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _undescribed(defs[name]) | rest
    arms = cast("list[Schema]", node.get("anyOf", []))
    filled = [arm for arm in arms if arm.get("type") != "null"]
    if changes or len(filled) != 1:
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    return _resolved(filled[0] | rest, defs, changes=changes)


def known_columns(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as they are; a pydantic error for one that is no field of a record."""
    for name in names:
        if name not in COLUMNS:
            raise PydanticCustomError(
                "unknown_column", "{reason}", {"reason": f"{_named(name)} {_unknown(name, COLUMNS)}"}
            )
    return names


def unknown_arguments(given: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """A sentence for every argument the tool does not have."""
    names = set(known)
    return {_named(name): _unknown(name, names) for name in given if name not in names}


def faults(exc: ValidationError) -> dict[str, str]:
    """A sentence for every field that does not fit, by its name as the agent knows it."""
    found: dict[str, str] = {}
    for error in exc.errors(include_url=False, include_input=False):
        path = [str(part) for part in error["loc"]]
        within = path[1:] if path[0] in RECORDS and len(path) > 1 else path
        known = WRITABLE if path[0] in RECORDS else PARTS.get(path[0], ())
        found.setdefault(_named(".".join(within)), _sentence(error, within[-1], known))
    return found


def _sentence(error: ErrorDetails, name: str, known: Iterable[str]) -> str:
    match error["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden" if name in API_OWNED and known is WRITABLE:
            return "is set by faktoora and cannot be written"
        case "extra_forbidden":
            return _unknown(name, known)
        case "string_too_short":
            return "is empty"
        case "literal_error":
            return f"must be one of {error['ctx']['expected']}" if "ctx" in error else error["msg"]
        case _:
            return error["msg"]


def _unknown(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return f"is unknown; did you mean {near}?" if near else "is unknown"


def _named(name: str) -> str:
    return bounded(name, NAME_CHARS)
