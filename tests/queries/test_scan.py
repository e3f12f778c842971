"""The scan: what is visited, what is requested, and when it is complete."""

import gc
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import anyio
import httpx
import hypothesis
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError, Forbidden, InvalidInput, Unauthorized, UpstreamUnreadable
from faktoora_mcp.queries.scan import ALL_CUSTOMERS, Limits, Progress, Scan, scan
from tests.scripted import Script, page, reply, settings

pytestmark = pytest.mark.anyio
Form = Callable[[list[JsonValue], int, int, int], httpx.Response]
Change = Callable[[list[str]], None]
Wait = Callable[[int], Awaitable[None]]
PLENTY = Limits(scan_s=30, max_scan=100_000)
GARBLED = "The API's answer follows no known form"
UNSTEADY = "the pages do not fit together, as if customers changed while they were read"


def ids(count: int) -> list[str]:
    return [f"cust_{place}" for place in range(count)]


def counted(rows: list[JsonValue], number: int, size: int, total: int) -> httpx.Response:
    return page(*rows, page=number, per_page=size, total=total)


def with_header(rows: list[JsonValue], _number: int, _size: int, total: int) -> httpx.Response:
    return reply(rows, X_Total_Count=str(total))


def bare(rows: list[JsonValue], *_: int) -> httpx.Response:
    return reply(rows)


def two_more(rows: list[JsonValue], number: int, size: int, total: int) -> httpx.Response:
    return counted(rows, number, size, total + 2)


def always_the_same(*_: object) -> httpx.Response:
    return reply([{"id": one} for one in ids(100)])


def always_the_same_of_500(_rows: list[JsonValue], number: int, size: int, _total: int) -> httpx.Response:
    return counted([{"id": one} for one in ids(100)], number, size, 500)


async def at_once(_number: int) -> None:
    """Let other tasks run, as an answer over a network would."""
    for _ in range(10):
        await checkpoint()


@dataclass
class Pages(httpx.AsyncBaseTransport):
    """GET /customers over a number of ids, oldest first; `meanwhile` holds changes after the nth answer."""

    count: int
    form: Form = counted
    at_most: int = 100
    unreadable: set[int] = field(default_factory=set[int])
    meanwhile: Mapping[int, Change] = field(default_factory=dict[int, Change])
    wait: Wait = at_once

    def __post_init__(self) -> None:
        self.ids = ids(self.count)
        self.listed = self.ids[:]
        self.asked: list[int] = []
        self.answered = self.running = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number, size = (int(request.url.params[name]) for name in ("page", "perPage"))
        self.asked.append(number)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.wait(number)
            return self._answer(number, min(size, self.at_most))
        finally:
            self.running -= 1

    def _answer(self, number: int, size: int) -> httpx.Response:
        rows: list[JsonValue] = [{"id": one} for one in self.ids[(number - 1) * size : number * size]]
        answer = self.form(rows, number, size, len(self.ids))
        self.answered += 1
        self.listed = self.ids[:]
        self.meanwhile.get(self.answered, nothing)(self.ids)
        return httpx.Response(200, json={}) if number in self.unreadable else answer


class Walked(NamedTuple):
    scan: Scan
    seen: list[str]


async def walked(
    api: httpx.AsyncBaseTransport,
    limits: Limits = PLENTY,
    *,
    progress: Progress | None = None,
    connections: int = 8,
    query: CustomerQuery = ALL_CUSTOMERS,
) -> Walked:
    seen: list[str] = []
    async with FaktooraClient(settings(max_connections=connections), api) as client:
        outcome = await scan(client, lambda one: seen.append(one.id), limits, query, progress)
    return Walked(outcome, seen)


def deletes(place: int) -> Change:
    return lambda ids: ids.__delitem__(place)


def creates(*names: str) -> Change:
    return lambda ids: ids.extend(names)


def nothing(_ids: list[str]) -> None:
    """No change."""


