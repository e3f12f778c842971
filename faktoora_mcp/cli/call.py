"""`faktoora-mcp call`: one tool asked from the shell, by the way agents ask it: the SDK's client.

Apart from `cli`, which has to start fast: everything here needs the SDK.
"""

import json
import re
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar, cast

import anyio
import click
from mcp import Client
from mcp.types import CallToolResult, TextContent, Tool
from pydantic import JsonValue

from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.server.app import Server, create_server
from faktoora_mcp.server.tools import TOOLS
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import QUOTED_CHARS

from . import console

Schema = dict[str, JsonValue]
Arguments = dict[str, JsonValue]
Got = TypeVar("Got")
FORM = "Write key=value, one JSON object, or - for a JSON object on stdin."
EXAMPLES = """\
Text stays text: number=003. A list takes its key again and again, an object's fields stand behind a dot:
keywords=Müller keywords=Köln, changes.city=Hamburg changes.note=null. In the place of all that: one JSON
object, or - to read it from stdin.
"""


def call(settings: Settings, name: str, words: Sequence[str], *, as_json: bool) -> int:
    """Ask the tool and print its answer, for a person at a terminal or as agents read it. 1: an error."""
    server = create_server(settings)
    result = _run(lambda: ask(server, name, words))
    text = text_of(result)
    console.speak_utf8()
    if as_json or not sys.stdout.isatty():
        click.echo(text)
    elif result.is_error:
        console.show_problem(json.loads(text)["error"])
    else:
        console.show_answer(json.loads(text))
    return int(result.is_error)


async def ask(server: Server, name: str, words: Sequence[str]) -> CallToolResult:
    """What the tool answers; UsageError when there is no such tool or the words have no usable form."""
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        given = arguments(words, _find(tools, name).input_schema) if _offered(tools, name) else {}
        return await client.call_tool(name, given)


def text_of(result: CallToolResult) -> str:
    """What the agent reads."""
    return "".join(block.text for block in result.content if isinstance(block, TextContent))


def tool_list(settings: Settings) -> str:
    """Every tool that these settings offer, with its first sentence."""
    rows = [(tool.name, _first_sentence(tool)) for tool in tools_of(settings)]
    formatter = click.HelpFormatter(width=console.width())
    formatter.write_dl(rows)
    return formatter.getvalue().rstrip()


def manual(settings: Settings, name: str) -> str:
    """The tool's description and all its parameters, those of nested records too."""
    tool = _find(tools_of(settings), name)
    formatter = click.HelpFormatter(width=console.width())
    formatter.write_usage("faktoora-mcp call", f"[OPTIONS] {name} [KEY=VALUE]... | JSON | -")
    formatter.write_paragraph()
    formatter.write_text(tool.description or "")
    if rows := [(path, _explained(node, required)) for path, node, required in parameters(tool.input_schema)]:
        with formatter.section("Parameters"):
            formatter.write_dl(rows)
    formatter.write_paragraph()
    formatter.write_text(EXAMPLES)
    return formatter.getvalue().rstrip()


def completions(name: str, start: str) -> list[str]:
    """What may follow `start` among the arguments of a tool: keys, and values of a closed set."""
    tool = next((tool for tool in tools_of(Settings(sandbox=True)) if tool.name == name), None)
    nodes = parameters(tool.input_schema) if tool else ()
    words = [word for path, node, _ in nodes if "properties" not in node for word in _words(path, node)]
    return [word for word in words if word.startswith(start) and (("=" in start) != word.endswith("="))]


def tools_of(settings: Settings) -> list[Tool]:
    """The tools as agents see them; no key is needed and no database touched."""
    server = create_server(settings.model_copy(update={"sandbox": True, "db": None}))

    async def listed() -> list[Tool]:
        async with Client(server) as client:
            return (await client.list_tools()).tools

    return _run(listed)


def arguments(words: Sequence[str], schema: Schema) -> Arguments:
    """The tool's arguments from the words of a command line, each value typed by the schema."""
    if [*words] == ["-"]:
        return _json_object(sys.stdin.buffer.read().decode("utf-8-sig", errors="replace"))
    if len(words) == 1 and words[0].lstrip().startswith("{"):
        return _json_object(words[0])
    found: Arguments = {}
    for word in words:
        key, equals, text = word.partition("=")
        path = key.split(".")
        if not equals or not all(path):
            raise click.UsageError(f"{_seen(word)} is no argument. {FORM}")
        _put(found, path, text, schema, key)
    return found


