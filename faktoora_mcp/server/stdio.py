"""MCP over stdin and stdout, ended cleanly by EOF and by signals."""

import logging
import os
import signal
import sys

import anyio
from mcp.server.stdio import stdio_server

from .app import Server


async def serve(server: Server) -> None:
    """Serve until stdin ends or a signal comes; on a signal the process is left with code 0."""
    async with stdio_server() as (read, write):
        signals: list[int] = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_stop_on_signal, tasks.cancel_scope, signals)
            lowlevel = server.lowlevel
            await lowlevel.run(read, write, lowlevel.create_initialization_options())
            tasks.cancel_scope.cancel()
        if signals:
            _leave()


async def _stop_on_signal(scope: anyio.CancelScope, signals: list[int]) -> None:
    if sys.platform == "win32":  # event loops cannot wait for signals there
        return
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as received:
        async for number in received:
            signals.append(number)
            scope.cancel()
            return


def _leave() -> None:
    """Leave although the SDK's reader thread waits for stdin, which nothing can interrupt."""
    logging.shutdown()
    os._exit(0)
