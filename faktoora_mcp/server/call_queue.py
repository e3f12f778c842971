"""How many tool calls run at the same time; others wait for their turn, and beyond that are refused."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from faktoora_mcp.errors import Busy

TOO_MANY = "The server has as many calls waiting as it takes; nothing was sent."
TOO_LATE = "The calls before this one took longer than {:g} s; nothing was sent."
FEWER = "Wait for the answers to other calls, then try again."


class CallQueue:
    def __init__(self, running: int, waiting: int) -> None:
        self._slots = anyio.Semaphore(running, fast_acquire=True)
        self._most, self._calls = running + waiting, 0

    @asynccontextmanager
    async def turn(self, seconds: float) -> AsyncGenerator[None]:
        """A call's turn, within these seconds. Busy where it does not come, or too many wait already."""
        if self._calls >= self._most:
            raise Busy(TOO_MANY, advice=FEWER, sent=False)
        self._calls += 1
        try:
            await self._wait(seconds)
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._calls -= 1

    async def _wait(self, seconds: float) -> None:
        try:
            self._slots.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait_for_others(seconds)

    async def _wait_for_others(self, seconds: float) -> None:
        try:
            with anyio.fail_after(seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise Busy(TOO_LATE.format(seconds), advice=FEWER, sent=False) from None
