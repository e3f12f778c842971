"""Creations at the same time: of one customer one is made; different customers do not wait for each other."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.models import NewCustomer
from faktoora_mcp.errors import Busy, Duplicate, FaktooraError, OutcomeUnknown
from faktoora_mcp.settings import LATE_COMMIT_S
from faktoora_mcp.writes.candidates import newest
from faktoora_mcp.writes.create import create_customer
from faktoora_mcp.writes.session import Writer
from tests.faulty import FAULTS, FaultyApi
from tests.faulty import Fault as Meeting
from tests.scripted import Script, page, reply
from tests.told import told
from tests.writes.scripts import ACME, new, over

pytestmark = pytest.mark.anyio
OTHER = new(name="Zinnober KG", email="z@zinnober.example.com", postcode="24103", city="Kiel")
POST = "POST /customer"


@asynccontextmanager
async def at(api: FaultyApi, **given: object) -> AsyncGenerator[Writer]:
    """A writer with the times that users have."""
    async with over(script=api, **{"timeout_s": 20} | given) as writer:
        yield writer
    await api.aclose()


async def words(
    writer: Writer, *wanted: NewCustomer, apart_s: float = 0, allow: bool = False, assign: bool = False
) -> list[str]:
    """`created` or the code of the error for each of these creations, which start one after the other."""
    found: dict[int, str] = {}

    async def create(place: int) -> None:
        await anyio.sleep(place * apart_s)
        try:
            await create_customer(writer, wanted[place], allow_duplicate=allow, assign_number=assign)
            found[place] = "created"
        except FaktooraError as error:
            found[place] = error.code

    async with anyio.create_task_group() as tasks:
        for place in range(len(wanted)):
            tasks.start_soon(create, place)
    return [found[place] for place in range(len(wanted))]


def slow(seconds: float) -> Meeting:
    """The API takes so long to carry it out."""

    async def meet(api: FaultyApi, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(seconds)
        return await api.carry_out(request)

    return meet


class TestOneCustomer:
    @pytest.mark.parametrize("apart_s", [0, 1])
    @pytest.mark.parametrize("times", [2, 3, 12])
    async def test_parallel_creations_make_one_and_the_others_find_it(
        self, times: int, apart_s: float
    ) -> None:
        api = FaultyApi()
        api.meet(slow(4), POST, always=True)
        async with at(api) as writer:
            found = await words(writer, *[new()] * times, apart_s=apart_s)
            assert found == ["created", *["duplicate"] * (times - 1)]
            assert (api.left[POST], len(await api.base())) == (1, 4)

    @pytest.mark.parametrize(
        "more",
        [
            {"email": None},
            {"name": "ACME", "email": None, "city": "Bernau"},
            {"postcode": "20095", "city": "Hamburg"},
        ],
        ids=["name and place", "name and postcode", "e-mail"],
    )
    async def test_the_same_customer_in_other_words_is_found_too(self, more: dict[str, JsonValue]) -> None:
        api = FaultyApi()
        api.meet(slow(4), POST, always=True)
        async with at(api) as writer:
            assert await words(writer, new(), new(**more), apart_s=1) == ["created", "duplicate"]

    async def test_where_both_allow_duplicates_both_are_made(self) -> None:
        async with at(FaultyApi()) as writer:
            assert await words(writer, new(), new(), allow=True) == ["created", "created"]

    @pytest.mark.parametrize("fault", ["422", "500 before", "429"])
    async def test_where_the_first_was_not_made_the_second_is(self, fault: str) -> None:
        api = FaultyApi()
        api.meet(FAULTS[fault], POST)
        async with at(api) as writer:
            first, second = await words(writer, new(), new())
            assert (first != "created", second, len(await api.base())) == (True, "created", 4)

    async def test_where_the_first_is_cancelled_before_it_was_sent_the_second_is_made(self) -> None:
        api = FaultyApi()
        api.meet(slow(10), "GET /customers")
        async with at(api) as writer, anyio.create_task_group() as tasks:
            with anyio.move_on_after(5):
                await create_customer(writer, new())
            tasks.start_soon(create_customer, writer, new())
        assert api.left[POST] == 1

    async def test_who_waits_too_long_is_told_and_nothing_is_sent(self) -> None:
        api = FaultyApi()
        api.meet(FAULTS["silent before"], POST)
        async with at(api, timeout_s=60) as writer:
            assert await words(writer, new(), new(), apart_s=1) == ["outcome_unknown", "busy"]
            assert api.left[POST] == 1


class TestPending:
    """After an unknown outcome the same customer is not sent again while it may arrive late."""

    async def test_a_second_creation_is_refused_with_the_seconds_to_wait(self) -> None:
        api = FaultyApi()
        api.meet(FAULTS["reset before"], POST)
        async with at(api) as writer:
            await unknown(writer)
            for passed_s, left_s in ((0, 120), (80, 40)):
                await anyio.sleep(passed_s)
                with pytest.raises(Busy, match="outcome is not known") as caught:
                    await create_customer(writer, new(email=None))
                assert caught.value.message.endswith("Nothing was sent now.")
                assert f"Try again in {left_s} s" in caught.value.advice
                assert (caught.value.retryable, caught.value.lost) == (True, False)
            assert api.left[POST] == 1

    async def test_a_second_one_that_waited_for_the_first_is_refused_too(self) -> None:
        api = FaultyApi()
        api.meet(FAULTS["reset before"], POST)
        async with at(api) as writer:
            assert await words(writer, new(), new()) == ["outcome_unknown", "busy"]
        assert api.left[POST] == 1

    @pytest.mark.parametrize("allow", [False, True])
    async def test_once_the_time_for_a_late_arrival_is_over_it_is_made(self, *, allow: bool) -> None:
        api = FaultyApi()
        api.meet(FAULTS["reset before"], POST)
        async with at(api) as writer:
            await unknown(writer)
            assert await words(writer, new(), allow=allow) == ["busy"]
            await anyio.sleep(LATE_COMMIT_S)
            assert await words(writer, new(), allow=allow) == ["created"]
            assert len(await api.base()) == 4

    async def test_a_late_arrival_is_found(self) -> None:
        api = FaultyApi()
        api.meet(FAULTS["late by 30 s"], POST)
        async with at(api) as writer:
            await unknown(writer)
            await anyio.sleep(30)
            with pytest.raises(Duplicate) as caught:
                await create_customer(writer, new())
            assert caught.value.details["candidates"]
            assert len(await api.base()) == 4

    async def test_other_customers_are_not_held_up(self) -> None:
        api = FaultyApi()
        api.meet(FAULTS["reset before"], POST)
        async with at(api) as writer:
            with pytest.raises(OutcomeUnknown):
                await create_customer(writer, new(), assign_number=True)
            assert await words(writer, OTHER, assign=True) == ["created"]

    async def test_a_dry_run_is_not_refused(self) -> None:
        api = FaultyApi()
        api.meet(FAULTS["reset before"], POST)
        async with at(api) as writer:
            await unknown(writer)
            assert (await create_customer(writer, new(), dry_run=True)).customer is None

    async def test_a_known_outcome_leaves_nothing_behind(self) -> None:
        api = FaultyApi()
        api.meet(FAULTS["500 before"], POST)
        async with at(api) as writer:
            assert await words(writer, new()) == ["not_created"]
            assert await words(writer, new()) == ["created"]


class TestDifferentCustomers:
    async def test_a_hundred_are_sent_on_all_connections_at_once(self) -> None:
        api = Crowd(size=8)
        async with over(script=api, max_connections=8) as writer:
            boats = [new(name=f"Boot {number}", email=f"{number}@example.com") for number in range(100)]
            assert await words(writer, *boats) == ["created"] * 100
        assert api.most == 8

    async def test_those_that_draw_a_number_get_one_each(self) -> None:
        async with at(FaultyApi()) as writer:
            boats = [new(name=f"Boot {number}", email=None) for number in range(6)]
            before = await numbers(writer)
            assert await words(writer, *boats, assign=True) == ["created"] * 6
            assert len(await numbers(writer) - before) == 6


class TestOtherPrograms:
    async def test_a_customer_that_another_program_made_meanwhile_is_warned_of(self) -> None:
        made: list[str] = []

        async def meanwhile(api: FaultyApi, request: httpx.Request) -> httpx.Response:
            made.append(str((await api.add(ACME))["id"]))
            return await api.carry_out(request)

        api = FaultyApi()
        api.meet(meanwhile, POST)
        async with at(api) as writer:
            created = await create_customer(writer, new())
        assert told(created.warnings) == (
            f"duplicate: the customer with id {made[0]} was created by another program at the same time",
        )

    async def test_customers_that_were_there_before_are_not(self) -> None:
        api = FaultyApi()
        async with at(api) as writer:
            await api.add(ACME)
            created = await create_customer(writer, new(), allow_duplicate=True)
        assert (created.warnings, len(created.similar)) == ((), 1)


class Crowd(Script):
    """Keeps creations until so many are under way at once; `most` were."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size, self._all_there = size, anyio.Event()
        self._under_way = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return page()
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        if self._under_way == self._size:
            self._all_there.set()
        await self._all_there.wait()
        self._under_way -= 1
        self.requests.append(request)
        return reply({"id": str(len(self.requests)), **json.loads(request.content)})


async def unknown(writer: Writer) -> None:
    with pytest.raises(OutcomeUnknown):
        await create_customer(writer, new())


async def numbers(writer: Writer) -> set[str | None]:
    return {customer.number for customer in (await writer.client.list_customers(newest())).customers}
