"""JSON-RPC over the pipes of a process, with the same code for every contender."""

import asyncio
import json
import re
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parent.parent
ERA = "2025-11-25"
HELLO = {"protocolVersion": ERA, "capabilities": {}, "clientInfo": {"name": "benchmark", "version": "1"}}
LINE_BYTES = 2**26
END_S = 10.0
ID = re.compile(rb'"id": ?(\d+)')
ID_BYTES = 40
FAILED = (b'"isError":true', b'"isError": true', b'"error":{')
Params = Mapping[str, object]


class Peer:
    """A server that has been started; `ask` may be called many times at once."""

    def __init__(self, process: Process, started: float) -> None:
        self._process, self.started = process, started
        self.pid = process.pid
        self._stdin, self._stdout = process.stdin, process.stdout
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._last = 0

    async def ask(self, method: str, params: Params) -> bytes:
        """The line with the answer."""
        self._last = number = self._last + 1
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return await answer

    async def result(self, method: str, params: Params) -> dict[str, object]:
        """The result in the answer."""
        return cast("dict[str, object]", json.loads(await self.ask(method, params))["result"])

    async def call(self, params: Params) -> None:
        """Call a tool and check that it succeeds; the answer is not parsed further."""
        line = await self.ask("tools/call", params)
        if any(sign in line for sign in FAILED):
            raise RuntimeError(f"{params} failed: {line[:1000].decode()}")

    async def initialize(self) -> dict[str, object]:
        result = await self.result("initialize", HELLO)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    async def listen(self) -> None:
        """Pass every answer to the call that waits for it, until the server ends."""
        while self._stdout and (line := await self._stdout.readline()):
            if (number := _id(line)) in self._waiting:
                self._waiting.pop(number).set_result(line)
        for waiting in self._waiting.values():
            waiting.set_exception(EOFError(f"process {self.pid} ended without an answer"))

    async def end(self) -> None:
        if self._stdin:
            self._stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), END_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _send(self, message: Params) -> None:
        if self._stdin:
            self._stdin.write(json.dumps(message).encode() + b"\n")


def _id(line: bytes) -> int:
    """The id of an answer, if the line has one."""
    found = ID.search(line, 0, ID_BYTES)
    return int(found[1]) if found else int(json.loads(line).get("id") or 0)


@asynccontextmanager
async def spawned(command: Sequence[str], env: Mapping[str, str]) -> AsyncGenerator[Peer]:
    """A server in a process of its own, not yet initialized; it ends when its input ends."""
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=env, cwd=ROOT, limit=LINE_BYTES
    )
    peer = Peer(process, started)
    listening = asyncio.create_task(peer.listen())
    try:
        yield peer
    finally:
        await peer.end()
        await listening
