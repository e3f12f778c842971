"""What `faktoora-mcp call` says of the tools: their list, the help of each, and completions."""

import json
import re
from collections.abc import Sequence
from typing import cast

import click
from mcp.types import Tool

from faktoora_mcp.cli.console import width
from faktoora_mcp.cli.mcp_client import run_async
from faktoora_mcp.cli.texts.german_tools import TOOLS, parameter
from faktoora_mcp.cli.texts.help import Formatter
from faktoora_mcp.cli.texts.words import tr
from faktoora_mcp.language import spoken
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import quote

from .arguments import Schema, arms, parameters, schema_of, types

FORMS = (
    "Text stays text: number=003. For a list, repeat its key: keywords=Müller keywords=Köln. For a "
    "field of an "
    "object, write a dot: changes.city=Hamburg changes.note=null. For an entry of a list, write its number: "
    "where.1.field=city. Instead of all this you can write one JSON object, or - to read it from stdin."
)
KINDS = ("text", "boolean", "integer", "decimal number", "object", "null", "anything")
NESTED = {
    "customer": "customer.isCompany=true customer.name=Acme",
    "changes": "changes.city=Hamburg changes.note=null",
    "customerContacts": "{path}.1.firstName=Ada {path}.1.email=ada@acme.example",
    "deliveryAddresses": "{path}.1.name=Lager {path}.1.city=Hamburg",
    "extras": "{path}.costCentre=4711",
    "where": "where.1.field=country where.1.op=eq where.1.value=AT",
    "replace": "replace.field=category replace.from=Kunde replace.to=Stammkunde",
    "remove_entries": "remove_entries.customerContacts=ada@acme.example",
    "expect": "expect.city=Berlin",
    "prefer": "prefer.phoneNo=remove",
    "rows": "rows.1.name=Acme rows.1.city=Berlin",
    "columns": "columns.Ort=city",
}
"""An example of every argument that has parts, by its name."""


def tool_list(settings: Settings) -> str:
    """Every tool that these settings offer, with the first sentence of its description."""
    rows = [(tool.name, _first_sentence(tool)) for tool in tools_of(settings)]
    formatter = Formatter(width=width())
    formatter.write_dl(rows)
    return formatter.getvalue().rstrip()


def manual(settings: Settings, name: str) -> str:
    """The tool's description and all its parameters, including those of nested records."""
    tool = find(tools_of(settings), name)
    formatter = Formatter(width=width())
    formatter.write_usage("faktoora-mcp call", f"[OPTIONS] {name} [KEY=VALUE]... | JSON | -")
    formatter.write_paragraph()
    formatter.write_text(_told(tool))
    rows = [
        (path, _explained(tool, path, node, required=required))
        for path, node, required in parameters(schema_of(tool))
    ]
    if rows:
        with formatter.section("Parameters"):
            formatter.write_dl(rows)
    formatter.write_paragraph()
    formatter.write_text(tr(FORMS))
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


def find(tools: Sequence[Tool], name: str) -> Tool:
    for tool in tools:
        if tool.name == name:
            return tool
    near = nearest(name, [tool.name for tool in tools])
    hint = tr("Did you mean {near}?", near=near) if near else tr("faktoora-mcp call --list shows them.")
    raise click.UsageError(f"{tr('There is no tool {name}.', name=quote(name))} {hint}")


def _told(tool: Tool) -> str:
    """What a tool does, in the reader's language."""
    return (TOOLS.get(tool.name) if spoken() == "de" else None) or tool.description or ""


def _first_sentence(tool: Tool) -> str:
    return re.split(r"(?<=\.)\s", _told(tool), maxsplit=1)[0]


def _explained(tool: Tool, path: str, node: Schema, *, required: bool) -> str:
    """The meaning of an argument, its type and default, and an example of one that has parts."""
    german = parameter(tool.name, path) if spoken() == "de" else None
    default = [tr("default {value}", value=json.dumps(node["default"]))] if "default" in node else []
    marks = "; ".join([_kind(node), *[tr("required")] * required, *default])
    example = NESTED.get(path.rpartition(".")[2], "").format(path=path)
    parts = [german or str(node.get("description", "")), f"[{marks}]"]
    return "  ".join([*filter(None, parts), *([tr("Example: {words}", words=example)] if example else [])])


def _kind(node: Schema) -> str:
    kinds = [_kind_of(arm) for arm in arms(node)]
    return kinds[0] if len(kinds) == 1 else tr("{one} or {other}", one=kinds[0], other=kinds[1])


def _kind_of(node: Schema) -> str:
    match node:
        case {"enum": list(values)}:
            return tr("one of {values}", values=", ".join(map(str, values)))
        case {"type": "array", "items": {"properties": dict(fields)}}:
            return tr("list of objects with {fields}", fields=", ".join(fields))
        case {"type": "array"}:
            return tr("list of {kind}", kind=_kind(cast("Schema", node.get("items", {"type": "anything"}))))
        case _:
            return _within(node)


def _within(node: Schema) -> str:
    match node:
        case {"minimum": low, "maximum": high}:
            return tr("{kind} from {low} to {high}", kind=_named(node), low=low, high=high)
        case {"maximum": high}:
            return tr("{kind} up to {high}", kind=_named(node), high=high)
        case {"minimum": low}:
            return tr("{kind} from {low}", kind=_named(node), low=low)
        case _:
            return _named(node)


def _named(node: Schema) -> str:
    name = str(node.get("type", "anything"))
    return tr({"string": "text", "number": "decimal number"}.get(name, name))


def _words(path: str, node: Schema) -> list[str]:
    items = cast("Schema", node.get("items", node))
    values = ["true", "false"] if "boolean" in types(items) else cast("list[str]", items.get("enum", []))
    return [f"{path}=", *(f"{path}={value}" for value in values)]
