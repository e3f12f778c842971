"""The state of one process, forgotten with it; a key costs memory only while it is used."""

import math
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from .state import Taken, held_by_another


@dataclass(slots=True)
class _Key:
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    users: int = 0


class LocalState:
    """Locks, notes and counts of one process."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._notes: dict[str, tuple[str, float]] = {}
        self._used: dict[str, tuple[str, float]] = {}
        self._windows: dict[str, dict[str, float]] = {}

    @asynccontextmanager
    async def hold(self, keys: Collection[str], wait_s: float) -> AsyncGenerator["LocalHold"]:
        """The keys in sorted order."""
        held: list[str] = []
        try:
            with anyio.move_on_after(wait_s) as waiting:
                for key in sorted({*keys}):
                    await self._acquire(key)
                    held.append(key)
            if waiting.cancelled_caught:
                raise held_by_another(wait_s)
            yield LocalHold(self._notes)
        finally:
            for key in reversed(held):
                self._release(key)

    async def noted(self, keys: Collection[str]) -> tuple[str, float] | None:
        now = anyio.current_time()
        _forget(self._notes, now)
        found = [self._notes[key] for key in keys if key in self._notes]
        return max(((text, end - now) for text, end in found), key=lambda note: note[1], default=None)

    async def is_used(self, name: str) -> bool:
        _forget(self._used, anyio.current_time())
        return name in self._used

    async def use(self, name: str, token: str, seconds: float) -> bool:
        now = anyio.current_time()
        _forget(self._used, now)
        return self._used.setdefault(name, (token, now + seconds))[0] == token

    async def take(self, name: str, entry: str, most: int, window_s: float) -> Taken | None:
        taken = await self.taken(name, window_s)
        if taken.entries >= most:
            return taken
        self._windows.setdefault(name, {})[entry] = anyio.current_time()
        return None

    async def taken(self, name: str, window_s: float) -> Taken:
        now = anyio.current_time()
        kept = {entry: at for entry, at in self._windows.pop(name, {}).items() if at + window_s > now}
        if kept:
            self._windows[name] = kept
        return Taken(len(kept), min(kept.values(), default=math.inf) + window_s - now)

    async def give_back(self, name: str, entry: str) -> None:
        self._windows.get(name, {}).pop(entry, None)

    async def reserve(self, name: str, interval_s: float, burst_s: float) -> float:  # noqa: ARG002 (as the protocol has it)
        """Nobody else spends."""
        return 0.0

    async def check(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    async def _acquire(self, name: str) -> None:
        key = self._keys.setdefault(name, _Key())
        key.users += 1
        try:
            await key.lock.acquire()
        except BaseException:
            self._leave(name, key)
            raise

    def _release(self, name: str) -> None:
        key = self._keys[name]
        key.lock.release()
        self._leave(name, key)

    def _leave(self, name: str, key: _Key) -> None:
        key.users -= 1
        if not key.users:
            del self._keys[name]


class LocalHold:
    """Keys of one process, which nothing else can take."""

    def __init__(self, notes: dict[str, tuple[str, float]]) -> None:
        self._notes = notes

    async def keep(self, keys: Collection[str], seconds: float) -> None:
        pass

    async def is_sure(self) -> bool:
        return True

    async def note(self, keys: Collection[str], text: str, seconds: float) -> None:
        self._notes |= dict.fromkeys(keys, (text, anyio.current_time() + seconds))


def _forget(kept: dict[str, tuple[str, float]], now: float) -> None:
    """Drop what has expired."""
    for name in [name for name, (_, end) in kept.items() if end <= now]:
        del kept[name]
