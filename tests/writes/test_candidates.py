"""What is read before a customer is created: which requests, how many at once, how much of the base."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import Forbidden
from faktoora_mcp.writes.candidates import Candidates, find_candidates, name_words, read_all, searches
from faktoora_mcp.writes.candidates import newest as query
from tests.scripted import Script, page, reply
from tests.writes.scripts import ACME, LIST, NEWEST, Routes, over, record_with

pytestmark = pytest.mark.anyio
SORTED = "page=1&perPage=100&sort=createdAt&order=desc"
WANTED: dict[str, JsonValue] = {**ACME, "customerId": "CUST-1", "name": "Möbel Acme Söhne GmbH & Co. KG"}
FULL = [record_with(id=str(number)) for number in range(100)]


class TestSmallBase:
    async def test_it_is_read_whole_and_not_searched(self) -> None:
        script = Script(page(record_with(id="1"), record_with(id="2")))
        seen = await looked(script)
        assert (seen.customers.keys(), seen.total, seen.whole) == ({"1", "2"}, 2, True)
        assert script.calls == [NEWEST]

    async def test_up_to_five_hundred_customers_are_small(self) -> None:
        script = Routes({LIST: [page(*FULL, per_page=100, total=500)]})
        seen = await looked(script)
        assert (seen.total, seen.whole) == (500, True)
        assert script.calls == [NEWEST.replace("page=1", f"page={number}") for number in range(1, 6)]

    async def test_without_totals_a_page_that_is_not_full_is_the_whole_base(self) -> None:
        script = Script(reply([record_with()]))
        seen = await looked(script)
        assert (seen.customers.keys(), seen.total, seen.whole) == ({"cust_abc123"}, None, True)

    async def test_pages_shorter_than_asked_for_are_all_read(self) -> None:
        def shorter(request: httpx.Request) -> httpx.Response:
            number = int(request.url.params["page"])
            return page(record_with(id=str(number)), page=number, per_page=1, total=3)

        seen = await looked(Routes({LIST: [shorter]}))
        assert (seen.customers.keys(), seen.whole) == ({"1", "2", "3"}, True)


class TestLargeBase:
    async def test_one_customer_more_is_searched_by_number_email_name_and_postcode(self) -> None:
        script = Routes({LIST: [page(*FULL, per_page=100, total=501), page()]})
        await looked(script)
        assert script.calls == [
            NEWEST,
            f"GET /customers?keywords[]=CUST-1&{SORTED}",
            f"GET /customers?keywords[]=billing%40acme.example.com&{SORTED}",
            f"GET /customers?keywords[]=M%C3%B6bel&keywords[]=S%C3%B6hne&keywords[]=Acme&{SORTED}",
            f"GET /customers?keywords[]=10115&{SORTED}",
        ]

    async def test_every_customer_that_came_by_is_seen(self) -> None:
        first, hits = page(record_with(id="1"), per_page=100, total=2910), page(record_with(id="2"))
        seen = await looked(Routes({LIST: [first, hits]}))
        assert (seen.customers.keys(), seen.whole) == ({"1", "2"}, False)
        assert seen.share == "2 of 2,910"

    async def test_a_full_page_without_totals_may_be_followed_by_any_number(self) -> None:
        script = Routes({LIST: [reply(FULL), reply([])]})
        seen = await looked(script)
        assert (seen.share, seen.whole, len(script.calls)) == ("100 of an unknown number", False, 5)

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, []),
            ({"name": "Acme GmbH"}, [("Acme",)]),
            ({"name": " ", "email": " ", "postcode": "10115 "}, [("10115",)]),
            ({"customerId": "7", "firstName": "Erika"}, [("7",), ("Erika",)]),
        ],
    )
    def test_only_what_is_given_is_searched_for(
        self, body: dict[str, JsonValue], expected: list[tuple[str, ...]]
    ) -> None:
        assert searches(body) == expected

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("Acme GmbH", ("Acme",)),
            ("Bau Müller Hoch Tiefbau AG", ("Tiefbau", "Müller", "Hoch")),
            ("Müller & Söhne GmbH", ("Müller", "Söhne")),
            ("GmbH", ("GmbH",)),
            ("", ()),
        ],
    )
    def test_a_name_is_searched_by_its_longest_words_without_legal_form(
        self, name: str, words: tuple[str, ...]
    ) -> None:
        assert name_words({"name": name}) == words


class TestReadAll:
    async def test_all_requests_are_under_way_at_once(self) -> None:
        queries = [query((word,)) for word in ("a", "b", "c", "d")]
        async with reading(Meeting(len(queries))) as client:
            pages = await read_all(client, queries)
        assert [customer.id for page in pages for customer in page.customers] == ["a", "b", "c", "d"]

    async def test_of_several_errors_the_first_comes_as_it_is(self) -> None:
        async with reading(Routes({LIST: [reply({"message": "no"}, 403)]})) as client:
            with pytest.raises(Forbidden, match="The API key may not do this: no"):
                await read_all(client, [query(("a",)), query(("b",))])


class Meeting(Script):
    """Answers no request before so many have arrived."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size, self._all_there = size, anyio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if len(self.requests) == self._size:
            self._all_there.set()
        with anyio.fail_after(2):
            await self._all_there.wait()
        return page(record_with(id=request.url.params["keywords[]"]))


@asynccontextmanager
async def reading(script: Script) -> AsyncGenerator[FaktooraClient]:
    async with over(script=script) as writer:
        yield writer.client


async def looked(script: Script) -> Candidates:
    async with reading(script) as client:
        return await find_candidates(client, WANTED)
