"""Serves MCP over HTTP until a signal, by uvicorn."""

import json
import logging
import signal
import sys
from contextlib import nullcontext

import uvicorn
from starlette.types import ASGIApp

from faktoora_mcp.settings import Settings

from .callers import WithoutKey
from .limits import Connections
from .listening import listening
from .settings import GRACE_S, RemoteSettings
from .sharing import check_workers
from .start import create_gate
from .watching.tracing import exporting


def serve(settings: Settings, remote: RemoteSettings) -> None:
    """Serve until SIGTERM or SIGINT; calls that are running then have GRACE_S to end."""
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again once it has stopped
        signal.signal(number, _stopped)
    for handler in logging.getLogger().handlers:
        handler.addFilter(WithoutKey())
    check_workers(settings, remote)
    server = uvicorn_server(create_gate(settings, remote), remote)
    traces = exporting() if remote.otel else nullcontext()
    with traces, listening(remote.host, remote.port) as (listener, url):
        _say(f"MCP at {url}{remote.path}; stop it with Ctrl-C.", as_json=settings.log_format == "json")
        server.run(sockets=[listener])


def _say(text: str, *, as_json: bool) -> None:
    """Tell the operator whatever the log level is."""
    line = json.dumps({"level": "info", "message": text}) if as_json else text
    print(line, file=sys.stderr, flush=True)  # noqa: T201 (for whoever started it)


def _stopped(_number: int, _frame: object) -> None:
    """Leave the process to its end, which is a success."""


def uvicorn_server(app: ASGIApp, settings: RemoteSettings) -> uvicorn.Server:
    """The HTTP server: it writes no access log, and stops within GRACE_S although streams are open."""
    proxies = ",".join(settings.trusted_proxy)
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies or None,
            http=Connections,
            limit_concurrency=settings.max_clients + 1,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=65_536,
        )
    )
