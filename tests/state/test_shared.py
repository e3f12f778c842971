"""The state of several processes: what one holds, notes, uses and counts, the others meet in Redis."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise

import anyio
import pytest

from faktoora_mcp.errors import Busy, StateUnavailable
from faktoora_mcp.state.keys import Identities, StateKeys
from faktoora_mcp.state.shared import AWAY_S, SharedState
from tests.state.redis_server import RedisServer

pytestmark = pytest.mark.anyio
OLD, NEW, OTHER = "old-secret-" * 3, "new-secret-" * 3, "other-secret-" * 3
SOON_S = 0.05


@asynccontextmanager
async def states(redis: RedisServer, *secrets: tuple[str, ...]) -> AsyncGenerator[list[SharedState]]:
    """One of each process, with its secrets; two with the same where none are given."""
    given = secrets or ((NEW,), (NEW,))
    made = [SharedState(redis.url, Identities(StateKeys(own)), 60) for own in given]
    try:
        yield made
    finally:
        for state in made:
            await state.aclose()


async def is_free(state: SharedState, *keys: str) -> bool:
    try:
        async with state.hold(keys, SOON_S):
            return True
    except Busy:
        return False


async def test_what_one_holds_no_other_gets_until_it_is_released(redis: RedisServer) -> None:
    async with states(redis) as (one, other):
        async with one.hold(["a", "b"], 1):
            assert not await is_free(other, "b", "c")
            assert await is_free(other, "c")
        assert await is_free(other, "a", "b", "c")


async def test_who_waits_gets_it_once_it_is_released(redis: RedisServer) -> None:
    order: list[str] = []
    async with states(redis) as (one, other), anyio.create_task_group() as tasks:

        async def wait() -> None:
            async with other.hold(["a"], 10):
                order.append("other")

        async with one.hold(["a"], 1):
            tasks.start_soon(wait)
            await anyio.sleep(SOON_S)
            order.append("one")
    assert order == ["one", "other"]


async def test_a_lease_that_somebody_else_has_by_now_is_neither_kept_nor_released(redis: RedisServer) -> None:
    async with states(redis) as (one, other), one.hold(["a"], 1) as first:
        redis.ask("DEL", *(str(name) for name in redis.ask("KEYS", "*lease*")))
        async with other.hold(["a"], 1) as second:
            with pytest.raises(StateUnavailable, match="nothing was sent"):
                await first.keep(["a"], 60)
            assert (await first.is_sure(), await second.is_sure()) == (False, True)


async def test_a_process_that_dies_holds_its_keys_until_they_expire(redis: RedisServer) -> None:
    async with states(redis) as (one, _), one.hold(["a", "next number"], 1) as hold:
        await hold.keep(["a"], 300)
        times = sorted(int(str(*redis.ask("TTL", str(name)))) for name in redis.ask("KEYS", "*lease*"))
    assert times == [pytest.approx(60, abs=5), pytest.approx(300, abs=5)]


async def test_a_note_is_read_by_others(redis: RedisServer) -> None:
    async with states(redis) as (one, other):
        async with one.hold(["a"], 1) as hold:
            await hold.note(["a"], "sent at 12:00", 120)
        assert await other.noted(["b", "a"]) == ("sent at 12:00", pytest.approx(120, abs=5))
        assert await other.noted(["b"]) is None


async def test_without_a_note_the_key_stays_held(redis: RedisServer) -> None:
    async with states(redis) as (one, other):
        async with one.hold(["a"], 1) as hold:
            redis.kill()
            await hold.note(["a"], "sent at 12:00", 120)
        redis.start()
        await anyio.sleep(AWAY_S)
        assert not await is_free(other, "a")


async def test_a_name_is_used_once_by_all(redis: RedisServer) -> None:
    async with states(redis) as (one, other):
        assert [await one.use("a", "token", 60), await one.use("a", "token", 60)] == [True, True]
        assert [await other.use("a", "another", 60), await other.is_used("a")] == [False, True]
        assert not await other.is_used("b")


async def test_a_window_is_filled_by_all(redis: RedisServer) -> None:
    async with states(redis) as (one, other):
        assert [await one.take("w", "a", 2, 3600), await other.take("w", "b", 2, 3600)] == [None, None]
        full = await one.take("w", "c", 2, 3600)
        await other.give_back("w", "b")
        assert full
        assert (full.entries, full.until_next_s) == (2, pytest.approx(3600, abs=5))
        assert [(await one.taken("w", 3600)).entries, await one.take("w", "c", 2, 3600)] == [1, None]


async def test_a_repeated_command_counts_once(redis: RedisServer) -> None:
    async with states(redis) as (one, _):
        assert [await one.take("w", "a", 1, 3600), await one.take("w", "a", 1, 3600)] == [None, None]


async def test_a_budget_is_spent_by_all(redis: RedisServer) -> None:
    async with states(redis) as (one, other):
        waits = [await state.reserve("k", 10, 10) for state in (one, other) * 2]
    assert waits == [pytest.approx(wait, abs=1) for wait in (0, 0, 10, 20)]


async def test_while_secrets_are_replaced_old_and_new_processes_meet(redis: RedisServer) -> None:
    async with states(redis, (OLD,), (OLD, NEW), (NEW, OLD), (NEW,)) as rollout:
        for before, after in pairwise(rollout):
            async with before.hold(["a"], 1):
                assert not await is_free(after, "a")
            async with after.hold(["a"], 1):
                assert not await is_free(before, "a")


async def test_with_other_secrets_nothing_is_shared(redis: RedisServer) -> None:
    async with states(redis, (NEW,), (OTHER,)) as (one, other), one.hold(["a"], 1):
        assert await is_free(other, "a")


async def test_while_it_is_away_nothing_is_held_and_after_it_all_goes_on(redis: RedisServer) -> None:
    async with states(redis) as (one, _):
        assert await is_free(one, "a")
        redis.kill()
        for attempt in (is_free(one, "a"), one.use("a", "token", 60), one.take("w", "a", 1, 60), one.check()):
            with pytest.raises(StateUnavailable) as caught:
                await attempt
            assert (caught.value.retryable, caught.value.lost, caught.value.sent) == (True, False, False)
        assert await one.reserve("k", 1, 0) == 0
        redis.start()
        await anyio.sleep(AWAY_S)
        assert await is_free(one, "a")


async def test_what_could_not_be_released_is_released_once_it_is_back(redis: RedisServer) -> None:
    async with states(redis) as (one, other):
        async with one.hold(["a"], 1):
            redis.kill()
        redis.start()
        await anyio.sleep(AWAY_S)
        assert not await is_free(other, "a")
        await one.use("b", "token", 60)
        assert await is_free(other, "a")


async def test_once_it_has_forgotten_what_was_held_nothing_is_held_for_a_while(redis: RedisServer) -> None:
    async with states(redis) as (one, _):
        assert await is_free(one, "a")
        redis.ask("FLUSHALL")
        with pytest.raises(StateUnavailable, match="lost what it held"):
            await is_free(one, "a")
