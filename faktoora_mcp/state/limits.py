"""The operator's limits on changes: what was changed is counted, in one run or for a caller in an hour."""

import math
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from faktoora_mcp.errors import WriteLimit
from faktoora_mcp.quotas import HOUR_S, Quota
from faktoora_mcp.settings import Settings

from .state import State, Taken

CHANGES, DELETIONS = "changes", "deletions"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One limit, such as of deletions, and where they are counted under a name."""

    kind: str
    quota: Quota
    counts: State
    name: str

    async def take(self, entry: str) -> None:
        """Count one more. WriteLimit where that is not allowed, StateUnavailable."""
        if full := await self.counts.take(self.name, entry, self.quota.most, self._window_s):
            raise self._used_up(full)

    async def check(self, more: int) -> None:
        """WriteLimit where not so many more are allowed, StateUnavailable."""
        taken = await self.counts.taken(self.name, self._window_s)
        if taken.entries + more > self.quota.most:
            raise self._used_up(taken)

    async def give_back(self, entry: str) -> None:
        await self.counts.give_back(self.name, entry)

    @property
    def _window_s(self) -> float:
        return HOUR_S if self.quota.hourly else math.inf

    def _used_up(self, taken: Taken) -> WriteLimit:
        most, later = self.quota.most, "the operator can restart the server"
        allowed = f"The operator allows {most} {self.kind} in one run"
        if self.quota.hourly:
            allowed = f"The operator allows each caller {most} {self.kind} in an hour"
            later = f"one more is allowed in {math.ceil(min(taken.until_next_s, HOUR_S) / 60)} min"
        return WriteLimit(
            f"{allowed}, {taken.entries} are made; nothing was sent.",
            advice=f"Tell the user what is left to do; {later}.",
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits: those of a run are counted in this process, hourly ones of a principal where all can."""

    settings: Settings
    run: State
    shared: State
    principal: str

    def of(self, *, deletes: bool) -> list[Allowance]:
        """Those that a change counts for; deletions are changes, too."""
        given = [
            (CHANGES, self.settings.max_writes),
            (DELETIONS, self.settings.max_deletes if deletes else None),
        ]
        return [self._allowance(kind, quota) for kind, quota in given if quota]

    async def check(self, *, deletes: bool, changes: int) -> None:
        """WriteLimit where not so many changes are allowed, of which one is a deletion; StateUnavailable."""
        for allowance in self.of(deletes=deletes):
            await allowance.check(1 if allowance.kind == DELETIONS else changes)

    def _allowance(self, kind: str, quota: Quota) -> Allowance:
        if quota.hourly:
            return Allowance(kind, quota, self.shared, f"{kind} {self.principal}")
        return Allowance(kind, quota, self.run, kind)


@asynccontextmanager
async def counted(
    allowances: Sequence[Allowance], entry: str, sent: Callable[[], bool]
) -> AsyncGenerator[None]:
    """Count one change, unless it turns out that nothing was sent."""
    taken: list[Allowance] = []
    try:
        for allowance in allowances:
            await allowance.take(entry)
            taken.append(allowance)
        yield
    finally:
        if not sent():
            for allowance in taken:
                await allowance.give_back(entry)