def deletes_two(ids: list[str]) -> None:
    del ids[len(ids) // 2 : len(ids) // 2 + 2]


def creates_some(ids: list[str]) -> None:
    ids.extend(f"new at {len(ids) + place}" for place in range(4))


def replaces_the_first(ids: list[str]) -> None:
    ids[:] = [*ids[1:], *(f"new after {gone}" for gone in ids[:1])]


class TestWhole:
    @pytest.mark.parametrize("form", [counted, with_header, bare])
    @pytest.mark.parametrize("count", [1, 99, 100, 101, 300, 1234])
    async def test_every_customer_is_visited_once(self, count: int, form: Form) -> None:
        outcome, seen = await walked(Pages(count, form))
        assert sorted(seen) == sorted(ids(count))
        assert outcome == Scan(count, None if form is bare else count)
        assert outcome.complete

    async def test_the_whole_sandbox_is_visited(self) -> None:
        seen: list[Customer] = []
        async with connect(settings(sandbox=True)) as client:
            outcome = await scan(client, seen.append, PLENTY)
        assert outcome == Scan(len({customer.id for customer in seen}), len(seen))

    async def test_the_query_is_sent_oldest_first_in_large_pages(self) -> None:
        script = Script(page())
        query = CustomerQuery(
            keywords=("a", "b"), page=7, per_page=3, sort="name", order="desc", category="c",
            relation_fields=("user",),
        )  # fmt: skip
        await walked(script, query=query)
        words, paging = "keywords[]=a&keywords[]=b", "page=1&perPage=1000&sort=createdAt&order=asc"
        assert script.calls == [f"GET /customers?{words}&{paging}&category=c&relationFields[]=user"]

    async def test_a_walk_begins_and_ends_with_the_last_page(self) -> None:
        api = Pages(250)
        await walked(api)
        assert api.asked == [1, 3, 1, 2, 3]

    async def test_one_page_is_read_once(self) -> None:
        api = Pages(100)
        await walked(api)
        assert api.asked == [1]

    @pytest.mark.parametrize("form", [counted, with_header, bare])
    async def test_no_customers_are_complete_after_one_request(self, form: Form) -> None:
        api = Pages(0, form)
        assert await walked(api) == (Scan(0, None if form is bare else 0), [])
        assert api.asked == [1]

    @pytest.mark.parametrize("form", [counted, with_header, bare])
    async def test_an_api_that_gives_smaller_pages_is_read_whole(self, form: Form) -> None:
        outcome, seen = await walked(Pages(57, form, at_most=20))
        assert (outcome.complete, sorted(seen)) == (True, sorted(ids(57)))

    @pytest.mark.parametrize(("count", "asked"), [(37, [1, 2]), (200, [1, 2, 3]), (250, [1, 2, 3])])
    async def test_without_a_total_the_pages_end_with_one_that_is_not_full(
        self, count: int, asked: list[int]
    ) -> None:
        api = Pages(count, bare)
        assert (await walked(api)).scan.complete
        assert api.asked == asked


def customers_alive() -> int:
    return sum(isinstance(thing, Customer) for thing in gc.get_objects())


class TestInFlight:
    @pytest.mark.parametrize(("in_flight", "connections", "most"), [(1, 8, 1), (4, 8, 4), (4, 2, 2)])
    async def test_no_more_pages_are_in_flight_than_allowed(
        self, in_flight: int, connections: int, most: int
    ) -> None:
        api = Pages(2000)
        outcome, _ = await walked(api, Limits(30, 10_000, in_flight), connections=connections)
        assert (outcome.complete, api.most) == (True, most)

    async def test_a_slow_page_does_not_hold_up_the_others(self) -> None:
        others_are_read = anyio.Event()

        async def wait(number: int) -> None:
            if number == 2:
                await others_are_read.wait()
            elif number == 19:
                others_are_read.set()

        api = Pages(2000, wait=wait)
        assert (await walked(api)).scan == Scan(2000, 2000)

    async def test_pages_are_not_kept(self) -> None:
        alive: list[int] = []

        def see(customer: Customer) -> None:
            if customer.id.endswith("00"):
                alive.append(customers_alive())

        gc.freeze()  # what other tests left behind is neither counted nor gone through
        try:
            async with FaktooraClient(settings(), Pages(3000)) as client:
                await scan(client, see, PLENTY)
        finally:
            gc.unfreeze()
        assert len(alive) == 29
        assert max(alive) <= 5 * 100


class TestChanges:
    async def test_customers_created_meanwhile_are_visited_at_the_end(self) -> None:
        api = Pages(250, meanwhile={3: creates("new", "newer")})
        outcome, seen = await walked(api)
        assert (outcome, seen[-2:]) == (Scan(252, 252), ["new", "newer"])
        assert api.asked == [1, 3, 1, 2, 3]

    async def test_pages_that_begin_meanwhile_are_read_too(self) -> None:
        new = [f"new_{place}" for place in range(260)]
        api = Pages(250, meanwhile={3: creates(*new)})
        outcome, seen = await walked(api)
        assert (outcome, {*seen}) == (Scan(510, 510), {*ids(250), *new})
        assert api.asked == [1, 3, 1, 2, 3, 6, 3, 4, 5, 6]

    async def test_after_a_deletion_it_walks_again(self) -> None:
        api = Pages(550, meanwhile={4: deletes(0)})
        outcome, seen = await walked(api)
        assert outcome == Scan(read=550, total=549)
        assert sorted(seen) == sorted(ids(550))
        assert len(api.asked) == 1 + 2 * 7

    async def test_a_deletion_hidden_by_a_creation_is_noticed(self) -> None:
        api = Pages(550, meanwhile={4: replaces_the_first})
        outcome, seen = await walked(api)
        assert outcome == Scan(read=551, total=550)
        assert {*api.ids} <= {*seen}

    async def test_a_deletion_before_the_walk_began_needs_no_second_one(self) -> None:
        api = Pages(250, meanwhile={1: deletes(0)})
        assert (await walked(api)).scan == Scan(read=250, total=249)
        assert api.asked == [1, 3, 1, 2, 3]

    async def test_a_last_page_that_is_gone_before_it_is_read_proves_nothing(self) -> None:
        api = Pages(201, meanwhile={1: deletes(0), 3: replaces_the_first})
        outcome, seen = await walked(api)
        assert outcome.complete
        assert {*api.ids} <= {*seen}

    async def test_the_deletion_of_all_customers_makes_the_scan_incomplete(self) -> None:
        api = Pages(250, meanwhile={3: list[str].clear})
        assert (await walked(api)).scan == Scan(150, 0, f"{UNSTEADY}: 150 of 0 customers were read")
        assert min(api.asked) == 1

    async def test_constant_changes_make_the_scan_incomplete(self) -> None:
        api = Pages(550, meanwhile=dict.fromkeys(range(100), replaces_the_first))
        outcome, seen = await walked(api)
        assert not outcome.complete
        assert outcome.reason == f"{UNSTEADY}: {len(seen)} of 550 customers were read"
        assert len(api.asked) == 1 + 2 * 7


class TestContradictions:
    async def test_a_customer_listed_twice_is_visited_once_and_the_count_does_not_match(self) -> None:
        outcome, seen = await walked(Script(page({"id": "1"}, {"id": 1}, {"id": "2"}, total=3)))
        assert seen == ["1", "2"]
        assert outcome == Scan(2, 3, f"{UNSTEADY}: 2 of 3 customers were read")

    async def test_fewer_customers_than_the_total_are_incomplete(self) -> None:
        outcome, _ = await walked(Pages(250, two_more))
        assert outcome == Scan(250, 252, f"{UNSTEADY}: 250 of 252 customers were read")

    async def test_a_total_without_listed_customers_ends_after_one_request(self) -> None:
        api = Pages(0, two_more)
        assert (await walked(api)).scan == Scan(0, 2, f"{UNSTEADY}: 0 of 2 customers were read")
        assert api.asked == [1]

    async def test_an_api_that_always_gives_the_same_page_is_walked_twice(self) -> None:
        api = Pages(100, always_the_same_of_500)
        outcome, seen = await walked(api)
        assert (outcome, seen) == (Scan(100, 500, f"{UNSTEADY}: 100 of 500 customers were read"), ids(100))
        assert len(api.asked) == 1 + 2 * 6

    async def test_without_a_total_the_same_page_again_is_the_last(self) -> None:
        api = Pages(100, always_the_same)
        assert (await walked(api)).scan == Scan(100, None, f"{UNSTEADY}: 100 customers were read")
        assert api.asked == [1, 2]


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [(401, Unauthorized), (403, Forbidden), (200, UpstreamUnreadable)],
    )
    async def test_what_the_first_page_raises_is_raised(self, status: int, kind: type[FaktooraError]) -> None:
        script = Script(reply({}, status))
        with pytest.raises(kind):
            await walked(script)
        assert len(script.calls) == 1

    async def test_a_query_that_is_refused_in_small_pages_too_is_refused(self) -> None:
        script = Script(reply({}, 400), reply({}, 400))
        with pytest.raises(InvalidInput):
            await walked(script)
        assert ["perPage=1000" in script.calls[0], "perPage=100&" in script.calls[1]] == [True, True]

    @pytest.mark.parametrize("number", [7, 10])
    async def test_the_other_pages_are_read_when_one_cannot_be(self, number: int) -> None:
        outcome, seen = await walked(Pages(1000, unreadable={number}))
        why = f"page {number} could not be read ({GARBLED}): 900 of 1,000 customers were read"
        assert outcome == Scan(900, 1000, why)
        assert len(seen) == 900

    async def test_without_a_total_the_walk_ends_before_a_page_that_cannot_be_read(self) -> None:
        outcome, _ = await walked(Pages(1000, bare, unreadable={3}))
        assert outcome == Scan(200, None, f"page 3 could not be read ({GARBLED}): 200 customers were read")

    async def test_after_four_unreadable_pages_the_others_are_not_requested(self) -> None:
        api = Pages(10_000, unreadable={*range(2, 100)})
        outcome, _ = await walked(api, Limits(30, 100_000, in_flight=1))
        why = f"pages 2, 3, 4, 5 could not be read ({GARBLED}): 200 of 10,000 customers were read"
        assert outcome == Scan(200, 10_000, why)
        assert api.asked == [1, 100, 1, 2, 3, 4, 5, 100]

    async def test_a_last_page_that_can_be_read_later_leads_to_a_second_walk(self) -> None:
        api = Pages(250, unreadable={3}, meanwhile={3: lambda _: api.unreadable.clear()})
        assert (await walked(api)).scan == Scan(250, 250)
        assert api.asked == [1, 3, 1, 2, 3, 3, 1, 2, 3]


