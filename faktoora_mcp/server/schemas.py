"""Schemas of tools in the short form that agents read, and the errors of arguments that do not fit them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import cast

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from faktoora_mcp.answers.customers import EVERYTHING
from faktoora_mcp.api.models import API_OWNED, WRITABLE, CustomerChanges, NewCustomer
from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.rules.validation import REQUIRED, nearest
from faktoora_mcp.text import bounded

from .inputs import CHANGES, RECORDS, meant, misnamed, sentence

Schema = dict[str, JsonValue]
PARTS = {"where": ("field", "op", "value", "values", "any"), "replace": ("field", "from", "to")}
"""Arguments that hold objects, and the keys of these."""
FREE = ("extras", "expect")
"""What holds any JSON by its keys."""
KEY = "[key]"
"""What pydantic adds to the path of an object's key that does not fit."""
COLUMNS = (EVERYTHING, *WRITABLE, *API_OWNED)
NAME_CHARS = 60


def simplified(schema: Mapping[str, JsonValue]) -> Schema:
    """A shorter schema: references replaced by their targets, no titles, no empty defaults.

    What our own validation refuses with a better sentence is left out, too: unknown keys, empty texts, and
    lists that are too long.
    """
    return _simplified(dict(schema), cast("dict[str, Schema]", schema.get("$defs", {})))


def spelled_out(tool: Schema) -> Schema:
    """The schema with the fields of `changes`, those of a new customer; null clears most of them."""
    if CHANGES not in _properties(tool):
        return tool
    fields = _properties(record_schema())
    clearable = {name: node if name in REQUIRED else _or_null(node) for name, node in fields.items()}
    return _with(tool, CHANGES, _properties(tool)[CHANGES] | cast("Schema", {"properties": clearable}))


@cache
def record_schema() -> Schema:
    """The schema of a new customer with all its fields."""
    return simplified(NewCustomer.model_json_schema())


def _with(tool: Schema, argument: str, node: Schema) -> Schema:
    return tool | cast("Schema", {"properties": _properties(tool) | {argument: node}})


def _properties(node: Schema) -> dict[str, Schema]:
    return cast("dict[str, Schema]", node.get("properties", {}))


def _or_null(node: Schema) -> Schema:
    return {"anyOf": [node, {"type": "null"}]}


def _simplified(node: Schema, defs: Mapping[str, Schema]) -> Schema:
    short: Schema = {}
    for key, value in _resolved(node, defs).items():
        match key, value:
            case (
                ("title" | "$defs", _)
                | ("default", None | False | [] | dict())
                | ("additionalProperties", bool())
                | ("minLength", 1)
                | ("minimum", 0 | 1)
                | ("maxItems", _)
            ):
                pass
            case "properties", dict():
                properties = cast("dict[str, Schema]", value)
                short[key] = {name: _simplified(part, defs) for name, part in properties.items()}
            case "anyOf", list():
                short[key] = [_simplified(cast("Schema", arm), defs) for arm in value]
            case "items" | "additionalProperties", dict():
                short |= {key: inner} if (inner := _simplified(value, defs)) else {}
            case _:
                short[key] = value
    return short


def _resolved(node: Schema, defs: Mapping[str, Schema]) -> Schema:
    """The node with its reference replaced by the target, and with the one type it has besides null."""
    if name := str(node.get("$ref", "")).removeprefix("#/$defs/"):
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return {key: value for key, value in defs[name].items() if key != "description"} | rest
    arms = cast("list[Schema]", node.get("anyOf", []))
    filled = [arm for arm in arms if arm.get("type") != "null"]
    if len(filled) != 1:
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    return _resolved(filled[0] | rest, defs)


def known_columns(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names unchanged; a pydantic error for a name that is no field of a record."""
    for name in names:
        if name not in COLUMNS:
            raise PydanticCustomError(
                "unknown_column", "{reason}", {"reason": f"{_short(name)} {_unknown(name, COLUMNS)}"}
            )
    return names


def unknown_arguments(given: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """A sentence for every argument that the tool does not have; `known` also holds paths to fields."""
    paths = [*known]
    names = {path for path in paths if "." not in path}
    return {_short(name): misnamed(" or ".join(meant(name, paths))) for name in given if name not in names}


class _Records(BaseModel):
    """The arguments of a call that hold a record."""

    customer: NewCustomer | None = None
    changes: CustomerChanges | None = None


def refused_values(given: Mapping[str, object]) -> dict[str, str | Finding]:
    """What is wrong with the records of a call that is refused for another reason already."""
    try:
        _Records.model_validate({name: given[name] for name in RECORDS if isinstance(given.get(name), dict)})
    except ValidationError as invalid:
        return field_errors(invalid)
    return {}


def field_errors(exc: ValidationError) -> dict[str, str | Finding]:
    """A sentence or finding for every invalid field, by the name or path under which the agent sent it."""
    found: dict[str, str | Finding] = {}
    for error in exc.errors(include_url=False, include_input=False):
        path = _path(error["loc"])
        within = path[1:] if path[0] in RECORDS and len(path) > 1 else path
        known = WRITABLE if path[0] in RECORDS else PARTS.get(path[0], ())
        found.setdefault(_short(".".join(within)), _sentence(error, within[-1], known))
    return found


def _path(loc: Iterable[str | int]) -> list[str]:
    """Where the agent put it. Within free content that is the key: pydantic adds names of Python's types."""
    path = [str(part) for part in loc if part != KEY]
    free = next((place for place, part in enumerate(path) if part in FREE), len(path))
    return path[: free + 2]


def _sentence(error: ErrorDetails, name: str, known: Iterable[str]) -> str | Finding:
    match error["type"]:
        case "extra_forbidden" if name in API_OWNED and known is WRITABLE:
            return "is set by faktoora and cannot be written"
        case "extra_forbidden":
            return _unknown(name, known)
        case _:
            return error.get("ctx", {}).get("finding") or sentence(error)


def _unknown(name: str, known: Iterable[str]) -> str:
    return misnamed(nearest(name, known))


def _short(name: str) -> str:
    return bounded(name, NAME_CHARS)
