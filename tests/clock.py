"""An event loop on virtual time: while anything works the clock stands still, and a wait is over at once."""

import asyncio
from selectors import DefaultSelector, SelectorKey

from anyio.to_thread import current_default_thread_limiter
from sniffio import current_async_library_cvar


class _Clock(DefaultSelector):
    """Moves on to the next timer where the loop would sleep until then."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is None or (timeout > 0 and _threads_work()):
            return super().select()
        events = super().select(0)
        self.now += 0.0 if events else timeout
        return events


class VirtualTime(asyncio.SelectorEventLoop):
    """For servers whose transport is no network: nothing would wait for a socket."""

    def __init__(self) -> None:
        self._clock = _Clock()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


VIRTUAL_TIME = ("asyncio", {"loop_factory": VirtualTime})
"""The `anyio_backend` of tests that would wait long, or whose answer would depend on the machine."""


def _threads_work() -> bool:
    token = current_async_library_cvar.set("asyncio")
    try:
        return current_default_thread_limiter().borrowed_tokens > 0
    finally:
        current_async_library_cvar.reset(token)
