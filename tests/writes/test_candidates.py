"""What is read before a customer is created: which requests, how many at once, how much of the base."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import Forbidden
from faktoora_mcp.queries.coverage import NOBODY
from faktoora_mcp.sandbox.forms import CURRENT
from faktoora_mcp.writes.candidates import (
    COMPARED_BASE,
    Candidates,
    find_candidates,
    name_words,
    read_all,
    searches,
)
from faktoora_mcp.writes.candidates import newest as query
from tests.agents import agent
from tests.bases import SEARCHED, Base, always
from tests.sandboxes import Sandbox
from tests.scripted import Script, page, reply
from tests.writes.scripts import ACME, LIST, NEWEST, Routes, over, record_with

pytestmark = pytest.mark.anyio
SORTED = "page=1&perPage=100&sort=createdAt&order=desc"
WANTED: dict[str, JsonValue] = {**ACME, "customerId": "CUST-1", "name": "Möbel Acme Söhne GmbH & Co. KG"}
PERSON: dict[str, JsonValue] = {"isCompany": False, "firstName": "Erika", "lastName": "Musterfrau"}
FULL = [record_with(id=str(number)) for number in range(100)]


class TestSmallBase:
    async def test_it_is_read_whole_and_not_searched(self) -> None:
        script = Script(page(record_with(id="1"), record_with(id="2")))
        seen = await looked(script)
        assert (seen.customers.keys(), seen.total, seen.whole) == ({"1", "2"}, 2, True)
        assert script.calls == [NEWEST]

    async def test_up_to_five_hundred_customers_are_small(self) -> None:
        api = Sandbox(500)
        seen = await looked(api)
        assert (len(seen.customers), seen.total, seen.whole, seen.not_compared) == (500, 500, True, ())
        assert sorted(api.calls) == [NEWEST.replace("page=1", f"page={number}") for number in range(1, 6)]

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

    async def test_a_base_that_changes_while_it_is_read_is_not_whole(self) -> None:
        first, other = page(*FULL, per_page=100, total=200), page(*FULL[:99], per_page=100, total=199)
        seen = await looked(Routes({LIST: [first, other]}))
        assert (len(seen.customers), seen.whole) == (100, False)


class TestLargeBase:
    async def test_one_customer_more_is_searched_by_number_email_name_and_postcode(self) -> None:
        api = Sandbox(501)
        seen = await looked(api)
        assert (seen.total, seen.whole, seen.not_compared) == (501, False, ())
        assert api.calls[0] == NEWEST
        assert f"GET /customers?keywords[]={NOBODY}&page=1&perPage=20" in api.calls
        assert sorted(api.calls[-4:]) == [
            f"GET /customers?keywords[]=10115&{SORTED}",
            f"GET /customers?keywords[]=CUST-1&{SORTED}",
            f"GET /customers?keywords[]=M%C3%B6bel&keywords[]=S%C3%B6hne&keywords[]=Acme&{SORTED}",
            f"GET /customers?keywords[]=billing%40acme.example.com&{SORTED}",
        ]
        assert len(api.calls) == 1 + 1 + 4 + 4

    async def test_what_was_proven_is_not_proven_again(self) -> None:
        api = Sandbox(501)
        async with reading(api) as client:
            await find_candidates(client, WANTED)
            api.requests.clear()
            await find_candidates(client, WANTED)
        assert len(api.calls) == 1 + 4

    async def test_every_customer_that_was_read_is_compared(self) -> None:
        first, hits = page(record_with(id="1"), per_page=100, total=5001), page(record_with(id="2"))
        seen = await looked(Routes({LIST: [first, hits]}))
        assert (seen.customers.keys(), seen.whole) == ({"1", "2"}, False)
        assert seen.share == "2 of 5,001"

    async def test_a_full_page_without_totals_may_be_followed_by_any_number(self) -> None:
        script = Routes({LIST: [reply(FULL), reply([])]})
        seen = await looked(script)
        assert (seen.share, seen.whole) == ("100 of an unknown number", False)
        assert seen.not_compared == ("customerId", "email", "name", "postcode")

    async def test_a_search_with_more_hits_than_a_page_leaves_some_uncompared(self) -> None:
        base = Base([firm(place) | {"postcode": "10115"} for place in range(600)])
        base.records[-1]["postcode"] = "80331"
        seen = await looked(base)
        assert (seen.whole, seen.not_compared) == (False, ("postcode",))

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, []),
            ({"name": "Acme GmbH"}, [("name", ("Acme",))]),
            ({"name": " ", "email": " ", "postcode": "10115 "}, [("postcode", ("10115",))]),
            ({"customerId": "7", "lastName": "Erika"}, [("customerId", ("7",)), ("lastName", ("Erika",))]),
        ],
    )
    def test_only_what_is_given_is_searched_for(
        self, body: dict[str, JsonValue], expected: list[tuple[str, tuple[str, ...]]]
    ) -> None:
        assert [(search.fields[0], search.words) for search in searches(body)] == expected

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("Acme GmbH", ("Acme",)),
            ("Bau Müller Hoch Tiefbau AG", ("Tiefbau", "Müller", "Hoch")),
            ("Müller & Söhne GmbH", ("Müller", "Söhne")),
            ("Müller, Söhne u. Enkel (Bau) GmbH", ("Müller", "Söhne", "Enkel")),
            ("Fa. Zwirn24 e.K., Inh. Anna Probe", ("Zwirn24",)),
            ("Herrn Dipl.-Ing. Max Probe", ("Probe", "Max")),
            ("Knopf Verwaltungsgesellschaft mbH", ("Knopf",)),
            ("GmbH", ("GmbH",)),
            ("", ()),
        ],
    )
    def test_a_name_is_searched_by_its_longest_words_without_legal_form(
        self, name: str, words: tuple[str, ...]
    ) -> None:
        assert name_words({"name": name}) == words


class TestUnprovenSearch:
    """The search does not cover what a duplicate would be found by."""

    @pytest.mark.parametrize("field", ["customerId", "email", "name", "postcode"])
    async def test_up_to_five_thousand_customers_are_all_read(self, field: str) -> None:
        base = Base([firm(place) for place in range(COMPARED_BASE)], searched={*SEARCHED} - {field})
        seen = await looked(base)
        assert (len(seen.customers), seen.whole, seen.not_compared) == (COMPARED_BASE, True, ())

    @pytest.mark.parametrize("field", ["customerId", "email", "name", "postcode"])
    async def test_of_more_customers_the_field_that_was_not_compared_is_named(self, field: str) -> None:
        base = Base([firm(place) for place in range(COMPARED_BASE + 1)], searched={*SEARCHED} - {field})
        seen = await looked(base)
        assert (seen.total, seen.whole, seen.not_compared) == (COMPARED_BASE + 1, False, (field,))
        assert len(base.asked) < 20

    async def test_where_a_search_finds_everybody_nothing_was_compared(self) -> None:
        base = Base([firm(place) for place in range(COMPARED_BASE + 1)], finds=always)
        seen = await looked(base)
        assert seen.not_compared == ("customerId", "email", "name", "postcode")

    async def test_a_person_is_compared_with_all_where_last_names_are_not_searched(self) -> None:
        api = Sandbox(501, CURRENT)
        async with reading(api) as client:
            seen = await find_candidates(client, PERSON)
        assert (len(seen.customers), seen.whole) == (501, True)


class TestWarning:
    """What an agent reads about a new customer that was not compared with all."""

    @pytest.mark.parametrize("dry_run", [False, True])
    async def test_the_fields_that_were_not_compared_are_named(self, *, dry_run: bool) -> None:
        api = Sandbox(COMPARED_BASE + 1, replace(CURRENT, search_fields=("name", "postcode")))
        async with agent("auto", api) as someone:
            helgoland = ACME | {"postcode": "27498", "city": "Helgoland"}
            answer = await someone.call("create_customer", customer=helgoland, dry_run=dry_run)
        (warning,) = [line for line in answer["warnings"] if line.startswith("duplicate")]
        assert re.sub("[0-9]+ of", "N of", warning) == (
            "duplicate: N of 5,001 customers were compared; others could be equal by email, since the API's "
            "search was not shown to find them all"
        )

    async def test_a_duplicate_that_no_search_finds_is_found_by_reading_all(self) -> None:
        api = Sandbox(501, replace(CURRENT, search_fields=("city",)))
        held = await api.add(ACME | {"name": "Zinnober Verlag KG"})
        for place in range(100):
            await api.add(ACME | {"name": f"Firma {place}", "postcode": "80331", "email": ""})
        async with agent("auto", api) as someone:
            error = await someone.fails("create_customer", customer=ACME | {"name": "Zinnober Verlag KG"})
        assert (error["code"], [one["id"] for one in error["candidates"]]) == ("duplicate", [held["id"]])


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
async def reading(script: httpx.AsyncBaseTransport) -> AsyncGenerator[FaktooraClient]:
    async with over(script=script) as writer:
        yield writer.client


def firm(place: int) -> dict[str, JsonValue]:
    return {
        "id": f"c{place}",
        "customerId": f"K-{place:05}",
        "name": f"Firma {place:05}x",
        "email": f"post{place:05}@firma.example",
        "postcode": f"{10_115 + 3 * place}",
    }


async def looked(script: httpx.AsyncBaseTransport) -> Candidates:
    async with reading(script) as client:
        return await find_candidates(client, WANTED)
