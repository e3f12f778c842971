"""A writer on an event loop of its own that can stop for ever, as a process does that is killed."""

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from itertools import cycle, repeat
from pathlib import Path
from typing import TypeVar

import anyio
import httpx

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.settings import Settings
from faktoora_mcp.writes.session import Writer
from tests import scripted
from tests.clock import VirtualTime
from tests.faulty import FaultyApi

Outcome = TypeVar("Outcome")
THREADS_S = 0.02
"""What a thread has begun is done then: a line of the log is written."""
TICK_S = 0.001


class Killed(Exception):
    """The process came to its end; nothing of it goes on."""


class Line(httpx.AsyncBaseTransport):
    """The way to an API: slow, and the end of the process at a chosen request."""

    def __init__(self, api: FaultyApi, loop: asyncio.AbstractEventLoop) -> None:
        self._api, self._loop, self._dead = api, loop, False
        self._seconds: Iterator[float] = repeat(0)
        self._left, self._carried_out = 0, False

    def begin(self, seconds: list[float], last: tuple[int, bool] | None) -> None:
        """From now on requests take so long; `last` is the one that kills, and whether it is carried out."""
        self._seconds = cycle(seconds)
        self._left, self._carried_out = last or (0, False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._left -= 1
        kills = self._left == 0
        await anyio.sleep(next(self._seconds))
        if self._dead or (kills and not self._carried_out):
            await self._end()
        answer = await self._api.handle_async_request(request)
        if kills:
            await self._end()
        return answer

    async def _end(self) -> None:
        """Between two requests of others: what the API has begun it carries out."""
        while self._api.at_work:  # noqa: ASYNC110 (the threads of the API set no event in this loop)
            await anyio.sleep(TICK_S)
        self._dead = True
        self._loop.stop()
        await anyio.sleep_forever()


class Server:
    """A writer in what stands for a process."""

    def __init__(self, api: FaultyApi, settings: Settings) -> None:
        self._loop = VirtualTime()
        self.line = Line(api, self._loop)
        self._client = FaktooraClient(settings, self.line)
        self.writer = Writer(self._client, settings)

    def run(self, work: Coroutine[object, object, Outcome]) -> Outcome:
        """What comes of the work. Killed where the line ends the process meanwhile."""
        task = self._loop.create_task(work)
        try:
            return self._loop.run_until_complete(task)
        except RuntimeError:
            if task.done():
                raise
            time.sleep(THREADS_S)
            raise Killed from None

    def close(self) -> None:
        """Clean up what is left of it."""
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.wait_for(_ended(left), None))
        self._loop.run_until_complete(self._client.__aexit__(None, None, None))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


async def _ended(tasks: set[asyncio.Task[object]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def servers(api: FaultyApi, log: Path | None = None) -> Generator[tuple[Server, Server]]:
    """One to be killed, and the one after it."""
    ours = scripted.settings(audit_log=log, timeout_s=20)
    first, second = Server(api, ours), Server(api, ours)
    try:
        yield first, second
    finally:
        first.close()
        second.close()


async def until_killed(writer: Writer, work: Awaitable[object]) -> None:
    """The work, then more requests, at one of which the last kill comes."""
    await work
    while True:
        await writer.client.get_customer("cust_abc123")
