"""A connection while the server stops, on virtual time: a request that is on its way is answered."""

import asyncio
from collections.abc import AsyncGenerator

import anyio
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from faktoora_mcp.server.remote.limits import FIRST_REQUEST_S, Connection

pytestmark = pytest.mark.anyio
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
WORK_S = 5.0


class Wire(asyncio.Transport):
    """What the server writes, and whether it has closed the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.sent, self.closed = b"", False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    await anyio.sleep(WORK_S)
    await PlainTextResponse("done")(scope, receive, send)


@pytest.fixture
async def opened() -> AsyncGenerator[tuple[Connection, Wire]]:
    connection, wire = Connection(Config(slow, log_config=None), ServerState(), {}), Wire()
    connection.connection_made(wire)
    yield connection, wire
    connection.connection_lost(None)


async def test_one_that_was_just_opened_has_its_request_answered_and_is_closed_then(
    opened: tuple[Connection, Wire],
) -> None:
    connection, wire = opened
    connection.shutdown()
    connection.data_received(REQUEST)
    await anyio.sleep(WORK_S + 1)
    assert wire.sent.startswith(b"HTTP/1.1 200 OK")
    assert wire.closed


async def test_one_that_brings_no_request_is_closed_after_a_moment(opened: tuple[Connection, Wire]) -> None:
    connection, wire = opened
    connection.shutdown()
    before = wire.closed
    await anyio.sleep(FIRST_REQUEST_S + 0.1)
    assert (before, wire.closed) == (False, True)


async def test_one_whose_request_was_answered_is_closed_at_once(opened: tuple[Connection, Wire]) -> None:
    connection, wire = opened
    connection.data_received(REQUEST)
    await anyio.sleep(WORK_S + 1)
    connection.shutdown()
    assert wire.closed