class TestLimits:
    async def test_the_end_of_the_time_is_reported_with_the_customers_read(self) -> None:
        async def wait(number: int) -> None:
            await (anyio.sleep_forever() if number == 2 else checkpoint())

        outcome, seen = await walked(Pages(500, wait=wait), Limits(0.1, 1000, in_flight=4))
        assert outcome == Scan(400, 500, "time ran out after 0.1 s: 400 of 500 customers were read")
        assert len(seen) == 400

    async def test_time_may_run_out_on_the_first_page(self) -> None:
        outcome, _ = await walked(Pages(500, wait=lambda _: anyio.sleep_forever()), Limits(0.01, 1000))
        assert outcome == Scan(0, None, "time ran out after 0.01 s: 0 customers were read")

    @pytest.mark.parametrize(("max_scan", "pages"), [(100, {1}), (120, {1, 2}), (300, {1, 2, 3})])
    async def test_no_more_than_the_cap_are_visited_and_their_pages_read(
        self, max_scan: int, pages: set[int]
    ) -> None:
        api = Pages(450)
        outcome, seen = await walked(api, Limits(30, max_scan))
        why = f"--max-scan ended the walk: {max_scan} of 450 customers were read"
        assert outcome == Scan(max_scan, 450, why)
        assert (len({*seen}), {*api.asked}) == (max_scan, pages)

    async def test_the_cap_holds_without_a_total(self) -> None:
        api = Pages(450, bare)
        outcome, _ = await walked(api, Limits(30, 120))
        assert outcome == Scan(120, None, "--max-scan ended the walk: 120 customers were read")
        assert api.asked == [1, 2, 3]

    @pytest.mark.parametrize("form", [counted, bare])
    async def test_as_many_customers_as_the_cap_are_complete(self, form: Form) -> None:
        assert (await walked(Pages(300, form), Limits(30, 300))).scan.complete

    async def test_the_cap_holds_for_customers_created_meanwhile(self) -> None:
        api = Pages(250, meanwhile={3: creates(*(f"new_{place}" for place in range(100)))})
        outcome, _ = await walked(api, Limits(30, 260))
        assert outcome == Scan(260, 350, "--max-scan ended the walk: 260 of 350 customers were read")


