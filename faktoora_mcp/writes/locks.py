"""Locks on identities: of two parallel creations or changes of one customer the second waits for the first.

One process needs no more than this; several need a second implementation of `Locks` over shared state.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import anyio
from pydantic import JsonValue

from faktoora_mcp.errors import Busy
from faktoora_mcp.insight.duplicates import Traits
from faktoora_mcp.insight.names import glued

NEXT_NUMBER = "next number"
"""The key of creations that draw a number: what one draws no other may draw."""


class Locks(Protocol):
    """Exclusive keys, and notes on keys whose outcome is unknown for a while."""

    def hold(self, keys: Collection[str], wait_s: float) -> AbstractAsyncContextManager[None]:
        """All keys at once, in sorted order. Busy where another holds one for longer than `wait_s`."""
        ...

    async def note(self, keys: Collection[str], text: str, seconds: float) -> None:
        """Keep a note on each key for some time."""
        ...

    async def noted(self, keys: Collection[str]) -> tuple[str, float] | None:
        """The note on one of the keys and the seconds it still lasts."""
        ...


@dataclass(slots=True)
class _Key:
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    users: int = 0


class LocalLocks:
    """Locks of one process, forgotten with it; a key costs memory only while it is used."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._notes: dict[str, tuple[str, float]] = {}

    @asynccontextmanager
    async def hold(self, keys: Collection[str], wait_s: float) -> AsyncGenerator[None]:
        held: list[str] = []
        try:
            with anyio.move_on_after(wait_s) as waiting:
                for key in sorted({*keys}):
                    await self._acquire(key)
                    held.append(key)
            if waiting.cancelled_caught:
                raise _busy(wait_s)
            yield
        finally:
            for key in reversed(held):
                self._release(key)

    async def note(self, keys: Collection[str], text: str, seconds: float) -> None:
        end = anyio.current_time() + seconds
        self._notes |= dict.fromkeys(keys, (text, end))

    async def noted(self, keys: Collection[str]) -> tuple[str, float] | None:
        now = anyio.current_time()
        self._notes = {key: note for key, note in self._notes.items() if note[1] > now}
        found = [self._notes[key] for key in keys if key in self._notes]
        return max(((text, end - now) for text, end in found), key=lambda note: note[1], default=None)

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


def creation_keys(scope: str, body: Mapping[str, JsonValue], *, numbered: bool) -> frozenset[str]:
    """What no two creations may share at the same time, in the account that `scope` names."""
    return frozenset(
        f"{scope} {key}" for key in _identity(body) | ({NEXT_NUMBER} if numbered else set[str]())
    )


def change_key(scope: str, customer_id: str) -> str:
    """What no two changes of a customer may share at the same time."""
    return f"{scope} change {customer_id}"


def _identity(body: Mapping[str, JsonValue]) -> set[str]:
    """By the same traits that the duplicate check compares, so that both call the same customers equal."""
    traits = Traits.of(body)
    ids = {value.casefold() for value in traits.ids if value}
    names = {traits.name, glued(traits)} - {""}
    places = {f"name {name} {place}" for name in names for place in (traits.postcode, traits.city) if place}
    return ids | places | ({f"email {traits.email}"} if traits.email else set())


def _busy(wait_s: float) -> Busy:
    return Busy(
        f"Another call has been at work on this customer for more than {wait_s:.0f} s; nothing was sent.",
        advice="Look at the customer, then decide.",
        sent=False,
    )
