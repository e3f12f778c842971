"""The state that several processes share, in Redis or Valkey; it holds no customer data and no API keys."""

import logging
import math
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from random import uniform
from typing import TypeVar, cast
from uuid import uuid4

import anyio
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from faktoora_mcp.errors import StateUnavailable
from faktoora_mcp.settings import LATE_COMMIT_S

from . import scripts
from .keys import Identities
from .state import Taken, held_by_another, unavailable

logger = logging.getLogger(__name__)
PREFIX = "{faktoora-mcp}:"
"""The braces keep all keys on one node of a cluster, as scripts need them."""
CONNECT_S, ANSWER_S, COMMAND_S = 1.0, 1.0, 2.0
CONNECTIONS = 32
AWAY_S = 1.0
"""So long nothing is tried after a failure."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.25
"""How long a process that waits for keys pauses before it asks again."""
OWED = 1000
"""So many commands that tidy up are kept until Redis answers again; leases expire without them, too."""
T = TypeVar("T")
Command = Callable[[], Awaitable[object]]
Argument = str | int | float


class SharedState:
    """Locks, notes and counts in Redis, under names that only these secrets make."""

    def __init__(self, url: str, identities: Identities, lease_s: float) -> None:
        pool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] (redis leaves keywords untyped)
            url,
            max_connections=CONNECTIONS,
            timeout=COMMAND_S,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 1),
            decode_responses=True,
        )
        self._redis = Redis.from_pool(pool)
        self._identities, self._lease_s = identities, lease_s
        self._scripts = {text: self._redis.register_script(text) for text in scripts.ALL}
        self._away_until = self._unsure_until = -math.inf
        self._since = ""
        self._owed = deque[Command](maxlen=OWED)

    @asynccontextmanager
    async def hold(self, keys: Collection[str], wait_s: float) -> AsyncGenerator["SharedHold"]:
        hold = SharedHold(self, sorted({*keys}))
        try:
            with anyio.move_on_after(wait_s) as waiting:
                await hold.take()
            if waiting.cancelled_caught:
                raise held_by_another(wait_s)
            yield hold
        finally:
            await hold.release()

    async def noted(self, keys: Collection[str]) -> tuple[str, float] | None:
        text, left_ms = cast(
            "tuple[str | None, int]", await self.run(scripts.NOTED, self.names("note", keys))
        )
        return (text, left_ms / 1000) if text else None

    async def is_used(self, name: str) -> bool:
        names = self.names("used", [name])
        return bool(await self._answered(lambda: self._redis.exists(*names)))

    async def use(self, name: str, token: str, seconds: float) -> bool:
        return bool(await self.run(scripts.USE, self.names("used", [name]), token, _ms(seconds)))

    async def take(self, name: str, entry: str, most: int, window_s: float) -> Taken | None:
        full = await self.run(scripts.TAKE, self.names("window", [name]), entry, most, _ms(window_s))
        return _taken(full) if full else None

    async def taken(self, name: str, window_s: float) -> Taken:
        return _taken(await self.run(scripts.TAKE, self.names("window", [name]), "", 0, _ms(window_s)))

    async def give_back(self, name: str, entry: str) -> None:
        async def remove() -> None:
            async with self._redis.pipeline() as commands:
                for key in self.names("window", [name]):
                    commands.zrem(key, entry)
                await commands.execute()

        await self.tidy_up(remove)

    async def reserve(self, name: str, interval_s: float, burst_s: float) -> float:
        names = self.names("budget", [name])
        try:
            wait_ms = await self.run(scripts.RESERVE, names, interval_s * 1000, burst_s * 1000)
        except StateUnavailable:
            return 0.0
        return cast("int", wait_ms) / 1000

    async def check(self) -> None:
        await self._answered(lambda: self._redis.exists(PREFIX))

    async def aclose(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    def names(self, kind: str, texts: Collection[str]) -> list[str]:
        return [PREFIX + name for name in self._identities.names(kind, *texts)]

    async def hold_now(self, names: Sequence[str], token: str) -> bool:
        """Whether these are held now. StateUnavailable for a while after Redis forgot what was held."""
        keys = [PREFIX + "memory", *names]
        found = await self.run(scripts.HOLD, keys, token, _ms(self._lease_s))
        held, since, age_ms = cast("tuple[int, str, int]", found)
        if self._since not in ("", since):
            self._unsure_until = anyio.current_time() + LATE_COMMIT_S - age_ms / 1000
        self._since = since
        if anyio.current_time() < self._unsure_until:
            raise unavailable("The state that the servers share has lost what it held")
        return bool(held)

    async def run(self, script: str, keys: Sequence[str], *arguments: Argument) -> object:
        """What a script returns; Redis loads it anew after a restart."""
        found = await self._answered(lambda: self._scripts[script](keys=keys, args=arguments))
        owed, self._owed = self._owed, deque[Command](maxlen=OWED)
        for command in owed:
            await self.tidy_up(command)
        return found

    async def tidy_up(self, command: Command) -> None:
        """Carry it out now, or once Redis answers again."""
        if not await self.try_now(command):
            self._owed.append(command)

    async def try_now(self, command: Command) -> bool:
        """Whether it was carried out, although the call may have been cancelled meanwhile."""
        with anyio.CancelScope(shield=True):
            try:
                await self._answered(command)
            except StateUnavailable:
                return False
        return True

    async def _answered(self, command: Callable[[], Awaitable[T]]) -> T:
        if anyio.current_time() < self._away_until:
            raise unavailable()
        try:
            with anyio.fail_after(COMMAND_S):
                return await command()
        except (RedisError, OSError) as exc:  # TimeoutError is an OSError
            self._away_until = anyio.current_time() + AWAY_S
            logger.warning("the shared state failed: %s", type(exc).__name__)
            raise unavailable() from None


class SharedHold:
    """Keys leased for longer than a call takes, under a token that nobody else has."""

    def __init__(self, state: SharedState, keys: list[str]) -> None:
        self._state, self._keys, self._token = state, keys, uuid4().hex
        self._names = state.names("lease", keys)
        self._is_left = False

    async def take(self) -> None:
        """Wait until no other process holds one of the keys."""
        pause_s = FIRST_PAUSE_S
        while self._names and not await self._state.hold_now(self._names, self._token):
            await anyio.sleep(uniform(0.5, 1) * pause_s)  # noqa: S311 (so that those who wait do not ask together)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def keep(self, keys: Collection[str], seconds: float) -> None:
        kept = self._state.names("lease", sorted({*keys}))
        names = [*kept, *({*self._names} - {*kept})]
        if not names:
            await self._state.check()
        elif not await self._run(scripts.KEEP, names, _ms(seconds), len(kept)):
            raise unavailable("The state that the servers share was lost meanwhile")

    async def is_sure(self) -> bool:
        try:
            return not self._names or bool(await self._run(scripts.KEEP, self._names, 0, 0))
        except StateUnavailable:
            return False

    async def note(self, keys: Collection[str], text: str, seconds: float) -> None:
        names = self._state.names("note", keys)
        self._is_left = not await self._state.try_now(
            lambda: self._state.run(scripts.NOTE, names, text, _ms(seconds))
        )

    async def release(self) -> None:
        if self._names and not self._is_left:
            await self._state.tidy_up(lambda: self._run(scripts.RELEASE, self._names))

    async def _run(self, script: str, names: list[str], *arguments: Argument) -> object:
        return await self._state.run(script, names, self._token, *arguments)


def _ms(seconds: float) -> int:
    return math.ceil(seconds * 1000)


def _taken(found: object) -> Taken:
    count, left_ms = cast("tuple[int, int]", found)
    return Taken(count, left_ms / 1000 if left_ms >= 0 else math.inf)
