"""What the processes of one server share, as an interface: locks, confirmations that were used, counts."""

import math
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from faktoora_mcp.errors import Busy, StateUnavailable

LEASE_MARGIN_S = 15.0
"""A lease is so much longer than the deadline of a call."""


class Taken(NamedTuple):
    """How many entries a window holds, and the seconds until the oldest of them leaves it."""

    entries: int
    until_next_s: float = math.inf


class Hold(Protocol):
    """Keys that are held exclusively."""

    async def keep(self, keys: Collection[str], seconds: float) -> None:
        """Right before a write: these keys stay held for so long even if this process dies.

        StateUnavailable where another process may hold one of the keys by now.
        """
        ...

    async def is_sure(self) -> bool:
        """Whether nobody else can have held one of the keys since they are held."""
        ...

    async def note(self, keys: Collection[str], text: str, seconds: float) -> None:
        """Leave a note on each key for some time. It raises nothing: without a note the key stays held."""
        ...


class State(Protocol):
    """Every method raises StateUnavailable where the state cannot be reached, if nothing else is said."""

    def hold(self, keys: Collection[str], wait_s: float) -> AbstractAsyncContextManager[Hold]:
        """All keys at once. Busy where another holds one for longer than `wait_s`."""
        ...

    async def noted(self, keys: Collection[str]) -> tuple[str, float] | None:
        """The note on one of the keys and the seconds it still lasts."""
        ...

    async def is_used(self, name: str) -> bool: ...

    async def use(self, name: str, token: str, seconds: float) -> bool:
        """Mark a name as used for some time. False where that was done with another token."""
        ...

    async def take(self, name: str, entry: str, most: int, window_s: float) -> Taken | None:
        """Add an entry to a window that holds at most so many; what it holds where it is full."""
        ...

    async def taken(self, name: str, window_s: float) -> Taken: ...

    async def give_back(self, name: str, entry: str) -> None:
        """Take an entry out again. It raises nothing: an entry that stays only counts for too long."""
        ...

    async def reserve(self, name: str, interval_s: float, burst_s: float) -> float:
        """The seconds to wait for one more request of a budget that others spend too.

        It raises nothing: where the state cannot be reached, each process keeps to the budget by itself.
        """
        ...

    async def check(self) -> None:
        """StateUnavailable where nothing can be shared now."""
        ...

    async def aclose(self) -> None: ...


def held_by_another(wait_s: float) -> Busy:
    return Busy(
        f"Another call has been at work on this customer for more than {wait_s:.0f} s; nothing was sent.",
        advice="Look at the customer, then decide.",
        sent=False,
    )


def unavailable(reason: str = "The state that the servers share cannot be reached") -> StateUnavailable:
    return StateUnavailable(
        f"{reason}; nothing was sent.",
        advice="Reading goes on; try the change again in a minute.",
        sent=False,
    )
