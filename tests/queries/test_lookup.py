"""Look-ups over a scripted API: the results, and the exact requests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.outcomes import Found
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import Ambiguous, InvalidInput, NotFound
from faktoora_mcp.queries import lookup
from faktoora_mcp.queries.coverage import NOBODY
from tests.scripted import RECORD, Script, page, reply, settings

pytestmark = pytest.mark.anyio
CONTACTS: list[JsonValue] = [{"id": "1", "lastName": "Muster"}]
PLACES: list[JsonValue] = [{"id": "2", "city": "Hamburg"}]
VERIFY = "GET /customer/verify-customer-number?value=CUST-0042"
SEARCH = "GET /customers?keywords[]=CUST-0042&page={page}&perPage=100"
NEWEST = "GET /customers?{words}page={page}&perPage=100&sort=createdAt&order=desc"
LISTED = "GET /customers?keywords[]={word}&page=1&perPage=100&relationFields[]={relation}"


@asynccontextmanager
async def over(script: Script) -> AsyncGenerator[FaktooraClient]:
    async with FaktooraClient(settings(), script) as client:
        yield client


def record_with(**more: JsonValue) -> dict[str, JsonValue]:
    return {**RECORD, **more}


def taken() -> httpx.Response:
    return reply({"succeed": False})


def numbered(number: str, identity: str = "other") -> dict[str, JsonValue]:
    return record_with(id=identity, customerId=number)


def full_page(number: int) -> httpx.Response:
    """A page of a hundred hits that only contain the number, out of very many."""
    hits = [numbered(f"CUST-0042-{place}") for place in range(100)]
    return page(*hits, page=number, per_page=100, total=10_000)


def proven() -> list[httpx.Response]:
    """The newest customer, nobody, and the newest customer by a part of its number."""
    newest = page(numbered("CUST-0815"))
    return [newest, page(), page(numbered("CUST-0815"))]


PROOF = [
    NEWEST.format(words="", page=1),
    f"GET /customers?keywords[]={NOBODY}&page=1&perPage=20",
    NEWEST.format(words="keywords[]=ust-0815&", page=1),
]


class TestPage:
    async def test_a_page_is_returned_as_it_came(self) -> None:
        async with over(Script(page(RECORD, page=2, per_page=1, total=2))) as client:
            found = await lookup.page(client, CustomerQuery(page=2, per_page=1))
        assert found == CustomerPage((Customer(RECORD),), page=2, per_page=1, total_items=2)

    async def test_words_without_a_hit_are_searched_separately(self) -> None:
        script = Script(page(total=0), page(RECORD, total=1), page(RECORD), page())
        async with over(script) as client:
            found = await lookup.page(client, CustomerQuery(keywords=("Acme Berlin", "GmbH")))
        assert [customer.id for customer in found.customers] == [RECORD["id"]]
        paging = "page=1&perPage=20"
        assert script.calls == [
            f"GET /customers?keywords[]=Acme%20Berlin&keywords[]=GmbH&{paging}",
            f"GET /customers?keywords[]=Acme&keywords[]=Berlin&keywords[]=GmbH&{paging}",
            f"GET /customers?keywords[]=Acme&{paging}",
            f"GET /customers?keywords[]=Acme&keywords[]={NOBODY}&{paging}",
        ]

    async def test_words_with_a_hit_are_not_searched_separately(self) -> None:
        script = Script(page(RECORD, total=1))
        async with over(script) as client:
            await lookup.page(client, CustomerQuery(keywords=("Acme GmbH",)))
        assert len(script.calls) == 1

    async def test_words_are_searched_without_the_punctuation_around_them(self) -> None:
        script = Script(page(total=0), page())
        async with over(script) as client:
            await lookup.page(client, CustomerQuery(keywords=("Müller & Söhne (Bau), 50 %", "K-42")))
        words = "keywords[]=M%C3%BCller&keywords[]=S%C3%B6hne&keywords[]=Bau&keywords[]=50&keywords[]=K-42"
        assert script.calls[1] == f"GET /customers?{words}&page=1&perPage=20"

    @pytest.mark.parametrize("keyword", ["&", "%", "- & -", "..."])
    async def test_punctuation_alone_is_no_word(self, keyword: str) -> None:
        script = Script(page(total=0))
        async with over(script) as client:
            assert (await lookup.page(client, CustomerQuery(keywords=(keyword,)))).customers == ()
        assert len(script.calls) == 1

    async def test_without_a_total_words_without_a_hit_are_searched_separately_too(self) -> None:
        script = Script(reply([]), reply([RECORD]), reply([RECORD]), reply([]))
        async with over(script) as client:
            found = await lookup.page(client, CustomerQuery(keywords=("Max Müller",)))
        assert [customer.id for customer in found.customers] == [RECORD["id"]]

    async def test_without_a_total_a_later_page_of_words_is_searched_separately_like_the_first(self) -> None:
        script = Script(reply([]), reply([]), reply([RECORD]), reply([RECORD]), reply([]))
        async with over(script) as client:
            found = await lookup.page(client, CustomerQuery(keywords=("Max Müller",), page=2))
        assert [customer.id for customer in found.customers] == [RECORD["id"]]
        assert script.calls[:3] == [
            "GET /customers?keywords[]=Max%20M%C3%BCller&page=2&perPage=20",
            "GET /customers?keywords[]=Max%20M%C3%BCller&page=1&perPage=20",
            "GET /customers?keywords[]=Max&keywords[]=M%C3%BCller&page=2&perPage=20",
        ]

    async def test_without_a_total_a_page_past_the_end_does_not_search_words_separately(self) -> None:
        script = Script(reply([]), reply([RECORD]))
        async with over(script) as client:
            with pytest.raises(InvalidInput):
                await lookup.page(client, CustomerQuery(keywords=("Max Müller",), page=2))
        assert len(script.calls) == 2

    async def test_a_single_word_without_a_hit_is_searched_once(self) -> None:
        script = Script(page(total=0))
        async with over(script) as client:
            found = await lookup.page(client, CustomerQuery(keywords=("Acme", "Berlin")))
        assert (found.customers, len(script.calls)) == ((), 1)

    async def test_no_customers_are_no_error(self) -> None:
        async with over(Script(page())) as client:
            assert await lookup.page(client, CustomerQuery()) == CustomerPage((), 1, 20, 0)

    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            (page(page=9, total=57), "there are 57 customers, 20 to a page"),
            (reply([]), "there are fewer pages, 20 to a page"),
            (
                httpx.Response(200, json=[], headers={"X-Total-Count": "3"}),
                "there are 3 customers, 20 to a page",
            ),
        ],
        ids=["total", "no total", "total in a header"],
    )
    async def test_a_page_past_the_end_is_an_error_that_names_the_total(
        self, answer: httpx.Response, sentence: str
    ) -> None:
        async with over(Script(answer)) as client:
            with pytest.raises(InvalidInput) as caught:
                await lookup.page(client, CustomerQuery(page=9))
        assert caught.value.envelope() == {
            "error": {
                "code": "invalid_input",
                "message": "Page 9 is past the end.",
                "fields": {"page": sentence},
                "retryable": False,
                "next": "Start with page 1 and follow nextPage.",
            }
        }


class TestCustomer:
    async def test_id_and_number_find_the_same_customer(self) -> None:
        script = Script(reply(RECORD), taken(), page(RECORD))
        async with over(script) as client:
            assert await lookup.customer(client, "cust_abc123", None) == Found(Customer(RECORD))
            assert await lookup.customer(client, None, "CUST-0042") == Found(Customer(RECORD))
        assert script.calls == ["GET /customer/cust_abc123", VERIFY, SEARCH.format(page=1)]

    @pytest.mark.parametrize(("identity", "number"), [(None, None), ("cust_abc123", "CUST-0042")])
    async def test_exactly_one_of_id_and_number_is_needed(
        self, identity: str | None, number: str | None
    ) -> None:
        script = Script()
        async with over(script) as client:
            with pytest.raises(InvalidInput, match="Exactly one of id and number is needed"):
                await lookup.customer(client, identity, number)
        assert script.calls == []


class TestById:
    async def test_an_unknown_id_is_not_found(self) -> None:
        async with over(Script(reply({}, 404))) as client:
            with pytest.raises(NotFound, match="No customer has the id nobody"):
                await lookup.by_id(client, "nobody")

    async def test_a_relation_in_the_answer_takes_one_request(self) -> None:
        record = record_with(customerContacts=CONTACTS, user=None)
        script = Script(reply(record))
        async with over(script) as client:
            found = await lookup.by_id(client, "cust_abc123", ("customerContacts", "user"))
        assert found == Found(Customer(record), relations=("customerContacts", "user"))
        assert script.calls == [
            "GET /customer/cust_abc123?relationFields[]=customerContacts&relationFields[]=user"
        ]

    async def test_a_relation_that_the_answer_lacks_is_read_through_the_list(self) -> None:
        hit = record_with(customerDeliveryAddresses=PLACES, city="an older Berlin")
        script = Script(reply(RECORD), page(record_with(id="other"), hit))
        async with over(script) as client:
            found = await lookup.by_id(client, "cust_abc123", ("customerDeliveryAddresses",))
        assert found == Found(Customer(record_with(deliveryAddresses=PLACES)), (), ("deliveryAddresses",))
        assert script.calls == [
            "GET /customer/cust_abc123?relationFields[]=customerDeliveryAddresses",
            LISTED.format(word="CUST-0042", relation="customerDeliveryAddresses"),
        ]

    @pytest.mark.parametrize("value", [None, "user-17"], ids=str)
    async def test_a_null_list_and_a_relation_that_is_an_id_are_not_loaded(self, value: JsonValue) -> None:
        relation = "customerContacts" if value is None else "user"
        bare = record_with(**{relation: value})
        async with over(Script(reply(bare), page(bare))) as client:
            found = await lookup.by_id(client, "cust_abc123", (relation,))
        assert found == Found(Customer(bare), (relation,), (relation,))

    async def test_a_relation_that_cannot_be_loaded_is_named(self) -> None:
        record = record_with(customerContacts=CONTACTS)
        script = Script(reply(record), page(RECORD))
        async with over(script) as client:
            found = await lookup.by_id(client, "cust_abc123", ("customerContacts", "user"))
        assert found == Found(Customer(record), ("user",), ("customerContacts", "user"))
        assert len(script.calls) == 2

    @pytest.mark.parametrize(
        ("record", "word"),
        [
            (record_with(customerId=None), "Acme&keywords[]=GmbH"),
            (record_with(customerId=None, name="Acme & Co. (Bau)"), "Acme&keywords[]=Co&keywords[]=Bau"),
            (record_with(customerId=None, name=None, firstName="Erika", lastName="M"), "Erika&keywords[]=M"),
        ],
        ids=["name", "punctuation", "person"],
    )
    async def test_without_a_number_the_list_is_searched_by_name(
        self, record: dict[str, JsonValue], word: str
    ) -> None:
        script = Script(reply(record), page())
        async with over(script) as client:
            await lookup.by_id(client, "cust_abc123", ("user",))
        assert script.calls[1:] == [LISTED.format(word=word, relation="user")]

    async def test_without_number_and_name_the_list_is_not_searched(self) -> None:
        record: dict[str, JsonValue] = {"id": "cust_abc123", "city": "Berlin"}
        async with over(Script(reply(record))) as client:
            found = await lookup.by_id(client, "cust_abc123", ("user",))
        assert found == Found(Customer(record), ("user",), ("user",))


class TestByNumber:
    async def test_a_free_number_is_not_found_after_one_request(self) -> None:
        script = Script(reply({"succeed": True}))
        async with over(script) as client:
            with pytest.raises(NotFound, match="No customer has the number CUST-0042: it is free"):
                await lookup.by_number(client, "CUST-0042")
        assert script.calls == [VERIFY]

    async def test_a_hit_that_only_contains_the_number_does_not_count(self) -> None:
        hits = page(numbered("CUST-00421"), numbered("cust-0042"), numbered("XCUST-0042"), RECORD)
        async with over(Script(taken(), hits)) as client:
            assert await lookup.by_number(client, "CUST-0042") == Found(Customer(RECORD))

    async def test_leading_zeros_count(self) -> None:
        async with over(Script(taken(), page(numbered("3"), numbered("0003")), *proven())) as client:
            with pytest.raises(NotFound, match="003 is in use, but no search hit"):
                await lookup.by_number(client, "003")

    async def test_it_is_found_on_the_fifth_page(self) -> None:
        fifth = page(RECORD, page=5, per_page=100, total=10_000)
        script = Script(taken(), *map(full_page, range(1, 5)), fifth)
        async with over(script) as client:
            assert await lookup.by_number(client, "CUST-0042") == Found(Customer(RECORD))
        assert script.calls == [VERIFY, *(SEARCH.format(page=number) for number in range(1, 6))]

    async def test_more_than_five_pages_are_not_read(self) -> None:
        script = Script(taken(), *map(full_page, range(1, 6)), *proven())
        async with over(script) as client:
            with pytest.raises(NotFound, match="CUST-0042 is in use, but no search hit"):
                await lookup.by_number(client, "CUST-0042")
        assert script.calls == [VERIFY, *(SEARCH.format(page=number) for number in range(1, 6)), *PROOF]

    async def test_a_taken_number_without_a_hit_is_not_found_with_the_reason(self) -> None:
        script = Script(taken(), page(), *proven())
        async with over(script) as client:
            with pytest.raises(NotFound) as caught:
                await lookup.by_number(client, "CUST-0042")
        assert caught.value.envelope() == {
            "error": {
                "code": "not_found",
                "message": "CUST-0042 is in use, but no search hit and none of the newest customers has "
                "exactly this number.",
                "retryable": False,
                "next": "Search by name with list_customers.",
            }
        }
        assert script.calls == [VERIFY, SEARCH.format(page=1), *PROOF]

    async def test_where_numbers_are_not_searched_the_newest_customers_are_read(self) -> None:
        newest = page(numbered("CUST-0815"), RECORD)
        script = Script(taken(), page(), newest, page(), page(), newest)
        async with over(script) as client:
            assert await lookup.by_number(client, "CUST-0042") == Found(Customer(RECORD))
        every = PROOF[0].replace("perPage=100", "perPage=1000")
        assert script.calls == [VERIFY, SEARCH.format(page=1), *PROOF, every]

    async def test_several_holders_are_ambiguous_and_all_named(self) -> None:
        holders = [numbered("CUST-0042", f"id-{place}") for place in range(7)]
        async with over(Script(taken(), page(*holders))) as client:
            with pytest.raises(Ambiguous) as caught:
                await lookup.by_number(client, "CUST-0042")
        assert caught.value.envelope() == {
            "error": {
                "code": "ambiguous",
                "message": "7 customers have the number CUST-0042.",
                "retryable": False,
                "next": "Choose one by its id.",
                "candidates": [
                    {
                        "id": f"id-{place}",
                        "customerId": "CUST-0042",
                        "name": "Acme GmbH",
                        "postcode": "10115",
                        "city": "Berlin",
                    }
                    for place in range(5)
                ],
            }
        }

    async def test_relations_are_requested_with_the_search(self) -> None:
        hit = record_with(customerContacts=CONTACTS)
        script = Script(taken(), page(hit))
        async with over(script) as client:
            found = await lookup.by_number(client, "CUST-0042", ("customerContacts", "user"))
        assert found == Found(Customer(hit), ("user",), ("customerContacts", "user"))
        relations = "&relationFields[]=customerContacts&relationFields[]=user"
        assert script.calls == [VERIFY, SEARCH.format(page=1) + relations]

    async def test_a_number_is_escaped_in_the_query(self) -> None:
        script = Script(reply({"succeed": True}))
        async with over(script) as client:
            with pytest.raises(NotFound):
                await lookup.by_number(client, "K&B 1/2 ä")
        assert script.calls == ["GET /customer/verify-customer-number?value=K%26B%201%2F2%20%C3%A4"]


class TestHolder:
    async def test_it_is_the_customer_with_exactly_this_number(self) -> None:
        script = Script(page(numbered("CUST-00421"), RECORD))
        async with over(script) as client:
            assert await lookup.holder(client, "CUST-0042") == Customer(RECORD)
        assert script.calls == [SEARCH.format(page=1)]

    async def test_it_is_unknown_after_one_request(self) -> None:
        script = Script(full_page(1))
        async with over(script) as client:
            assert await lookup.holder(client, "CUST-0042") is None
        assert script.calls == [SEARCH.format(page=1)]
