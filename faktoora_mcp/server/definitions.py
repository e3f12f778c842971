"""What agents read of every tool: tools.json, as it is served.

A host reads it at every start, which needs no tool yet and nothing that tools stand on. It is written from
tools.py, and a test compares: SNAPSHOTS=update pytest tests/test_snapshots.py
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


def offered(settings: Settings) -> list[Tool]:
    """The tools to list; read-only and exclude always win."""
    tools = definitions().values()
    return [tool for tool in tools if chosen(tool.name, settings) and (reads(tool) or not settings.read_only)]


def chosen(name: str, settings: Settings) -> bool:
    return name not in settings.exclude_tools and (not settings.tools or name in settings.tools)


def reads(tool: Tool) -> bool:
    """Whether it changes nothing."""
    return bool(tool.annotations and tool.annotations.read_only_hint)


def check_names(settings: Settings) -> None:
    """SettingsError for a tool that an operator misspelt."""
    if not (settings.tools or settings.exclude_tools):
        return
    from faktoora_mcp.answers.redaction import check_known

    check_known("--tools: no tool", settings.tools, definitions())
    check_known("--exclude-tools: no tool", settings.exclude_tools, definitions())


async def written(tools: "CustomerTools") -> str:
    """What tools.json has to hold: the tools as they are coded, their schemas as short as they can be."""
    from .tools import TOOLS

    server = MCPServer()
    for name, (title, annotations) in TOOLS.items():
        server.add_tool(getattr(tools, name), title=title, annotations=annotations)
    described = {"tools": [_described(tool) for tool in await server.list_tools()]}
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def _described(tool: Tool) -> JsonValue:
    from .schemas import plain

    schemas = {
        "input_schema": plain(tool.input_schema) | {"additionalProperties": False},
        "output_schema": plain(tool.output_schema or {}),
    }
    description = " ".join((tool.description or "").split())
    short = tool.model_copy(update=schemas | {"description": description})
    return short.model_dump(by_alias=True, exclude_none=True)
