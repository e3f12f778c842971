"""Serves MCP over HTTP until a signal, by uvicorn."""

import json
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from faktoora_mcp.settings import Settings

from .limits import Connections
from .listening import listening
from .settings import GRACE_S, RemoteSettings
from .sharing import check_workers
from .start import create_gate
from .watching.tracing import exporting
from .workers import Log, application_of_worker, without_keys_in_the_log

WORKER_STARTS_S = 60
"""A process that does not answer for so long is replaced: on a busy machine a start takes some time."""


def serve(settings: Settings, remote: RemoteSettings, log: Log) -> None:
    """Serve until SIGTERM or SIGINT; calls that are running then have GRACE_S to end.

    `log` sets up the log of each further process.
    """
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again once it has stopped
        signal.signal(number, _stopped)
    without_keys_in_the_log()
    check_workers(settings, remote)
    gate = create_gate(settings, remote)
    with listening(remote.host, remote.port) as (listener, url):
        _say(f"MCP at {url}{remote.path}; stop it with Ctrl-C.", as_json=settings.log_format == "json")
        if remote.workers > 1:
            application = partial(application_of_worker, settings, remote, log)
            Multiprocess(_config(application, remote, factory=True), [listener]).run()
            return
        with exporting() if remote.otel else nullcontext():
            uvicorn_server(gate, remote).run(sockets=[listener])


def _say(text: str, *, as_json: bool) -> None:
    """Tell the operator whatever the log level is."""
    line = json.dumps({"level": "info", "message": text}) if as_json else text
    print(line, file=sys.stderr, flush=True)  # noqa: T201 (for whoever started it)


def _stopped(_number: int, _frame: object) -> None:
    """Leave the process to its end, which is a success."""


def uvicorn_server(app: ASGIApp, settings: RemoteSettings) -> uvicorn.Server:
    """The HTTP server: it writes no access log, and stops within GRACE_S although streams are open."""
    return uvicorn.Server(_config(app, settings))


def _config(
    app: ASGIApp | Callable[[], ASGIApp], settings: RemoteSettings, *, factory: bool = False
) -> uvicorn.Config:
    proxies = ",".join(settings.trusted_proxy)
    return uvicorn.Config(
        app,
        factory=factory,
        workers=settings.workers,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        http=Connections,
        ws="none",
        limit_concurrency=settings.max_clients + 1,
        timeout_graceful_shutdown=GRACE_S,
        timeout_worker_healthcheck=WORKER_STARTS_S,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=65_536,
    )
