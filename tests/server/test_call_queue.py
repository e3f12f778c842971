"""How many calls run at the same time, how many wait, and what becomes of the others."""

import anyio
import pytest

from faktoora_mcp.errors import Busy
from faktoora_mcp.server.call_queue import CallQueue

pytestmark = pytest.mark.anyio


class Calls:
    """Calls that run until they are told to end; how many run now, and how many did at most."""

    def __init__(self, turns: CallQueue, seconds: float = 55) -> None:
        self._turns, self._seconds = turns, seconds
        self.end = anyio.Event()
        self.running = self.most = self.done = self.refused = 0

    async def call(self) -> None:
        try:
            async with self._turns.turn(self._seconds):
                self.running += 1
                self.most = max(self.most, self.running)
                await self.end.wait()
                self.running -= 1
        except Busy:
            self.refused += 1
        else:
            self.done += 1


async def test_calls_beyond_those_that_may_wait_are_refused_at_once() -> None:
    calls = Calls(CallQueue(running=2, waiting=3))
    async with anyio.create_task_group() as tasks:
        for _ in range(7):
            tasks.start_soon(calls.call)
        await anyio.wait_all_tasks_blocked()
        assert (calls.running, calls.refused) == (2, 2)
        calls.end.set()
    assert (calls.most, calls.done, calls.refused) == (2, 5, 2)


async def test_a_call_whose_turn_does_not_come_in_time_is_refused() -> None:
    calls = Calls(CallQueue(running=1, waiting=5), seconds=3)
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(calls.call)
        await anyio.sleep(4)
        assert (calls.running, calls.refused) == (1, 2)
        calls.end.set()


async def test_cancelled_calls_give_their_turns_back() -> None:
    turns = CallQueue(running=1, waiting=1)
    calls = Calls(turns)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(calls.call)
        tasks.start_soon(calls.call)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    later = Calls(turns)
    later.end.set()
    await later.call()
    await later.call()
    assert later.done == 2
