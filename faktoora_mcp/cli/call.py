"""`faktoora-mcp call`: calls one tool from the shell, through the SDK's client, as agents do."""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import cast

import click
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.client.session import ElicitationFnT
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitRequestParams, ElicitResult, Tool
from pydantic import JsonValue

from faktoora_mcp.language import Language, speaking, spoken
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.server.app import Server, create_server
from faktoora_mcp.server.schemas import spelled_out
from faktoora_mcp.server.tools import TOOLS
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded, quote

from .console import Advance, nothing, progress_bar, show_answer, show_error, use_utf8, width
from .mcp_client import run_async, text_of
from .texts.help import Formatter
from .texts.words import tr

Schema = dict[str, JsonValue]
Arguments = dict[str, JsonValue]
QUESTION_CHARS = 2_000
FORM = "Write key=value, one JSON object, or - for a JSON object on stdin."
EXAMPLES = """\
Text stays text: number=003. For a list, repeat its key: keywords=Müller keywords=Köln. For a field of an
object, write a dot: changes.city=Hamburg changes.note=null. Instead of all this you can write one JSON
object, or - to read it from stdin.
"""


def call(settings: Settings, name: str, words: Sequence[str], *, as_json: bool) -> int:
    """Call the tool and print its answer: for people at a terminal, else as agents read it. 1: an error."""
    use_utf8()
    server = create_server(settings)
    for_people, language = sys.stdout.isatty() and not as_json, spoken()
    with speaking(language if for_people else "en"), progress_bar(tr("Customers")) as advance:
        result = run_async(lambda: call_tool(server, name, words, advance, language))
    text = text_of(result)
    if not for_people:
        click.echo(text)
    elif result.is_error:
        show_error(json.loads(text)["error"])
    else:
        show_answer(json.loads(text))
    return int(result.is_error)


