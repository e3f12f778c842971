"""The state of one process: exclusive keys, notes that expire, names used once, counts in a window."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

import anyio
import pytest

from faktoora_mcp.errors import Busy
from faktoora_mcp.state.local import LocalState

pytestmark = pytest.mark.anyio


class TestHold:
    async def test_who_needs_a_key_waits_until_it_is_free(self) -> None:
        assert await ends(["a", "b"], ["b", "c"]) == [10, 20]

    async def test_others_do_not_wait(self) -> None:
        assert await ends(["a", "b"], ["c", "d"]) == [10, 10]

    async def test_keys_in_another_order_never_block_each_other(self) -> None:
        assert await ends(["a", "b", "c"], ["c", "b", "a"], ["b", "c"]) == [10, 20, 30]

    async def test_a_key_that_is_named_twice_is_taken_once(self) -> None:
        assert await ends(["a", "a"]) == [10]

    async def test_who_waits_too_long_is_told_that_nothing_was_sent(self) -> None:
        state = LocalState()
        async with held(state, ["a"]):
            with pytest.raises(Busy, match="for more than 7 s; nothing was sent") as caught:
                async with state.hold(["a"], 7):
                    pass
            assert anyio.current_time() == pytest.approx(7, abs=0.1)
        assert (caught.value.retryable, caught.value.lost) == (True, False)

    async def test_who_waits_too_long_or_gives_up_keeps_nothing(self) -> None:
        state = LocalState()
        async with held(state, ["b"]):
            with pytest.raises(Busy):
                async with state.hold(["a", "b"], 1):
                    pass
            with anyio.move_on_after(1):
                async with state.hold(["a", "b"], 9):
                    pass
            async with held(state, ["a"]):
                pass
        async with held(state, ["a", "b"]):
            pass

    async def test_a_failure_frees_the_keys(self) -> None:
        state = LocalState()
        with pytest.raises(LookupError):
            async with state.hold(["a"], 1):
                raise LookupError
        async with held(state, ["a"]):
            pass


class TestNotes:
    async def test_a_note_lasts_for_its_seconds(self) -> None:
        state = LocalState()
        await noted(state, ["a", "b"], "sent", 120)
        await anyio.sleep(50)
        assert await state.noted(["c", "b"]) == ("sent", pytest.approx(70, abs=0.1))
        await anyio.sleep(70)
        assert await state.noted(["a", "b"]) is None

    async def test_of_several_notes_the_one_that_lasts_longest_counts(self) -> None:
        state = LocalState()
        for key, seconds in (("a", 60), ("b", 120), ("c", 90)):
            await noted(state, [key], key, seconds)
        assert await state.noted(["a", "b", "c"]) == ("b", pytest.approx(120, abs=0.1))

    async def test_a_key_without_a_note_has_none(self) -> None:
        state = LocalState()
        await noted(state, ["a"], "sent", 120)
        assert await state.noted(["b"]) is None


class TestUse:
    async def test_a_name_is_used_once_until_it_is_forgotten(self) -> None:
        state = LocalState()
        assert await state.use("a", "first", 60)
        assert await state.is_used("a")
        assert not await state.use("a", "second", 60)
        await anyio.sleep(61)
        assert not await state.is_used("a")
        assert await state.use("a", "third", 60)

    async def test_who_used_it_may_say_so_again(self) -> None:
        state = LocalState()
        assert await state.use("a", "first", 60)
        assert await state.use("a", "first", 60)


class TestWindow:
    async def test_it_holds_so_many_entries_until_the_oldest_leaves_it(self) -> None:
        state = LocalState()
        assert [await state.take("w", entry, 2, 3600) for entry in "ab"] == [None, None]
        await anyio.sleep(600)
        full = await state.take("w", "c", 2, 3600)
        assert full
        assert (full.entries, full.until_next_s) == (2, pytest.approx(3000, abs=0.1))
        await anyio.sleep(3001)
        assert await state.take("w", "c", 2, 3600) is None

    async def test_what_is_given_back_leaves_room(self) -> None:
        state = LocalState()
        await state.take("w", "a", 1, 3600)
        await state.give_back("w", "a")
        assert await state.take("w", "b", 1, 3600) is None

    async def test_windows_of_other_names_are_others(self) -> None:
        state = LocalState()
        await state.take("w", "a", 1, 3600)
        assert (await state.taken("v", 3600)).entries == 0


async def noted(state: LocalState, keys: Collection[str], text: str, seconds: float) -> None:
    async with state.hold(keys, 1) as hold:
        await hold.note(keys, text, seconds)


@asynccontextmanager
async def held(state: LocalState, names: Collection[str]) -> AsyncGenerator[None]:
    """While another task holds the keys, which it gets at once."""
    got, done = anyio.Event(), anyio.Event()

    async def hold() -> None:
        async with state.hold(names, 0.1):
            got.set()
            await done.wait()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hold)
        await got.wait()
        yield
        done.set()


async def ends(*wanted: Collection[str]) -> list[int]:
    """When each of these holders, who start together and take ten seconds, is done."""
    state, done = LocalState(), list[int]()

    async def hold(names: Collection[str]) -> None:
        async with state.hold(names, 60):
            await anyio.sleep(10)
        done.append(round(anyio.current_time()))

    async with anyio.create_task_group() as tasks:
        for names in wanted:
            tasks.start_soon(hold, names)
    return done
