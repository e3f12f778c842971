"""Whose turn it is: slots that many wait for go round, so that who asks often keeps nobody waiting."""

from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio

Flow = tuple[str, ...]
"""Who waits, from the widest to the narrowest: key, caller, call. Each level takes turns by itself."""
Reserve = Callable[[str, float, float], Awaitable[float]]
"""Reserves a request in a budget that other processes spend, too.

Given its name and the seconds of one request and of a burst, it answers the seconds to wait.
"""
BURST_S = 1.0
"""So much of a budget may be used at once after a pause."""


class FairSlots:
    """A semaphore that goes round between those who wait: first in, first out only within one flow."""

    def __init__(self, slots: int) -> None:
        self._free, self._waiting = slots, _Queue()

    @asynccontextmanager
    async def held(self, flow: Flow) -> AsyncGenerator[None]:
        await self._acquire(flow)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, flow: Flow) -> None:
        if self._free:
            self._free -= 1
            return
        turn = anyio.Event()
        self._waiting.add(flow, turn)
        try:
            await turn.wait()
        except BaseException:
            if turn.is_set():
                self._release()
            else:
                self._waiting.remove(flow, turn)
            raise

    def _release(self) -> None:
        if self._waiting:
            self._waiting.take().set()
        else:
            self._free += 1


class Budgets:
    """Requests per second of each key; nothing is kept of a key that has paused for BURST_S."""

    def __init__(self, per_s: float, reserve: Reserve) -> None:
        self._per_s, self._reserve, self._keys = per_s, reserve, OrderedDict[str, _Budget]()

    async def spend(self, flow: Flow) -> None:
        """Wait until the key of this flow may send one more request."""
        key = flow[0]
        budget = self._keys.setdefault(key, _Budget(self._per_s, partial(self._reserve, key)))
        self._keys.move_to_end(key)
        await budget.spend(flow[1:])
        self._forget()

    def __len__(self) -> int:
        return len(self._keys)

    def _forget(self) -> None:
        """Those that have paused for longest stand first."""
        while self._keys and next(iter(self._keys.values())).paused:
            self._keys.popitem(last=False)


async def nobody_else(name: str, interval_s: float, burst_s: float) -> float:  # noqa: ARG001 (a Reserve)
    """The budget is that of this process."""
    return 0.0


class _Budget:
    def __init__(self, per_s: float, reserve: Callable[[float, float], Awaitable[float]]) -> None:
        self._interval_s, self._reserve = 1 / per_s, reserve
        self._burst_s = max(BURST_S, self._interval_s) - self._interval_s
        self._turns, self._spenders = FairSlots(1), 0
        self._paid_until = float("-inf")

    @property
    def paused(self) -> bool:
        return not self._spenders and self._paid_until <= anyio.current_time()

    async def spend(self, flow: Flow) -> None:
        self._spenders += 1
        try:
            async with self._turns.held(flow):
                await anyio.sleep_until(self._paid_until - self._burst_s)
                await anyio.sleep(await self._reserve(self._interval_s, self._burst_s))
                self._paid_until = max(self._paid_until, anyio.current_time()) + self._interval_s
        finally:
            self._spenders -= 1


class _Queue:
    """Those who wait under one name, and queues of narrower names, which take turns."""

    def __init__(self) -> None:
        self._here, self._below = deque[anyio.Event](), OrderedDict[str, _Queue]()

    def __bool__(self) -> bool:
        return bool(self._here or self._below)

    def add(self, flow: Flow, turn: anyio.Event) -> None:
        if flow:
            self._below.setdefault(flow[0], _Queue()).add(flow[1:], turn)
        else:
            self._here.append(turn)

    def take(self) -> anyio.Event:
        """The caller who is next; their name goes to the end."""
        if self._here:
            return self._here.popleft()
        name, queue = self._below.popitem(last=False)
        turn = queue.take()
        if queue:
            self._below[name] = queue
        return turn

    def remove(self, flow: Flow, turn: anyio.Event) -> None:
        if not flow:
            self._here.remove(turn)
            return
        queue = self._below[flow[0]]
        queue.remove(flow[1:], turn)
        if not queue:
            del self._below[flow[0]]
