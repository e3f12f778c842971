"""The rules of hosts for the schemas of arguments: for one that breaks a rule a host refuses all tools.

OpenAI, Gemini (the API's `parameters`) and Claude each take less than JSON Schema; what all of them take is
named here, and nothing else is served.
"""

import re
from collections.abc import Iterator
from typing import cast

import pytest
from mcp.types import Tool
from pydantic import JsonValue

from faktoora_mcp.server.definitions import definitions

Schema = dict[str, JsonValue]
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
TYPES = {"string", "integer", "number", "boolean", "array", "object"}
PLAIN = {"type", "description", "default", "enum", "minimum", "maximum", "minLength"}
NESTED = {"properties", "required", "items", "additionalProperties"}
DESCRIPTION_CHARS = 1_024
TOOLS = [pytest.param(tool, id=tool.name) for tool in definitions().values()]


def nodes(node: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema within a schema, by its path."""
    yield path, node
    for name, part in cast("dict[str, Schema]", node.get("properties", {})).items():
        yield from nodes(part, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(inner := node.get(key), dict):
            yield from nodes(inner, f"{path}[{key}]")


def broken(node: Schema) -> list[str]:
    """The rules that a schema breaks, those of its parts apart."""
    rules = {
        "one type": str(node.get("type")) in TYPES,
        "known keywords": node.keys() <= PLAIN | NESTED,
        "an array has items": ("items" in node) == (node.get("type") == "array"),
        "only an object has properties": "properties" not in node or node.get("type") == "object",
        "choices are texts": all(isinstance(one, str) for one in cast("list[object]", node.get("enum", []))),
        "required is a property": {*cast("list[str]", node.get("required", []))}
        <= cast("Schema", node.get("properties", {})).keys(),
    }
    return [rule for rule, holds in rules.items() if not holds]


@pytest.mark.parametrize("tool", TOOLS)
def test_every_part_of_a_schema_is_one_that_all_hosts_take(tool: Tool) -> None:
    assert {path: rules for path, node in nodes(tool.input_schema) if (rules := broken(node))} == {}


@pytest.mark.parametrize("tool", TOOLS)
def test_arguments_are_an_object_to_which_a_host_may_add_its_own(tool: Tool) -> None:
    assert tool.input_schema["type"] == "object"
    assert "properties" in tool.input_schema
    assert "additionalProperties" not in tool.input_schema


@pytest.mark.parametrize("tool", TOOLS)
def test_names_have_at_most_64_letters_digits_underscores_and_hyphens(tool: Tool) -> None:
    parts = [cast("Schema", node.get("properties", {})) for _, node in nodes(tool.input_schema)]
    assert [name for part in ({tool.name}, *parts) for name in part if not NAME.fullmatch(name)] == []


@pytest.mark.parametrize("tool", TOOLS)
def test_a_description_is_no_longer_than_hosts_take(tool: Tool) -> None:
    assert 0 < len(tool.description or "") <= DESCRIPTION_CHARS


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "known keywords"),
        ({"type": ["string", "null"]}, "one type"),
        ({"type": "null"}, "one type"),
        ({"$ref": "#/$defs/Customer"}, "known keywords"),
        ({"description": "anything"}, "one type"),
        ({"type": "array"}, "an array has items"),
        ({"type": "object", "propertyNames": {"enum": ["a"]}}, "known keywords"),
        ({"type": "string", "properties": {}}, "only an object has properties"),
        ({"type": "integer", "enum": [1]}, "choices are texts"),
        ({"type": "object", "properties": {}, "required": ["a"]}, "required is a property"),
    ],
    ids=str,
)
def test_a_schema_that_a_host_refuses_breaks_a_rule(schema: Schema, rule: str) -> None:
    assert rule in broken(schema)