async def call_tool(
    server: Server,
    name: str,
    words: Sequence[str],
    advance: Advance = nothing,
    language: Language = "en",
) -> CallToolResult:
    """The tool's result. UsageError if there is no such tool, or if the words are no arguments."""

    async def report(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 (the SDK hands it over)
        advance(int(progress), None if total is None else int(total))

    async with Client(server, elicitation_callback=_asker(words)) as client:
        tools = (await client.list_tools()).tools
        with speaking(language):  # of the user, even if a program reads the answer
            given = arguments(words, schema_of(_find(tools, name))) if _offered(tools, name) else {}
        return await client.call_tool(name, given, progress_callback=report)


def _asker(words: Sequence[str]) -> ElicitationFnT | None:
    """Asks the person at the terminal what the server asks the user; None where `confirm` answers it."""
    confirms = any(word.startswith("confirm=") or '"confirm"' in word for word in words)
    return None if confirms or not sys.stdin.isatty() else _ask


async def _ask(
    context: ClientRequestContext,  # noqa: ARG001 (the SDK hands it over)
    params: ElicitRequestParams,
) -> ElicitResult:
    if not isinstance(params, ElicitRequestFormParams):
        return ElicitResult(action="decline")
    agreed = click.confirm(bounded(params.message, QUESTION_CHARS), err=True)
    return ElicitResult(action="accept", content=dict.fromkeys(params.requested_schema["properties"], agreed))


def tool_list(settings: Settings) -> str:
    """Every tool that these settings offer, with the first sentence of its description."""
    rows = [(tool.name, _first_sentence(tool)) for tool in tools_of(settings)]
    formatter = Formatter(width=width())
    formatter.write_dl(rows)
    return formatter.getvalue().rstrip()


def manual(settings: Settings, name: str) -> str:
    """The tool's description and all its parameters, including those of nested records."""
    tool = _find(tools_of(settings), name)
    formatter = Formatter(width=width())
    formatter.write_usage("faktoora-mcp call", f"[OPTIONS] {name} [KEY=VALUE]... | JSON | -")
    formatter.write_paragraph()
    formatter.write_text(tool.description or "")
    if rows := [(path, _explained(node, required)) for path, node, required in parameters(schema_of(tool))]:
        with formatter.section("Parameters"):
            formatter.write_dl(rows)
    formatter.write_paragraph()
    formatter.write_text(EXAMPLES)
    return formatter.getvalue().rstrip()


def completions(name: str, start: str) -> list[str]:
    """The arguments of a tool that begin with `start`: keys, and the values of enums and booleans."""
    tool = next((tool for tool in tools_of(Settings(sandbox=True)) if tool.name == name), None)
    nodes = parameters(schema_of(tool)) if tool else ()
    words = [word for path, node, _ in nodes if "properties" not in node for word in _words(path, node)]
    return [word for word in words if word.startswith(start) and (("=" in start) != word.endswith("="))]


def tools_of(settings: Settings) -> list[Tool]:
    """The tools as agents see them. This needs no key and opens no database."""
    server = create_server(settings.model_copy(update={"sandbox": True, "db": None}))
    return run_async(server.list_tools)


def schema_of(tool: Tool) -> Schema:
    """The schema of its arguments, with the fields of `customer` and `changes` by name."""
    return spelled_out(tool.input_schema)


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
    for name, node in _properties(schema).items():
        yield before + name, node, name in required
        yield from parameters(node, f"{before}{name}.")


def _offered(tools: Sequence[Tool], name: str) -> bool:
    """Whether the tool can be called. If it is switched off, the server's refusal says why."""
    return name not in TOOLS or any(tool.name == name for tool in tools)


def _find(tools: Sequence[Tool], name: str) -> Tool:
    for tool in tools:
        if tool.name == name:
            return tool
    near = nearest(name, [tool.name for tool in tools])
    hint = tr("Did you mean {near}?", near=near) if near else tr("faktoora-mcp call --list shows them.")
    raise click.UsageError(f"{tr('There is no tool {name}.', name=quote(name))} {hint}")


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
    node = _properties(schema).get(name, {"type": "string"})
    if rest:
        inner = record.setdefault(name, {})
        if not isinstance(inner, dict):
            text = "{name} already has a value, so {key} cannot be set."
            raise click.UsageError(tr(text, name=quote(name), key=quote(key)))
        _put(inner, rest, text, node, key)
    elif _types(node) & {"array"} and isinstance(entries := _entries(text, node), list):
        _extend(record, name, entries, key)
    elif name in record:
        raise click.UsageError(tr("{key} is given twice.", key=quote(key)))
    else:
        record[name] = _value(text, node)


def _extend(record: Arguments, name: str, entries: list[JsonValue], key: str) -> None:
    present = record.setdefault(name, [])
    if not isinstance(present, list):
        raise click.UsageError(tr("{key} is given twice.", key=quote(key)))
    present.extend(entries)


def _entries(text: str, node: Schema) -> list[JsonValue] | None:
    """One entry, or all entries of a JSON list; None for a null that clears the list."""
    value = _json(text)
    if value is None and "null" in _types(node):
        return None
    if isinstance(value, list):
        return value
    items = [cast("Schema", arm["items"]) for arm in _arms(node) if "items" in arm]
    return [_value(text, items[0] if items else {})]


def _value(text: str, node: Schema) -> JsonValue:
    """The text; or its value as JSON if the schema expects another type."""
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


def _explained(node: Schema, required: bool) -> str:  # noqa: FBT001 (one of the values that `parameters` yields)
    default = [f"default {json.dumps(node['default'])}"] if "default" in node else []
    marks = "; ".join([_kind(node), *["required"] * required, *default])
    return f"{node.get('description', '')}  [{marks}]".strip()


def _kind(node: Schema) -> str:
    return " or ".join(_kind_of(arm) for arm in _arms(node))


def _kind_of(node: Schema) -> str:
    match node:
        case {"enum": list(values)}:
            return "one of " + ", ".join(map(str, values))
        case {"type": "array", "items": {"properties": dict(fields)}}:
            return "list of objects with " + ", ".join(fields)
        case {"type": "array"}:
            return "list of " + _kind(cast("Schema", node.get("items", {"type": "anything"})))
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
