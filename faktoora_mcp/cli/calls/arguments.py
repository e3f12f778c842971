"""The words of a command line become the arguments of a tool, by paths into its schema."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar, cast

import click
from mcp.types import Tool
from pydantic import JsonValue

from faktoora_mcp.cli.texts.words import tr
from faktoora_mcp.server.schemas import spelled_out
from faktoora_mcp.text import quote

Schema = dict[str, JsonValue]
Kind = TypeVar("Kind", dict[str, JsonValue], list[JsonValue])
Arguments = dict[str, JsonValue]
OF_LISTS: Schema = {"additionalProperties": {"type": "array", "items": {"type": "string"}}}
"""What the schema that agents read leaves out of an object of lists."""
FORM = "Write key=value, one JSON object, or - for a JSON object on stdin."


def schema_of(tool: Tool) -> Schema:
    """The schema of its arguments, with the fields of `customer` and `changes` by name."""
    full = spelled_out(tool.input_schema)
    parts = properties(full).items()
    known = {name: node | OF_LISTS if name == "remove_entries" else node for name, node in parts}
    return full | {"properties": cast("JsonValue", known)} if known else full


def arguments(words: Sequence[str], schema: Schema) -> Arguments:
    """The tool's arguments from the words of a command line; the schema decides the type of each value."""
    if [*words] == ["-"]:
        return _json_object(sys.stdin.buffer.read().decode("utf-8-sig", errors="replace"))
    if len(words) == 1 and words[0].lstrip().startswith("{"):
        return _json_object(words[0])
    found: Arguments = {}
    for word in words:
        key, equals, text = word.partition("=")
        path = key.split(".")
        if not equals or not all(path):
            raise click.UsageError(tr(f"{{word}} is not an argument. {FORM}", word=quote(word)))
        _put(found, path, text, schema, key)
    return found


def parameters(schema: Schema, before: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Every parameter by its path, with its schema and whether it is required. Fields follow their record."""
    required = cast("list[str]", schema.get("required", []))
    for name, node in properties(schema).items():
        yield before + name, node, name in required
        yield from parameters(node, f"{before}{name}.")


def _json_object(text: str) -> Arguments:
    value = _json(text)
    if not isinstance(value, dict):
        raise click.UsageError(tr(f"{{word}} is not a JSON object. {FORM}", word=quote(text)))
    return value


def _json(text: str) -> JsonValue:
    """The value of a JSON text; any other text as it is."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> JsonValue:
    raise ValueError(name)


def _put(record: Arguments, path: Sequence[str], text: str, schema: Schema, key: str) -> None:
    name, *rest = path
    node = properties(schema).get(name) or _any_other(schema)
    if rest and "array" in types(node):
        _put_entry(_inner(record, name, [], key), rest, text, _item(node), key)
    elif rest:
        _put(_inner(record, name, {}, key), rest, text, node, key)
    elif types(node) & {"array"} and isinstance(entries := _entries(text, node), list):
        _extend(record, name, entries, key)
    elif name in record:
        raise click.UsageError(tr("{key} is given twice.", key=quote(key)))
    else:
        record[name] = _value(text, node)


def _put_entry(entries: list[JsonValue], path: Sequence[str], text: str, node: Schema, key: str) -> None:
    """Set a value within the entry of this number, counted from 1."""
    number, *rest = path
    if not number.isdecimal() or not rest or not 0 < int(number) <= len(entries) + 1:
        text = "{key}: count the entries of a list from 1 and without gaps, as in {example}."
        raise click.UsageError(tr(text, key=quote(key), example="where.1.field=city"))
    if int(number) > len(entries):
        entries.append({})
    entry = entries[int(number) - 1]
    if not isinstance(entry, dict):
        raise click.UsageError(tr("{key} is given twice.", key=quote(key)))
    _put(entry, rest, text, node, key)


def _inner(record: Arguments, name: str, empty: Kind, key: str) -> Kind:
    """The object or list of this name."""
    found = record.setdefault(name, cast("JsonValue", empty))
    if type(found) is not type(empty):
        text = "{name} already has a value, so {key} cannot be set."
        raise click.UsageError(tr(text, name=quote(name), key=quote(key)))
    return cast("Kind", found)


def _extend(record: Arguments, name: str, entries: list[JsonValue], key: str) -> None:
    present = record.setdefault(name, [])
    if not isinstance(present, list):
        raise click.UsageError(tr("{key} is given twice.", key=quote(key)))
    present.extend(entries)


def _entries(text: str, node: Schema) -> list[JsonValue] | None:
    """One entry, or all entries of a JSON list; None for a null that clears the list."""
    value = _json(text)
    if value is None and "null" in types(node):
        return None
    if isinstance(value, list):
        return value
    return [_value(text, _item(node))]


def _value(text: str, node: Schema) -> JsonValue:
    """The text; or its value as JSON if the schema expects another type."""
    value, taken = _json(text), types(node)
    wanted = value is None and "null" in taken if "string" in taken else not isinstance(value, str)
    return value if wanted else text


def properties(schema: Schema) -> dict[str, Schema]:
    return cast("dict[str, Schema]", schema.get("properties", {}))


def _any_other(schema: Schema) -> Schema:
    """The schema of a key that the object does not name."""
    found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else {"type": "string"}


def _item(node: Schema) -> Schema:
    """The schema of one entry of a list."""
    nothing: Schema = {}
    return next((cast("Schema", arm["items"]) for arm in arms(node) if "items" in arm), nothing)


def arms(node: Schema) -> list[Schema]:
    return cast("list[Schema]", node.get("anyOf", [node]))


def types(node: Schema) -> set[str]:
    return {str(arm.get("type", "string")) for arm in arms(node)}
