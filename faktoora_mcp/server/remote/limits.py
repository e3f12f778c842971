"""How many connections there are at a time, and how many requests are handled, in all and with one key."""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from .access import Denied
from .callers import Caller
from .hosts import SECURITY_HEADERS

RETRY_S = "2"
LINGER_S = 1.0
"""So long a client whose connection is refused has to read why."""
FIRST_REQUEST_S = 0.5
"""So long a connection that was just opened has for its request when the server stops."""
FULL = "The server has as many connections as it may have; try again."
ALL_BUSY = "The server is handling as many requests as it may; try again."
KEY_BUSY = "This key has as many requests running as it may; try again."


class Calls:
    def __init__(self, most: int, most_per_key: int) -> None:
        self._most, self._most_per_key = most, most_per_key
        self._running = Counter[str]()

    def __len__(self) -> int:
        """How many keys have requests running: nothing is kept of the others."""
        return len(self._running)

    def total(self) -> int:
        """How many requests are handled now."""
        return self._running.total()

    @contextmanager
    def running(self, caller: Caller) -> Generator[None]:
        """Counts a request while it is handled. Denied where that are too many already."""
        name = caller.credentials.digest
        if self.total() >= self._most:
            raise Denied(HTTPStatus.SERVICE_UNAVAILABLE, ALL_BUSY, {"Retry-After": RETRY_S})
        if self._running[name] >= self._most_per_key:
            raise Denied(HTTPStatus.TOO_MANY_REQUESTS, KEY_BUSY, {"Retry-After": RETRY_S})
        self._running[name] += 1
        try:
            yield
        finally:
            self._running[name] -= 1
            if not self._running[name]:
                del self._running[name]


class Connections(asyncio.Protocol):
    """A new connection, left to uvicorn and h11, or refused where there are `limit_concurrency - 1` of these.

    uvicorn itself takes any number of connections; it refuses requests, without a word on when to try again.
    With httptools it would keep headers of any size in memory.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._state, self._most = server_state, cast("int", config.limit_concurrency)
        self._accepted = partial(Connection, config, server_state, app_state)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection = cast("asyncio.Transport", transport)
        if len(self._state.connections) < self._most - 1:  # at `_most` uvicorn would refuse the request
            protocol = self._accepted()
            connection.set_protocol(protocol)
            protocol.connection_made(connection)
            return
        connection.write(_refusal())
        connection.write_eof()
        asyncio.get_running_loop().call_later(LINGER_S, connection.abort)


class Connection(H11Protocol):
    """When the server stops, one without a request so far has a moment: a proxy may just have sent it."""

    def shutdown(self) -> None:
        if self.cycle is None:  # pyright: ignore[reportUnnecessaryComparison] (None until the first request)
            self.loop.call_later(FIRST_REQUEST_S, super().shutdown)
        else:
            super().shutdown()


def _refusal() -> bytes:
    """The whole answer to whoever connects when there are too many connections."""
    headers = {"Retry-After": RETRY_S, "Connection": "close"}
    answer = Denied(HTTPStatus.SERVICE_UNAVAILABLE, FULL, headers).answer()
    fields = map(b": ".join, (*answer.raw_headers, *SECURITY_HEADERS))
    return b"\r\n".join([b"HTTP/1.1 503 Service Unavailable", *fields, b"", bytes(answer.body)])
