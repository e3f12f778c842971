"""`faktoora-mcp call`: calls one tool from the shell, through the SDK's client, as agents do."""

import json
import sys
from collections.abc import Sequence

import click
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.client.session import ElicitationFnT
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitRequestParams, ElicitResult, Tool

from faktoora_mcp.cli.console import Advance, nothing, progress_bar
from faktoora_mcp.cli.mcp_client import run_async, text_of
from faktoora_mcp.cli.texts.words import tr
from faktoora_mcp.language import Language, speaking, spoken
from faktoora_mcp.server.app import Server, create_server
from faktoora_mcp.server.tools import TOOLS
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded

from .answers import show_answer, show_error
from .arguments import arguments, schema_of
from .manual import find

QUESTION_CHARS = 2_000


def call(settings: Settings, name: str, words: Sequence[str], *, as_json: bool) -> int:
    """Call the tool and print its answer: for people at a terminal, else as agents read it. 1: an error."""
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
            given = arguments(words, schema_of(find(tools, name))) if _offered(tools, name) else {}
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


def _offered(tools: Sequence[Tool], name: str) -> bool:
    """Whether the tool can be called. If it is switched off, the server's refusal says why."""
    return name not in TOOLS or any(tool.name == name for tool in tools)
