"""The pace of many writes: a few at a time, in time, and no further after what may do harm."""

from collections.abc import Awaitable, Callable

import anyio
import pytest

from faktoora_mcp.errors import (
    AuditUnavailable,
    Conflict,
    FaktooraError,
    Forbidden,
    InvalidInput,
    MayComeLate,
    NotConfirmed,
    OutcomeUnknown,
    OutOfTime,
    StateUnavailable,
    Unreachable,
    UpstreamError,
    WriteLimit,
)
from faktoora_mcp.settings import MIN_WRITE_S, WRITES_IN_FLIGHT
from faktoora_mcp.writes.many.pace import FAILURES, Attempts, each
from tests.scripted import settings

pytestmark = pytest.mark.anyio
SETTINGS = settings(call_s=55, reconcile_s=10, timeout_s=20)
DOWN = UpstreamError("down", advice="")
WRONG = InvalidInput("wrong", advice="")
Work = Callable[[int], Awaitable[int]]


def failing(errors: dict[int, Exception], seconds: float = 1) -> Work:
    """Work that takes some seconds, one more for each later item so that they end in order."""

    async def work(item: int) -> int:
        await anyio.sleep(seconds + item / 1000)
        if item in errors:
            raise errors[item]
        return item

    return work


async def run(work: Work, items: int = 20, seconds: float = 55) -> Attempts[int, int]:
    return await each(range(items), work, SETTINGS, anyio.current_time() + seconds)


def statuses(made: Attempts[int, int]) -> list[str]:
    return [attempt.status for attempt in made.all]


async def test_a_few_are_under_way_at_the_same_time_and_all_are_answered_in_order() -> None:
    running, most = 0, 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.sleep(1)
        running -= 1
        return -item

    made = await run(work)
    assert most == WRITES_IN_FLIGHT
    assert [attempt.done for attempt in made.all] == [-item for item in range(20)]
    assert made.stopped is None


@pytest.mark.parametrize("error", [WRONG, MayComeLate("late", advice="", sent=False)])
async def test_what_concerns_one_record_stops_nothing(error: FaktooraError) -> None:
    made = await run(failing(dict.fromkeys(range(15), error)))
    assert (statuses(made), made.stopped) == (["failed"] * 15 + ["done"] * 5, None)


@pytest.mark.parametrize(
    "error", [DOWN, Forbidden("no", advice=""), Unreachable("no", advice="", sent=False)]
)
async def test_failures_of_no_record_stop_it_and_what_has_begun_ends(error: FaktooraError) -> None:
    made = await run(failing(dict.fromkeys(range(8, 20), error)))
    begun = 8 + FAILURES + WRITES_IN_FLIGHT - 1
    assert statuses(made) == ["done"] * 8 + ["failed"] * (begun - 8) + ["not_begun"] * (20 - begun)
    assert made.stopped == "failures"


async def test_a_success_between_failures_lets_it_go_on() -> None:
    made = await run(failing({item: DOWN for item in range(20) if item % FAILURES}))
    assert ("not_begun" in statuses(made), made.stopped) == (False, None)


@pytest.mark.parametrize("error", [OutcomeUnknown("?", advice=""), ValueError("a defect")])
async def test_an_unknown_outcome_stops_it_at_once(error: Exception) -> None:
    made = await run(failing({4: error}))
    assert statuses(made) == ["done"] * 4 + ["unknown"] + ["done"] * 3 + ["not_begun"] * 12
    assert made.stopped == "unknown"


@pytest.mark.parametrize(
    ("error", "stopped"),
    [
        (OutOfTime("late", advice="", sent=False), "time"),
        (WriteLimit("enough", advice=""), "refused"),
        (AuditUnavailable("full", advice=""), "refused"),
        (StateUnavailable("away", advice="", sent=False), "refused"),
        (NotConfirmed("used", advice=""), "refused"),
    ],
)
async def test_where_nothing_more_may_be_sent_the_rest_is_not_begun(
    error: FaktooraError, stopped: str
) -> None:
    made = await run(failing({4: error}))
    assert statuses(made) == ["done"] * 4 + ["not_begun"] + ["done"] * 3 + ["not_begun"] * 12
    assert made.stopped == stopped


async def test_none_is_begun_with_too_little_time_for_its_outcome() -> None:
    made = await run(failing({}, seconds=9.9), items=40)
    last_begin = 55 - SETTINGS.reconcile_s - MIN_WRITE_S
    assert statuses(made).count("done") == WRITES_IN_FLIGHT * (1 + last_begin // 9.91)
    assert made.stopped == "time"


async def test_a_stop_after_the_last_one_began_left_nothing_out() -> None:
    made = await run(failing({19: OutcomeUnknown("?", advice="")}))
    assert (statuses(made)[-1], made.stopped) == ("unknown", None)


async def test_without_items_nothing_happens() -> None:
    made = await run(failing({}), items=0)
    assert (made.all, made.stopped) == ((), None)


async def test_progress_is_told_after_each() -> None:
    told = list[tuple[int, int]]()

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    await each(range(5), failing({2: Conflict("no", advice="")}), SETTINGS, 55, progress)
    assert told == [(done, 5) for done in range(1, 6)]
