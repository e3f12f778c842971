"""What each of several processes does that serve one address; uvicorn starts, replaces and stops them."""

import logging
from collections.abc import Callable
from contextlib import nullcontext

from starlette.types import ASGIApp, Receive, Scope, Send

from faktoora_mcp.settings import Settings

from .callers import WithoutKey
from .settings import RemoteSettings
from .start import create_gate
from .watching.tracing import exporting

Log = Callable[[], None]
"""Sets up the log of a process that was just started."""


def without_keys_in_the_log() -> None:
    for handler in logging.getLogger().handlers:
        handler.addFilter(WithoutKey())


def application_of_worker(settings: Settings, remote: RemoteSettings, log: Log) -> ASGIApp:
    """The application of a process that was just started, and that was sent these."""
    log()
    without_keys_in_the_log()
    gate = create_gate(settings, remote)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        lasts_as_the_process = remote.otel and scope["type"] == "lifespan"
        with exporting() if lasts_as_the_process else nullcontext():
            await gate(scope, receive, send)

    return application
