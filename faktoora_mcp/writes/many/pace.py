"""The pace of a call that makes many writes: a few at a time, in its time, stopped where it may do harm."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import anyio

from faktoora_mcp.api.many_outcomes import Stop
from faktoora_mcp.errors import (
    AuditUnavailable,
    Correctable,
    FaktooraError,
    Internal,
    MayComeLate,
    NotConfirmed,
    OutcomeUnknown,
    OutOfTime,
    StateUnavailable,
    WriteLimit,
)
from faktoora_mcp.settings import MIN_WRITE_S, WRITES_IN_FLIGHT, Settings

logger = logging.getLogger(__name__)
FAILURES = 3
"""So many failures since the last success, of no single record's own making, stop the call."""
DEFECT = "The server failed at this record; whether it was changed is not known."
LOOK = "Read the record before you go on."

Item = TypeVar("Item")
Other = TypeVar("Other")
Done = TypeVar("Done")
Status = Literal["done", "failed", "unknown", "not_begun"]
Progress = Callable[[int, int], Awaitable[None]]
"""Called after each item with the items that are through, and all."""


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Item, Done]):
    """What became of one item: what was `done`, or the `error` by which it failed or was not begun."""

    item: Item
    status: Status = "not_begun"
    done: Done | None = None
    error: FaktooraError | None = None

    def of(self, item: Other) -> "Attempt[Other, Done]":
        """The same for what the item stands for."""
        return Attempt(item, self.status, self.done, self.error)


@dataclass(frozen=True, slots=True)
class Attempts(Generic[Item, Done]):
    """The attempts in the order of the items; `stopped` where some were not begun."""

    all: tuple[Attempt[Item, Done], ...]
    stopped: Stop | None = None

    def having(self, *statuses: Status) -> list[Attempt[Item, Done]]:
        return [attempt for attempt in self.all if attempt.status in statuses]


async def no_progress(_done: int, _total: int) -> None:
    pass


async def each(
    items: Sequence[Item],
    work: Callable[[Item], Awaitable[Done]],
    settings: Settings,
    deadline: float,
    progress: Progress = no_progress,
) -> Attempts[Item, Done]:
    """Call `work` for the items, WRITES_IN_FLIGHT at a time; what has begun always ends.

    None is begun after a write whose outcome is unknown, after FAILURES, where no more writes are allowed,
    or with too little time before the deadline for its outcome.
    """
    run = _Run([*items], work, progress, deadline - _needed_s(settings))
    return await run.through()


def _needed_s(settings: Settings) -> float:
    """A write is not begun with less time than this for sending it and finding out its outcome."""
    needed = min(settings.reconcile_s, settings.call_s / 2) + min(MIN_WRITE_S, settings.timeout_s)
    return min(needed, settings.call_s / 2)


@dataclass(slots=True)
class _Run(Generic[Item, Done]):
    items: list[Item]
    work: Callable[[Item], Awaitable[Done]]
    progress: Progress
    last_begin: float
    ended: dict[int, Attempt[Item, Done]] = field(default_factory=dict[int, Attempt[Item, Done]])
    failures: int = 0
    stop: Stop | None = None

    async def through(self) -> Attempts[Item, Done]:
        queue = iter(enumerate(self.items))
        try:
            async with anyio.create_task_group() as workers:
                for _ in range(min(WRITES_IN_FLIGHT, len(self.items))):
                    workers.start_soon(self._worker, queue)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        made = tuple(self.ended.get(place) or Attempt(item) for place, item in enumerate(self.items))
        left = any(attempt.status == "not_begun" for attempt in made)
        return Attempts(made, self.stop if left else None)

    async def _worker(self, queue: Iterator[tuple[int, Item]]) -> None:
        for place, item in queue:
            if anyio.current_time() > self.last_begin:
                self.stop = self.stop or "time"
            if self.stop:
                return
            self.ended[place] = await self._attempt(item)
            await self.progress(len(self.ended), len(self.items))

    async def _attempt(self, item: Item) -> Attempt[Item, Done]:
        try:
            done = await self.work(item)
        except FaktooraError as error:
            return self._failed(item, error)
        except Exception as exc:  # noqa: BLE001 (what became of the other items must be told all the same)
            return self._failed(item, _defect(exc))
        self.failures = 0
        return Attempt(item, "done", done)

    def _failed(self, item: Item, error: FaktooraError) -> Attempt[Item, Done]:
        match error:
            case OutcomeUnknown() | Internal():
                self.stop = "unknown"
                return Attempt(item, "unknown", error=error)
            case OutOfTime():
                self.stop = self.stop or "time"
                return Attempt(item, "not_begun", error=error)
            case WriteLimit() | AuditUnavailable() | StateUnavailable() | NotConfirmed():
                self.stop = self.stop or "refused"
                return Attempt(item, "not_begun", error=error)
            case Correctable() | MayComeLate():
                pass
            case _:
                self.failures += 1
                if self.failures >= FAILURES:
                    self.stop = self.stop or "failures"
        return Attempt(item, "failed", error=error)


def _defect(exc: Exception) -> Internal:
    """The error of a defect, which is logged without its text: that may hold a record."""
    frames = "".join(traceback.format_tb(exc.__traceback__))
    logger.error("one of many writes failed by %s\n%s", type(exc).__name__, frames)
    return Internal(DEFECT, advice=LOOK)
