"""An event loop on virtual time: work takes none, and a wait for nothing but a timer is over at once."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from selectors import DefaultSelector, SelectorKey
from typing import TypeVar, TypeVarTuple, Unpack

from anyio.to_thread import current_default_thread_limiter
from sniffio import current_async_library_cvar

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
PIPE = 1
"""The file that wakes the loop itself is always watched."""


class _Clock(DefaultSelector):
    """Time passes while the loop waits; it is real only where a socket, a process or a thread may answer."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.jobs = 0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is None or self._is_real():
            began = time.monotonic()
            events = super().select(timeout)
            self.now += time.monotonic() - began
            return events
        events = super().select(0)
        self.now += 0 if events else timeout
        return events

    def _is_real(self) -> bool:
        return len(self.get_map()) > PIPE or self.jobs > 0 or _threads_work()


class VirtualTime(asyncio.SelectorEventLoop):
    """The speed of the machine makes no difference to a test."""

    def __init__(self) -> None:
        self._clock = _Clock()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        job = super().run_in_executor(executor, func, *args)
        self._clock.jobs += 1
        job.add_done_callback(self._ended)
        return job

    def _ended(self, _job: object) -> None:
        self._clock.jobs -= 1


VIRTUAL_TIME = ("asyncio", {"loop_factory": VirtualTime})
"""An `anyio_backend`."""


def _threads_work() -> bool:
    token = current_async_library_cvar.set("asyncio")
    try:
        return current_default_thread_limiter().borrowed_tokens > 0
    finally:
        current_async_library_cvar.reset(token)