class TestCaller:
    async def test_progress_counts_pages_as_they_come(self) -> None:
        told: list[tuple[int, int | None]] = []

        async def progress(done: int, pages: int | None) -> None:
            await checkpoint()
            told.append((done, pages))

        await walked(Pages(250), progress=progress)
        assert told == [(1, None), (2, 5), (3, 5), (4, 5), (5, 5)]

    async def test_an_error_of_the_progress_is_raised_unchanged(self) -> None:
        async def progress(done: int, _pages: int | None) -> None:
            if done == 4:
                raise ConnectionResetError("the host went away")

        api = Pages(1000)
        with pytest.raises(ConnectionResetError, match="the host went away"):
            await walked(api, progress=progress)
        assert api.running == 0

    async def test_an_error_of_the_visitor_is_raised_unchanged(self) -> None:
        def see(customer: Customer) -> None:
            if customer.id == "cust_250":
                raise InvalidInput("no such field", advice="Choose another.")

        async with FaktooraClient(settings(), Pages(1000)) as client:
            with pytest.raises(InvalidInput, match="no such field"):
                await scan(client, see, PLENTY)

    async def test_a_cancelled_scan_stops_at_once_and_requests_nothing_more(self) -> None:
        four_are_running = anyio.Event()

        async def wait(_number: int) -> None:
            if api.running == 4:
                four_are_running.set()
            if api.answered >= 2:
                await anyio.sleep_forever()

        async def hang_up() -> None:
            await four_are_running.wait()
            host.cancel_scope.cancel()

        api = Pages(1000, wait=wait)
        async with anyio.create_task_group() as host:
            host.start_soon(hang_up)
            await walked(api)
            pytest.fail("the cancellation was swallowed")
        asked = [*api.asked]
        await at_once(0)
        assert (api.running, api.asked) == (0, asked)
        assert len(asked) == 2 + 4


