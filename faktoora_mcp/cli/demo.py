"""`faktoora-mcp demo`: an MCP client does a bookkeeper's morning work on the real server with its sandbox.

Every step checks its effect. At the end the demo compares what an agent reads with what the API sends.
"""
# ruff: noqa: N815 (the names of --json)

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import fill

import anyio
import click
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult
from pydantic import JsonValue
from pydantic_core import to_json

from faktoora_mcp.settings import PREFIX

from .console import echo, width
from .demo_steps import STEPS, Answers, Json, Step
from .hosts.entries import program
from .mcp_client import run_async, text_of
from .tables import table
from .texts.words import number, percent, plural, tr
from .typed import command_line

Echo = Callable[..., None]
SERVER = (sys.executable, "-m", "faktoora_mcp", "serve", "--sandbox", "--log-level", "info")
TITLE = "A bookkeeper's morning, played by an agent on invented customers"
CLOSING = "Every step did what it should. To go on in Claude Desktop:\n{command}"
LOST = "The connection to the server was lost. Its last log line: {line}"
NOT_STARTED = "The server did not start. Its last log line: {line}"
DEFINITIONS = "definitions of {count} tools, once"
ANSWER_LINES = 4
MAX_WIDTH = 120
SERVER_ERROR_CHARS = 300
LOGGED = re.compile(r" \d{3}, (\d+) bytes, \d+ ms$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step that was played, as --json shows it."""

    step: str
    tool: str
    arguments: Json
    answer: Json
    ok: bool
    bytesRead: int
    bytesSent: int


@dataclass(slots=True)
class Demo:
    """What has been played so far, and what failed; sizes are in bytes."""

    echo: Echo
    log: Path
    protocol: str | None = None
    tools: list[str] = field(default_factory=list[str])
    definitions: int = 0
    read: int = 0
    sent: int = 0
    results: list[StepResult] = field(default_factory=list[StepResult])
    failure: str | None = None

    @property
    def answers(self) -> Answers:
        return {result.tool: result.answer for result in self.results}

    @property
    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def play(
    command: Sequence[str] = SERVER, steps: Sequence[Step] = STEPS, *, as_json: bool, timeout_s: float = 30
) -> int:
    """Play all steps. 0: each did what it should; 1: one did not, or the server failed or did not answer."""
    done = _played(command, steps, (lambda *_, **__: None) if as_json else echo, timeout_s)
    if as_json:
        click.echo(to_json(_report(done)).decode())
    if done.failure:
        click.echo(done.failure, err=True)
    return 1 if done.failure else 0


def bytes_sent(log: str) -> int:
    """How much the API sent, from the log lines of the server (exchange.LOG_LINE)."""
    return sum(map(int, LOGGED.findall(log)))


def _played(command: Sequence[str], steps: Sequence[Step], echo: Echo, timeout_s: float) -> Demo:
    with TemporaryDirectory(prefix="faktoora-demo-", ignore_cleanup_errors=True) as folder:
        demo = Demo(echo, Path(folder, "server.log"))
        try:
            run_async(partial(_play, demo, command, steps, timeout_s))
        except TimeoutError:
            demo.failure = tr("The server did not answer within {seconds} s.", seconds=f"{timeout_s:g}")
        except BrokenPipeError:  # the reader has left
            raise
        except OSError as error:
            demo.failure = tr("The demo stopped: {reason}.", reason=error)
        except (MCPError, RuntimeError):
            demo.failure = _server_failure(demo)
    return demo


def _server_failure(demo: Demo) -> str:
    text = LOST if demo.protocol else NOT_STARTED
    lines = [line.strip() for line in demo.logged.splitlines() if line.strip()]
    return tr(text, line=lines[-1][:SERVER_ERROR_CHARS] if lines else tr("(none)"))


async def _play(demo: Demo, command: Sequence[str], steps: Sequence[Step], timeout_s: float) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    server = StdioServerParameters(command=command[0], args=[*command[1:]], env=environment)
    demo.echo(tr(TITLE), bold=True)
    with anyio.fail_after(timeout_s), demo.log.open("w", encoding="utf-8") as errors:
        async with Client(stdio_client(server, errlog=errors)) as client:
            await _introduce(demo, client)
            await _play_steps(demo, client, steps)
    _show_sizes(demo)


async def _introduce(demo: Demo, client: Client) -> None:
    tools = (await client.list_tools()).tools
    texts = [tool.model_dump_json(by_alias=True, exclude_none=True) for tool in tools]
    demo.protocol, demo.tools = client.protocol_version, [tool.name for tool in tools]
    demo.definitions = sum(len(text.encode()) for text in texts)
    text = "faktoora-mcp over stdio, MCP {protocol}, {count} tools"
    demo.echo(plural(len(tools), text, text, protocol=demo.protocol))


async def _play_steps(demo: Demo, client: Client, steps: Sequence[Step]) -> None:
    for place, step in enumerate(steps, start=1):
        arguments = step.arguments(demo.answers)
        demo.echo("\n" + _wrapped(f"{place}. {tr(step.request)}"), bold=True)
        demo.echo(_shortened(" → ", f"{step.tool} {to_json(arguments).decode()}"), fg="cyan")
        result = _result(demo, step, arguments, await client.call_tool(step.tool, arguments))
        demo.results.append(result)
        demo.read, demo.sent = demo.read + result.bytesRead, demo.sent + result.bytesSent
        demo.echo(_shortened(" ← ", to_json(result.answer).decode()), dim=True)
        if not result.ok:
            demo.failure = tr("Step {place} ({tool}) did not do what it should.", place=place, tool=step.tool)
            return
        demo.echo(_wrapped(f" ✓ {step.summary(result.answer)}"), fg="green")


def _result(demo: Demo, step: Step, arguments: Json, called: CallToolResult) -> StepResult:
    text = text_of(called)
    answer: Json = called.structured_content or json.loads(text)
    ok = not called.is_error and _is_done(step, answer, demo.answers)
    sizes = len(text.encode()), bytes_sent(demo.logged) - demo.sent
    return StepResult(step.request, step.tool, arguments, answer, ok, *sizes)


def _is_done(step: Step, answer: Json, answers: Answers) -> bool:
    try:
        return step.is_done(answer, answers)
    except (LookupError, StopIteration, TypeError):
        return False


def _show_sizes(demo: Demo) -> None:
    rows = [(result.tool, result.bytesRead, result.bytesSent) for result in demo.results]
    cells: list[list[JsonValue]] = [
        [name, number(read), number(sent), percent(read / sent) if sent else ""]
        for name, read, sent in (*rows, (tr("in all"), demo.read, demo.sent))
    ]
    once = plural(len(demo.tools), DEFINITIONS, DEFINITIONS)
    cells.append([once, number(demo.definitions), "", ""])
    columns = (tr("Bytes"), tr("agent read"), tr("API sent"), "")
    for place, line in enumerate(table(columns, cells, MAX_WIDTH, right=columns[1:]) or ()):
        demo.echo(line if place else f"\n{line}", bold=not place)
    if not demo.failure:
        demo.echo("\n" + tr(CLOSING, command=_next()), bold=True)


def _next() -> str:
    """The command that comes next, by the path that works here."""
    *command, _serve = program(Path(sys.executable))
    return command_line([*command, "install", "claude-desktop", "--sandbox"])


def _report(demo: Demo) -> Json:
    return {
        "ok": demo.failure is None,
        "protocol": demo.protocol,
        "tools": demo.tools,
        "steps": [asdict(result) for result in demo.results],
        "bytesRead": demo.read,
        "bytesSent": demo.sent,
        "bytesOfDefinitions": demo.definitions,
    } | ({"error": demo.failure} if demo.failure else {})


def _line_width() -> int:
    return min(width(), MAX_WIDTH)


def _wrapped(text: str) -> str:
    return fill(text, _line_width(), subsequent_indent="   ")


def _shortened(mark: str, text: str) -> str:
    """The text in lines that end at commas where possible; of a long text the beginning and its size."""
    room = _line_width() - len(mark)
    lines = re.findall(rf".{{1,{room}}}$|.{{{room // 2},{room}}}(?<=,)|.{{1,{room}}}", text)
    if len(lines) > ANSWER_LINES:
        size = " … " + tr("({size} bytes)", size=number(len(text.encode())))
        lines[ANSWER_LINES - 1 :] = [lines[ANSWER_LINES - 1][: room - len(size)] + size]
    return mark + f"\n{' ' * len(mark)}".join(lines)
