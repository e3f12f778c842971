"""MCP over stdin and stdout; end of input and signals end it cleanly, an unreadable request is answered."""

import json
import logging
import os
import re
import signal
import sys
from contextlib import suppress
from typing import cast

import anyio
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

from .app import Server

UNREADABLE = (
    "This is not readable as JSON: it may end too early, or hold half of a surrogate pair, such as \\ud83d, "
    "or brackets nested too deeply."
)
NO_REQUEST = (
    'This is no JSON-RPC request: a line holds one object, no list; "jsonrpc" is "2.0", "method" a text, '
    '"params" an object.'
)
OUTLINED_CHARS = 1_000_000
"""The id of an unreadable request is looked for in the beginning of its line."""
OPENING, CLOSING = ("{", "["), ("}", "]")
_UNPAIRED = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]|[^"\[\]{}]+', re.DOTALL)
_METHOD = re.compile(r'"method"\s*:')
_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)')


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
                        else:
                            for refusal in _refusals(message):
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


def _refusals(error: ValidationError) -> list[JSONRPCError]:
    """An answer to each request in a line; none to any other line, for a notification expects none."""
    found = error.errors(include_url=False)
    line = found[0]["input"] if found[0]["type"] == "json_invalid" else None
    if isinstance(line, str):
        return [_refused(request_id, PARSE_ERROR, UNREADABLE) for request_id in _ids_in(line)]
    ids = next(filter(None, (_ids_of(one["input"]) for one in found)), list[str | int | None]())
    return [_refused(request_id, INVALID_REQUEST, NO_REQUEST) for request_id in ids]


def _refused(request_id: str | int | None, code: int, message: str) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=request_id, error=ErrorData(code=code, message=message))


def _ids_of(value: object) -> list[str | int | None]:
    """The id of the request that a value is, or those of a batch; None for one that cannot be sent back."""
    if isinstance(value, list):
        return [found for one in cast("list[object]", value) for found in _id_of(one)]
    return _id_of(value)


def _id_of(value: object) -> list[str | int | None]:
    fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    given = fields.get("id") if "method" in fields else None
    if isinstance(given, bool) or not isinstance(given, (int, str)):
        return []
    return [None if isinstance(given, str) and _UNPAIRED.search(given) else given]


def _ids_in(line: str) -> list[str | int | None]:
    """The id of the request that the line begins with, by what stands at its top level."""
    top = _top_level(line[:OUTLINED_CHARS])
    given = _ID.search(top)
    if not (given and _METHOD.search(top)):
        return []
    try:
        return _id_of({"method": "", "id": json.loads(given[1])})
    except ValueError:
        return [None]


def _top_level(line: str) -> str:
    """The line with null for nested values, which may be what cannot be read."""
    pieces: list[str] = []
    depth = 0
    for found in _TOKEN.finditer(line):
        token = found[0]
        if token in CLOSING:
            depth -= 1
            pieces += [token] * (depth == 0)
        elif token in OPENING:
            pieces += ([token], ["null"], [])[min(depth, 2)]
            depth += 1
        elif depth == 1:
            pieces.append(token)
    return "".join(pieces)
