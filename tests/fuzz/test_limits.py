"""Many calls at once are all answered; a client that cancels or vanishes leaves nothing behind."""

import asyncio
import json
import socket
from collections.abc import Iterator

import anyio
import httpx
import pytest
from mcp import Client

from faktoora_mcp.server.app import create_server
from tests.agents import ERAS
from tests.fuzz.bad_server import WAYS, BadServer, bad_server
from tests.fuzz.wire import Wire, becomes, held, http_server
from tests.processes import environment
from tests.scripted import Script, settings

pytestmark = pytest.mark.fuzz

CALL = '{"name":"list_customers","arguments":{}}'
BUSY = "busy"
SPARE, MOST_THREADS = 2, 16
"""Eight requests at the same time need a thread each in the sandbox; both threads and files are kept."""


class Silent(Script):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        await anyio.sleep_forever()
        raise AssertionError


@pytest.fixture
def silent() -> Iterator[BadServer]:
    with bad_server(WAYS["silence"]) as server:
        yield server


def test_a_thousand_calls_at_once_are_all_answered() -> None:
    with Wire("serve", "--sandbox") as wire:
        wire.ask_all([("tools/call", CALL)] * 200)
        before = wire.held
        answers = wire.ask_all([("tools/call", CALL)] * 1000)
        assert [answer["result"].get("isError", False) for answer in answers.values()] == [False] * 1000
        assert wire.held[0] <= before[0] + SPARE
        assert wire.held[1] <= MOST_THREADS


def test_calls_beyond_those_that_wait_are_told_to_come_again(silent: BadServer) -> None:
    env = environment(
        FAKTOORA_API_KEY="any-key-4711", FAKTOORA_BASE_URL=f"{silent.address}/api/v1", FAKTOORA_TIMEOUT_S="3",
        FAKTOORA_CALL_S="8",
    )  # fmt: skip
    with Wire("serve", env=env) as wire:
        answers = wire.ask_all([("tools/call", CALL)] * 1200)
        told = [json.loads(answer["result"]["content"][0]["text"])["error"] for answer in answers.values()]
        assert len([error for error in told if error["code"] == BUSY and error["retryable"]]) >= 136


def test_cancelled_calls_leave_no_descriptor_and_no_thread(silent: BadServer) -> None:
    env = environment(FAKTOORA_API_KEY="any-key-4711", FAKTOORA_BASE_URL=f"{silent.address}/api/v1")
    with Wire("serve", env=env) as wire:
        wire.ask("tools/call", {"name": "get_customer", "arguments": {"id": "a/b"}})
        before = wire.held
        for number in range(100):
            call = f'{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{CALL}}}\n'
            wire.write(call.encode())
        assert becomes(lambda: wire.held[0] > before[0], wanted=True)
        for number in range(100):
            params = f'{{"requestId":{number}}}'
            cancelled = f'{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{params}}}\n'
            wire.write(cancelled.encode())
        assert becomes(lambda: wire.held, before)
        assert wire.ask("ping", {})["result"] == {}


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_cancelled_calls_leave_no_task(era: str) -> None:
    async with Client(create_server(settings(), Silent()), mode=era) as client:
        await client.list_tools()
        before = len(asyncio.all_tasks())
        with anyio.move_on_after(1):
            async with anyio.create_task_group() as tasks:
                for _ in range(50):
                    tasks.start_soon(client.call_tool, "list_customers")
        with anyio.move_on_after(5):
            while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 (no event tells)
                await anyio.sleep(0.01)
        assert len(asyncio.all_tasks()) == before


def test_clients_that_vanish_over_http_leave_nothing(silent: BadServer) -> None:
    env = environment(FAKTOORA_BASE_URL=f"{silent.address}/api/v1", FAKTOORA_TIMEOUT_S="2")
    body = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{CALL}}}'.encode()
    with http_server(env) as server:
        host, port, pid = server.host, server.port, server.pid

        def call(key: str) -> socket.socket:
            head = (
                f"POST /mcp HTTP/1.1\r\nHost: {host}:{port}\r\nX-API-KEY: {key}\r\n"
                f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n"
                "Accept: application/json, text/event-stream\r\n"
                "MCP-Protocol-Version: 2025-11-25\r\n\r\n"
            )
            client = socket.create_connection((host, port))
            client.sendall(head.encode() + body)
            return client

        with call("first-key-4711") as first:
            assert b"HTTP/1.1 200" in first.recv(4096)
        before = held(pid)
        clients = [call(f"key-of-firm-{number}") for number in range(40)]
        assert becomes(lambda: held(pid)[0] > before[0] + 20, wanted=True)
        for client in clients:
            client.close()
        assert becomes(lambda: held(pid)[0] <= before[0], wanted=True)
