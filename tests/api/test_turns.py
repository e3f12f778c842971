"""Fair turns: between keys, between callers with one key, and between the calls of one caller."""

from collections.abc import Sequence
from itertools import chain, repeat

import anyio
import pytest
from anyio.lowlevel import checkpoint

from faktoora_mcp.api.turns import Budgets, FairSlots, Flow, nobody_else

pytestmark = pytest.mark.anyio
WALK, LOOK_UP = ("key-a", "anna", "walk"), ("key-a", "bernd", "look-up")
OTHER_KEY, OTHER_CALL = ("key-b", "carla", "look-up"), ("key-a", "anna", "look-up")


async def settled() -> None:
    for _ in range(5):
        await checkpoint()


async def served(slots: FairSlots, flows: Sequence[Flow]) -> list[Flow]:
    """In which order they are served that ask in this order, while one slot is taken."""
    order: list[Flow] = []

    async def ask(flow: Flow) -> None:
        async with slots.held(flow):
            order.append(flow)

    async with anyio.create_task_group() as tasks, slots.held(("key-x",)):
        for flow in flows:
            tasks.start_soon(ask, flow)
            await settled()
    return order


@pytest.mark.parametrize("other", [LOOK_UP, OTHER_KEY, OTHER_CALL], ids=str)
async def test_who_asks_once_waits_for_one_request_of_who_asks_often(other: Flow) -> None:
    order = await served(FairSlots(1), [*repeat(WALK, 20), other])
    assert order.index(other) == 1


async def test_a_key_with_many_callers_has_no_more_turns_than_one_with_a_single_one() -> None:
    crowd: list[Flow] = [("key-a", f"caller {place}", "call") for place in range(10)]
    order = await served(FairSlots(1), [*crowd, *repeat(OTHER_KEY, 3)])
    assert [place for place, flow in enumerate(order) if flow == OTHER_KEY] == [1, 3, 5]


async def test_requests_of_one_call_are_served_in_their_order() -> None:
    flows = [WALK, LOOK_UP, WALK]
    assert await served(FairSlots(1), flows) == [WALK, LOOK_UP, WALK]


async def test_who_gives_up_while_waiting_takes_no_slot_along() -> None:
    slots = FairSlots(1)
    async with anyio.create_task_group() as tasks, slots.held(WALK):
        with anyio.move_on_after(1):
            async with slots.held(LOOK_UP):
                pytest.fail("there is no free slot")
        tasks.start_soon(settled)
    with anyio.fail_after(1):
        async with slots.held(LOOK_UP):
            pass


async def test_who_is_cancelled_at_its_turn_passes_it_on() -> None:
    slots, scope = FairSlots(1), anyio.CancelScope()

    async def give_up() -> None:
        with scope:
            async with slots.held(LOOK_UP):
                await anyio.sleep_forever()

    async with anyio.create_task_group() as tasks:
        async with slots.held(WALK):
            tasks.start_soon(give_up)
            await settled()
        scope.cancel()
    with anyio.fail_after(1):
        async with slots.held(WALK):
            pass


class TestBudgets:
    async def test_a_key_sends_so_many_a_second_after_a_first_burst(self) -> None:
        budgets, began = Budgets(10, nobody_else), anyio.current_time()
        times: list[float] = []
        for _ in range(30):
            await budgets.spend(WALK)
            times.append(anyio.current_time() - began)
        assert times[9] == 0
        assert times[-1] == pytest.approx(2.0)

    async def test_a_walk_does_not_make_a_look_up_with_the_same_key_wait_longer_than_a_turn(self) -> None:
        budgets, began = Budgets(1, nobody_else), anyio.current_time()
        ends: dict[Flow, float] = {}

        async def spend(flow: Flow) -> None:
            await budgets.spend(flow)
            ends[flow] = anyio.current_time() - began

        async with anyio.create_task_group() as tasks:
            for flow in chain(repeat(WALK, 30), [LOOK_UP]):
                tasks.start_soon(spend, flow)
        assert ends == {LOOK_UP: pytest.approx(2.0), WALK: pytest.approx(30.0)}

    async def test_other_keys_have_budgets_of_their_own(self) -> None:
        budgets, began = Budgets(1, nobody_else), anyio.current_time()
        for place in range(100):
            await budgets.spend((f"key-{place}", "", ""))
        assert anyio.current_time() == began

    async def test_nothing_is_kept_of_a_key_that_has_paused(self) -> None:
        budgets = Budgets(1, nobody_else)
        for place in range(1000):
            await budgets.spend((f"key-{place}", "", ""))
        await anyio.sleep(5)
        await budgets.spend(WALK)
        assert len(budgets) == 1
