"""MCP over stdin and stdout; end of input and signals end it cleanly."""

import logging
import os
import signal
import sys

import anyio
from mcp.server.stdio import stdio_server

from .app import Server


async def serve(server: Server) -> None:
    """Serve until stdin ends; a signal ends the process with code 0."""
    async with stdio_server() as (read, write):
        signals: list[int] = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_stop_on_signal, tasks.cancel_scope, signals)
            lowlevel = server.lowlevel
            await lowlevel.run(read, write, lowlevel.create_initialization_options())
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