@st.composite
def troubles(draw: st.DrawFn) -> tuple[Pages, Limits]:
    """Customers in pages of three to five, and changes between answers."""
    change = st.sampled_from((nothing, deletes_two, replaces_the_first, creates_some))
    meanwhile = draw(st.dictionaries(st.integers(1, 20), change, max_size=4))
    delays = draw(st.lists(st.integers(0, 20), min_size=1, max_size=5))

    async def wait(number: int) -> None:
        for _ in range(delays[number % len(delays)]):
            await checkpoint()

    api = Pages(
        draw(st.integers(0, 40)),
        draw(st.sampled_from((counted, counted, with_header, two_more))),
        at_most=draw(st.integers(3, 5)),
        unreadable=draw(st.sets(st.integers(2, 14), max_size=2)),
        meanwhile=meanwhile,
        wait=wait,
    )
    return api, Limits(30, draw(st.integers(10, 100)), draw(st.integers(1, 4)))


@hypothesis.settings(deadline=None)
@hypothesis.given(troubles())
def test_complete_means_that_every_customer_was_visited_exactly_once(trouble: tuple[Pages, Limits]) -> None:
    api, limits = trouble
    outcome, seen = anyio.run(walked, api, limits)
    assert (outcome.read, len(seen)) == (len({*seen}), len({*seen}))
    assert not outcome.complete or {*api.listed} <= {*seen}
