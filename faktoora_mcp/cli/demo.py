"""`faktoora-mcp demo`: a bookkeeper's morning, played by an MCP client on the real server with its sandbox.

Every step proves what it did; the end compares what an agent reads with what the API sends.
"""
# ruff: noqa: N815 (the names of --json)

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import fill
from typing import TypeAlias

import anyio
import click
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent
from pydantic_core import to_json

from faktoora_mcp.settings import PREFIX

from .console import say, speak_utf8, width
from .demo_steps import STEPS, Json, Seen, Step

Say: TypeAlias = Callable[..., None]

SERVER = (sys.executable, "-m", "faktoora_mcp", "serve", "--sandbox", "--log-level", "info")
CLOSING = "\nEvery step did what it should. For your own agent: faktoora-mcp serve --sandbox"
ANSWER_LINES = 4
MAX_WIDTH = 120
LOGGED = re.compile(r" \d{3}, (\d+) bytes, \d+ ms$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scene:
    """A step that was played, as --json shows it."""

    step: str
    tool: str
    arguments: Json
    answer: Json
    ok: bool
    bytesRead: int
    bytesSent: int


@dataclass(slots=True)
class Play:
    """What has been played so far, and what went wrong; sizes are in bytes."""

    say: Say
    log: Path
    protocol: str | None = None
    tools: list[str] = field(default_factory=list[str])
    definitions: int = 0
    read: int = 0
    sent: int = 0
    scenes: list[Scene] = field(default_factory=list[Scene])
    failure: str | None = None

    @property
    def seen(self) -> Seen:
        return {scene.tool: scene.answer for scene in self.scenes}

    @property
    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def play(
    command: Sequence[str] = SERVER, steps: Sequence[Step] = STEPS, *, as_json: bool, patience_s: float = 30
) -> int:
    """Play the morning. 0: every step did what it should; 1: one did not, or the server failed or hung."""
    speak_utf8()
    done = _played(command, steps, (lambda *_, **__: None) if as_json else say, patience_s)
    if as_json:
        click.echo(to_json(_report(done)).decode())
    if done.failure:
        click.echo(done.failure, err=True)
    return 1 if done.failure else 0


def bytes_sent(log: str) -> int:
    """What the API sent, by the lines that the server's client logs (exchange.LOG_LINE)."""
    return sum(map(int, LOGGED.findall(log)))


def _played(command: Sequence[str], steps: Sequence[Step], say: Say, patience_s: float) -> Play:
    with TemporaryDirectory(prefix="faktoora-demo-", ignore_cleanup_errors=True) as folder:
        done = Play(say, Path(folder, "server.log"))
        try:
            anyio.run(_act, done, command, steps, patience_s)
        except* TimeoutError:
            done.failure = f"The server gave no answer within {patience_s:g} s."
        except* OSError as group:
            done.failure = f"The demo stopped: {_first(group)}."
        except* (MCPError, RuntimeError):
            lines = [line.strip() for line in done.logged.splitlines() if line.strip()]
            event = "The connection to the server was lost" if done.protocol else "The server did not start"
            done.failure = f"{event}. Its last words: {lines[-1][:300] if lines else '(none)'}"
    return done


def _first(problem: BaseException) -> BaseException:
    within = getattr(problem, "exceptions", None)
    return _first(within[0]) if within else problem


async def _act(done: Play, command: Sequence[str], steps: Sequence[Step], patience_s: float) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    server = StdioServerParameters(command=command[0], args=[*command[1:]], env=environment)
    done.say("A bookkeeper's morning, played by an agent on invented customers", bold=True)
    with anyio.fail_after(patience_s), done.log.open("w", encoding="utf-8") as errors:
        async with Client(stdio_client(server, errlog=errors)) as client:
            await _introduce(done, client)
            await _act_steps(done, client, steps)
    _tell_sizes(done)


async def _introduce(done: Play, client: Client) -> None:
    tools = (await client.list_tools()).tools
    texts = [tool.model_dump_json(by_alias=True, exclude_none=True) for tool in tools]
    done.protocol, done.tools = client.protocol_version, [tool.name for tool in tools]
    done.definitions = sum(len(text.encode()) for text in texts)
    done.say(f"faktoora-mcp over stdio, MCP {done.protocol}, {len(tools)} tools")


async def _act_steps(done: Play, client: Client, steps: Sequence[Step]) -> None:
    for place, step in enumerate(steps, start=1):
        arguments = step.arguments(done.seen)
        done.say(
            "\n" + fill(f"{place}. {step.wish}", min(width(), MAX_WIDTH), subsequent_indent="   "), bold=True
        )
        done.say(_folded(" → ", f"{step.tool} {to_json(arguments).decode()}"), fg="cyan")
        scene = _scene(done, step, arguments, await client.call_tool(step.tool, arguments))
        done.scenes.append(scene)
        done.read, done.sent = done.read + scene.bytesRead, done.sent + scene.bytesSent
        done.say(_folded(" ← ", to_json(scene.answer).decode()), dim=True)
        if not scene.ok:
            done.failure = f"Step {place} ({step.tool}) did not do what it should."
            return
        done.say(
            fill(f" ✓ {step.news(scene.answer)}", min(width(), MAX_WIDTH), subsequent_indent="   "),
            fg="green",
        )


def _scene(done: Play, step: Step, arguments: Json, result: CallToolResult) -> Scene:
    text = "".join(block.text for block in result.content if isinstance(block, TextContent))
    answer: Json = result.structured_content or json.loads(text)
    ok = not result.is_error and _proved(step, answer, done.seen)
    sizes = len(text.encode()), bytes_sent(done.logged) - done.sent
    return Scene(step.wish, step.tool, arguments, answer, ok, *sizes)


def _proved(step: Step, answer: Json, seen: Seen) -> bool:
    try:
        return step.proof(answer, seen)
    except (LookupError, StopIteration, TypeError):
        return False


def _tell_sizes(done: Play) -> None:
    rows = [(scene.tool, scene.bytesRead, scene.bytesSent) for scene in done.scenes]
    done.say(f"\n{'Bytes':30}{'agent read':>12}{'API sent':>12}", bold=True)
    for name, read, sent in (*rows, ("in all", done.read, done.sent)):
        done.say(f"{name:30}{read:12,}{sent:12,}" + (f"{read / sent:8.0%}" if sent else ""))
    done.say(f"{f'definitions of {len(done.tools)} tools, once':30}{done.definitions:12,}")
    if not done.failure:
        done.say(CLOSING, bold=True)


def _report(done: Play) -> Json:
    return {
        "ok": done.failure is None,
        "protocol": done.protocol,
        "tools": done.tools,
        "steps": [asdict(scene) for scene in done.scenes],
        "bytesRead": done.read,
        "bytesSent": done.sent,
        "bytesOfDefinitions": done.definitions,
    } | ({"error": done.failure} if done.failure else {})


def _folded(mark: str, text: str) -> str:
    """The text in lines that end at commas where they can; of a long one the beginning, and its size."""
    room = min(width(), MAX_WIDTH) - len(mark)
    lines = re.findall(rf".{{1,{room}}}$|.{{{room // 2},{room}}}(?<=,)|.{{1,{room}}}", text)
    if len(lines) > ANSWER_LINES:
        size = f" … ({len(text.encode()):,} bytes)"
        lines[ANSWER_LINES - 1 :] = [lines[ANSWER_LINES - 1][: room - len(size)] + size]
    return mark + f"\n{' ' * len(mark)}".join(lines)
