"""MCP over stdin and stdout; end of input and signals end it cleanly, an unreadable request is answered."""

import json
import logging
import os
import re
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import anyio
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

from .app import Server

UNREADABLE = (
    "This is not readable as JSON: it may hold half of a surrogate pair, such as \\ud83d, or brackets nested "
    "too deeply."
)
NO_REQUEST = 'This is no JSON-RPC request: "jsonrpc" is "2.0", "method" a text, "params" an object.'
OPENING, CLOSING = ("{", "["), ("}", "]")
_UNPAIRED = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^"\[\]{}]+')


async def serve(server: Server) -> None:
    """Serve until stdin ends; a signal ends the process with code 0."""
    async with stdio_server() as (read, write):
        signals: list[int] = []
        forward, readable = anyio.create_memory_object_stream[SessionMessage | Exception](0)

        async def answer_unreadable() -> None:
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                async with forward:
                    async for message in read:
                        if not isinstance(message, ValidationError):
                            await forward.send(message)
                        elif refusal := _refusal(message):
                            await write.send(SessionMessage(refusal))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_stop_on_signal, tasks.cancel_scope, signals)
            tasks.start_soon(answer_unreadable)
            lowlevel = server.lowlevel
            await lowlevel.run(readable, write, lowlevel.create_initialization_options())
            tasks.cancel_scope.cancel()
        if signals:
            _exit()


async def _stop_on_signal(scope: anyio.CancelScope, signals: list[int]) -> None:
    if sys.platform == "win32":  # event loops cannot wait for signals there
        return
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as received:
        async for number in received:
            signals.append(number)
            scope.cancel()
            return


def _exit() -> None:
    """End the process although the SDK's reader thread waits for stdin: nothing can interrupt it."""
    logging.shutdown()
    os._exit(0)


@dataclass(frozen=True, slots=True)
class _RequestId:
    """The id of a request; none where it cannot be sent back."""

    given: str | int | None


def _refusal(error: ValidationError) -> JSONRPCError | None:
    """The answer to a line with a request; none to any other, for a notification expects none."""
    found = error.errors(include_url=False)
    unreadable = found[0]["type"] == "json_invalid"
    values = [_outline(found[0]["input"])] if unreadable else [one["input"] for one in found]
    request_id = next(filter(None, map(_id_of, values)), None)
    if request_id is None:
        return None
    code, message = (PARSE_ERROR, UNREADABLE) if unreadable else (INVALID_REQUEST, NO_REQUEST)
    return JSONRPCError(jsonrpc="2.0", id=request_id.given, error=ErrorData(code=code, message=message))


def _id_of(value: object) -> _RequestId | None:
    fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    given = fields.get("id") if "method" in fields else None
    if isinstance(given, bool) or not isinstance(given, (int, str)):
        return None
    return _RequestId(None if isinstance(given, str) and _UNPAIRED.search(given) else given)


def _outline(line: str) -> object:
    """The object in the line with null for nested values, which may be what cannot be read."""
    pieces: list[str] = []
    depth = 0
    for token in _TOKEN.findall(line.lstrip("\ufeff")):
        if token in CLOSING:
            depth -= 1
            pieces += [token] * (depth == 0)
        elif token in OPENING:
            pieces += ([token], ["null"], [])[min(depth, 2)]
            depth += 1
        elif depth == 1:
            pieces.append(token)
    try:
        return json.loads("".join(pieces))
    except ValueError:
        return None