def parameters(schema: Schema, before: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Every parameter by its path, with its schema and whether it is required; fields after their record."""
    required = cast("list[str]", schema.get("required", []))
    for name, node in _properties(schema).items():
        yield before + name, node, name in required
        yield from parameters(node, f"{before}{name}.")


def _run(main: Callable[[], Awaitable[Got]]) -> Got:
    """The result of `main`, or the error within the groups that the SDK's tasks wrap around it."""
    try:
        return anyio.run(main)
    except BaseExceptionGroup as group:
        raise _within(group) from None


def _within(problem: BaseException) -> BaseException:
    inner = cast("tuple[BaseException, ...]", getattr(problem, "exceptions", ()))
    return _within(inner[0]) if inner else problem


def _offered(tools: Sequence[Tool], name: str) -> bool:
    """Whether it can be called; why a tool is switched off is the server's to say."""
    return name not in TOOLS or any(tool.name == name for tool in tools)


def _find(tools: Sequence[Tool], name: str) -> Tool:
    for tool in tools:
        if tool.name == name:
            return tool
    near = nearest(name, [tool.name for tool in tools])
    hint = f"Did you mean {near}?" if near else "faktoora-mcp call --list shows them."
    raise click.UsageError(f"There is no tool {_seen(name)}. {hint}")


def _json_object(text: str) -> Arguments:
    value = _json(text)
    if not isinstance(value, dict):
        raise click.UsageError(f"This is no JSON object: {_seen(text)}. {FORM}")
    return value


def _json(text: str) -> JsonValue:
    """The value of a JSON text; the text itself where it is none."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> JsonValue:
    raise ValueError(name)


def _put(record: Arguments, path: Sequence[str], text: str, schema: Schema, key: str) -> None:
    name, *rest = path
    node = _properties(schema).get(name, {"type": "string"})
    if rest:
        inner = record.setdefault(name, {})
        if not isinstance(inner, dict):
            raise click.UsageError(f"{_seen(name)} has a value already, so {_seen(key)} has no place in it.")
        _put(inner, rest, text, node, key)
    elif _types(node) & {"array"} and isinstance(entries := _entries(text, node), list):
        _extend(record, name, entries, key)
    elif name in record:
        raise click.UsageError(f"{_seen(key)} is given twice.")
    else:
        record[name] = _value(text, node)


def _extend(record: Arguments, name: str, entries: list[JsonValue], key: str) -> None:
    present = record.setdefault(name, [])
    if not isinstance(present, list):
        raise click.UsageError(f"{_seen(key)} is given twice.")
    present.extend(entries)


def _entries(text: str, node: Schema) -> list[JsonValue] | None:
    """One entry, or all of a JSON list; None for a null that clears."""
    value = _json(text)
    if value is None and "null" in _types(node):
        return None
    if isinstance(value, list):
        return value
    items = [cast("Schema", arm["items"]) for arm in _arms(node) if "items" in arm]
    return [_value(text, items[0] if items else {})]


def _value(text: str, node: Schema) -> JsonValue:
    """The text, or its value as JSON where the schema wants something else than text."""
    value, types = _json(text), _types(node)
    wanted = value is None and "null" in types if "string" in types else not isinstance(value, str)
    return value if wanted else text


def _properties(schema: Schema) -> dict[str, Schema]:
    return cast("dict[str, Schema]", schema.get("properties", {}))


def _arms(node: Schema) -> list[Schema]:
    return cast("list[Schema]", node.get("anyOf", [node]))


def _types(node: Schema) -> set[str]:
    return {str(arm.get("type", "string")) for arm in _arms(node)}


def _first_sentence(tool: Tool) -> str:
    return re.split(r"(?<=\.)\s", tool.description or "", maxsplit=1)[0]


def _explained(node: Schema, required: bool) -> str:  # noqa: FBT001 (a part of what `parameters` yields)
    default = [f"default {json.dumps(node['default'])}"] if "default" in node else []
    marks = "; ".join([_kind(node), *["required"] * required, *default])
    return f"{node.get('description', '')}  [{marks}]".strip()


def _kind(node: Schema) -> str:
    return " or ".join(_kind_of(arm) for arm in _arms(node))


def _kind_of(node: Schema) -> str:
    match node:
        case {"enum": list(values)}:
            return "one of " + ", ".join(map(str, values))
        case {"type": "array"}:
            return "list of " + _kind(cast("Schema", node.get("items", {"type": "anything"})))
        case {"type": "object", "properties": dict(fields)} if "additionalProperties" not in node:
            return "objects with " + ", ".join(fields)
        case {"minimum": low, "maximum": high}:
            return f"{node['type']} from {low} to {high}"
        case {"minimum": low}:
            return f"{node['type']} from {low}"
        case _:
            return str(node.get("type", "anything")).replace("string", "text")


def _words(path: str, node: Schema) -> list[str]:
    items = cast("Schema", node.get("items", node))
    values = ["true", "false"] if "boolean" in _types(items) else cast("list[str]", items.get("enum", []))
    return [f"{path}=", *(f"{path}={value}" for value in values)]


def _seen(text: str) -> str:
    return repr(text if len(text) <= QUOTED_CHARS else text[: QUOTED_CHARS - 1] + "…")
