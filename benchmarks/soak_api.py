"""The sandbox on a loopback port with faults: errors, delays, broken connections, late writes, restarts."""

import random
import socket
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import anyio
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.faults import LateWrites
from faktoora_mcp.sandbox.forms import Dialect, forms_of

LATE_S = 3.0
FAULTS = ("late", "late", "500", "503", "429", "slow", "break", "break after")
SHARE = 0.06
"""Of the requests so many meet a fault."""


class _Faults:
    """Each fault is drawn for a request of its own; `on` may be switched at any time."""

    def __init__(self, app: ASGIApp, seed: int) -> None:
        self._late = LateWrites(app, after_s=LATE_S, remaining=0)
        self._random, self.on = random.Random(seed), True  # noqa: S311 (a repeatable choice)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        meets = scope["type"] == "http" and self.on and self._random.random() < SHARE
        fault = self._random.choice(FAULTS) if meets else ""
        if fault == "break":
            raise ConnectionResetError
        if fault.isdigit():
            await JSONResponse({"message": "a fault"}, int(fault))(scope, receive, send)
            return
        if fault == "late" and scope["method"] != "GET":
            self._late.remaining = 1
        if fault == "slow":
            await anyio.sleep(self._random.uniform(0.5, 2.5))
        await self._late(scope, receive, _broken if fault == "break after" else send)


async def _broken(_: Any) -> None:  # noqa: ANN401 (a message of ASGI)
    raise ConnectionResetError


class Api:
    """The sandbox, served by a thread; `restart` ends it as a crash would for its clients."""

    def __init__(self, db: Path, dialect: Dialect) -> None:
        self._db, self._forms, self._starts = db, forms_of(dialect), 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/api/v1"
        self._start()

    def restart(self, pause_s: float) -> None:
        self.stop()
        time.sleep(pause_s)
        self._start()

    def calm(self) -> None:
        """From now on without faults, and with all late writes applied by the next request."""
        self._faults.on = False
        time.sleep(LATE_S)

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._app.state.close()

    def _start(self) -> None:
        self._starts += 1
        self._app = create_app(self._db, customers=200, forms=self._forms)
        self._faults = _Faults(self._app, self._starts)
        config = uvicorn.Config(self._faults, port=self._port, log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._run)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)

    def _run(self) -> None:
        with suppress(SystemExit):
            self._server.run()
