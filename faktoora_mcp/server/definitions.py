"""The tool definitions that agents read, as tools.json holds them.

A host reads them at every start, which therefore imports no tool. tools.json is generated from tools.py by
SNAPSHOTS=update pytest tests/test_snapshots.py; without the variable the test compares them.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mcp.server import MCPServer
from mcp.types import ListToolsResult, Tool
from pydantic import JsonValue

from faktoora_mcp.settings import Settings

if TYPE_CHECKING:
    from .tools import CustomerTools

FILE = Path(__file__).with_name("tools.json")


@cache
def definitions() -> dict[str, Tool]:
    """Every tool by its name, in the order agents read them."""
    listed = ListToolsResult.model_validate_json(FILE.read_bytes())
    return {tool.name: tool for tool in listed.tools}


def offered_tools(settings: Settings, *, read_only: bool = False) -> list[Tool]:
    """The tools to list: what the operator selected; in read-only mode only tools that change nothing."""
    selected = (tool for tool in definitions().values() if is_selected(tool.name, settings))
    return [tool for tool in selected if is_read_only(tool) or not (read_only or settings.read_only)]


def is_selected(name: str, settings: Settings) -> bool:
    """Whether --tools names the tool or is not given; --exclude-tools wins."""
    return name not in settings.exclude_tools and (not settings.tools or name in settings.tools)


def is_read_only(tool: Tool) -> bool:
    return bool(tool.annotations and tool.annotations.read_only_hint)


def check_tool_names(settings: Settings) -> None:
    """SettingsError for an unknown tool in --tools or --exclude-tools."""
    if not (settings.tools or settings.exclude_tools):
        return
    from faktoora_mcp.answers.redaction import check_known

    check_known("--tools: no tool", settings.tools, definitions())
    check_known("--exclude-tools: no tool", settings.exclude_tools, definitions())


async def generate(tools: "CustomerTools") -> str:
    """The content of tools.json: the tools as they are coded, with short schemas."""
    from .tools import TOOLS

    server = MCPServer()
    for name, (title, annotations) in TOOLS.items():
        server.add_tool(getattr(tools, name), title=title, annotations=annotations)
    listed = {"tools": [_definition(tool) for tool in await server.list_tools()]}
    return json.dumps(listed, ensure_ascii=False, indent=1) + "\n"


def _definition(tool: Tool) -> JsonValue:
    from .schemas import simplified

    schemas = {
        "input_schema": simplified(tool.input_schema),
        "output_schema": simplified(tool.output_schema or {}),
    }
    description = " ".join((tool.description or "").split())
    short = tool.model_copy(update=schemas | {"description": description})
    return short.model_dump(by_alias=True, exclude_none=True)
