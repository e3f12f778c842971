"""Proofs of what a search covers: of the sandbox in its forms, and of searches that find less, or more."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import httpx
import pytest

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import NotFound
from faktoora_mcp.queries.coverage import (
    CATEGORY,
    NOBODY,
    NOTHING,
    covered,
    needs_all,
    newest_first,
)
from faktoora_mcp.queries.lookup import by_number
from faktoora_mcp.rules.identity_fields import SEARCHABLE
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.settings import PROOF_S
from tests.bases import SEARCHED, Base, Record, always, beginning
from tests.sandboxes import Sandbox
from tests.scripted import ACME, reply, settings

pytestmark = pytest.mark.anyio
TEXTS = frozenset(("name", "lastName", "postcode", "city", "email", "customerId"))
FIRM: Record = {
    "id": "1",
    "customerId": "K-0815",
    "name": "Nordwind Segel",
    "lastName": "Lindqvist",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
    "email": "post@firma.example",
}
NEWEST = ACME | {name: value for name, value in FIRM.items() if name != "id"}


def whole(text: str, word: str) -> bool:
    return word in {text, *text.split()}


@asynccontextmanager
async def over(api: httpx.AsyncBaseTransport) -> AsyncGenerator[FaktooraClient]:
    async with FaktooraClient(settings(), api) as client:
        yield client


async def proven(api: httpx.AsyncBaseTransport, fields: Collection[str] = TEXTS) -> frozenset[str]:
    async with over(api) as client:
        return await covered(client, fields)


class Unlisted(Base):
    """The list does not show one of the fields that are searched."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        body = answer.json()
        return reply(body | {"data": [{**row, "tags": None} for row in body["data"]]})


class TestFields:
    @pytest.mark.parametrize(
        ("forms", "fields"),
        [
            (DOCUMENTED, TEXTS),
            (CURRENT, TEXTS - {"lastName"}),
            (replace(CURRENT, folds=True), TEXTS - {"lastName"}),
            (replace(DOCUMENTED, folds=False), TEXTS),
            (replace(DOCUMENTED, all_keywords=False), TEXTS),
            (replace(DOCUMENTED, search_fields=("name", "email")), frozenset(("name", "email"))),
            (replace(DOCUMENTED, search_fields=("vatId",)), frozenset[str]()),
            (replace(DOCUMENTED, envelope="bare"), TEXTS),
            (replace(DOCUMENTED, envelope="results", over_limit="clamp", max_per_page=25), TEXTS),
        ],
    )
    async def test_a_field_is_covered_where_the_sandbox_searches_it(
        self, forms: Forms, fields: frozenset[str]
    ) -> None:
        api = Sandbox(57, forms)
        await api.add(NEWEST)
        assert await proven(api) == fields

    async def test_every_field_that_the_specification_searches_can_be_proven(self) -> None:
        api = Sandbox(57)
        people = {"firstName": "Gerlinde", "nameAuthorisedSignatory": "Ottokar Wiedehopf"}
        await api.add(NEWEST | people | {"address": "Jungfernstieg 1"})
        assert await proven(api, SEARCHABLE) == SEARCHABLE - {"country"}

    async def test_a_last_name_that_stands_in_the_email_too_is_not_proven(self) -> None:
        api = Sandbox(0)
        await api.add(NEWEST | {"email": "lindqvist@firma.example"})
        assert await proven(api) == TEXTS - {"lastName"}

    async def test_it_takes_the_newest_customers_a_search_for_nobody_and_one_for_each_field(self) -> None:
        base = Base([FIRM])
        assert await proven(base) == TEXTS
        assert base.words[:2] == [[], [NOBODY]]
        assert sorted(base.words[2:]) == [
            ["-0815"],
            ["0457"],
            ["AMBURG"],
            ["INDQVIST"],
            ["ORDWIND"],
            ["OST@FIRMA.EXAMPLE"],
        ]

    @pytest.mark.parametrize("finds", [beginning, whole])
    @pytest.mark.parametrize(
        "short", [{}, {"city": "Kiel"}, {"postcode": "1010"}, {"customerId": "4711"}, {"name": "Bäck"}]
    )
    async def test_a_search_that_finds_no_part_inside_a_word_covers_nothing(
        self, finds: Callable[[str, str], bool], short: Record
    ) -> None:
        assert await proven(Base([FIRM | short], finds=finds)) == set()

    async def test_a_search_that_minds_case_covers_only_values_without_letters(self) -> None:
        assert await proven(Base([FIRM], spelled=str)) == {"postcode", "customerId"}

    async def test_a_search_that_finds_everybody_covers_nothing(self) -> None:
        base = Base([FIRM], finds=always)
        assert await proven(base) == set()
        assert base.words == [[], [NOBODY]]

    async def test_a_search_that_finds_nobody_covers_nothing(self) -> None:
        assert await proven(Base([FIRM], searched=())) == set()

    @pytest.mark.parametrize("value", ["", " ", "Ulm", "Au a. Rh.", "Öhö", None, 12345])
    async def test_a_value_without_four_letters_in_a_row_proves_nothing(self, value: str | None) -> None:
        base = Base([FIRM | {"city": value}])
        assert await proven(base, {"city"}) == set()
        assert base.words == [[], [NOBODY]]

    async def test_a_country_is_never_covered(self) -> None:
        assert await proven(Sandbox(57), {"country"}) == set()

    @pytest.mark.parametrize(
        "other",
        [{"address": "Hamburger Straße 1"}, {"note": "aus HAMBURG"}, {"extras": {"ort": ["Hamburg"]}}],
    )
    async def test_a_value_that_stands_in_another_field_too_is_not_used(self, other: Record) -> None:
        newest = FIRM | {"id": "2"} | other
        base = Base([newest], searched={*SEARCHED} - {"city"})
        assert await proven(base, {"city"}) == set()
        assert base.words == [[], [NOBODY]]
        base = Base([FIRM | {"city": "Flensburg"}, newest])
        assert await proven(base, {"city"}) == {"city"}
        assert base.words[-1] == ["LENSBURG"]

    async def test_without_customers_nothing_is_proven(self) -> None:
        assert await proven(Sandbox(0)) == set()


class TestMemory:
    async def test_what_is_known_is_not_tried_again(self) -> None:
        base = Base([FIRM], searched={*SEARCHED} - {"city"})
        async with over(base) as client:
            first = await covered(client, TEXTS)
            asked = len(base.asked)
            assert await covered(client, TEXTS) == first == TEXTS - {"city"}
        assert len(base.asked) == asked

    async def test_it_is_believed_for_ten_minutes(self, tmp_path: Path) -> None:
        api = Sandbox(57, db=tmp_path / "db")
        async with over(api) as client:
            assert await covered(client, {"city"}) == {"city"}
            api.reopen(replace(DOCUMENTED, search_fields=("name",)))
            await anyio.sleep(PROOF_S - 1)
            assert await covered(client, {"city"}) == {"city"}
            await anyio.sleep(2)
            assert await covered(client, {"city"}) == set()
            await anyio.sleep(PROOF_S + 1)
            api.reopen(DOCUMENTED)
            assert await covered(client, {"city"}) == {"city"}

    async def test_customers_that_were_read_already_are_not_read_again(self) -> None:
        base = Base([FIRM])
        async with over(base) as client:
            sample = (await client.list_customers(newest_first())).customers
            assert await covered(client, {"city"}, sample) == {"city"}
        assert base.words == [[], [NOBODY], ["AMBURG"]]


class TestCategory:
    @pytest.mark.parametrize("forms", [DOCUMENTED, CURRENT])
    async def test_the_filter_of_the_sandbox_is_proven_without_keywords(self, forms: Forms) -> None:
        api = Sandbox(57, forms)
        async with over(api) as client:
            assert await covered(client, {CATEGORY}) == {CATEGORY}

    async def test_a_filter_that_is_ignored_is_not_covered(self) -> None:
        assert await proven(Base([FIRM | {"category": "A"}, FIRM], filters=False), {CATEGORY}) == set()

    async def test_without_a_category_in_use_the_filter_is_not_covered(self) -> None:
        assert await proven(Base([FIRM | {"category": None}]), {CATEGORY}) == set()


class TestSeveralKeywords:
    @pytest.mark.parametrize("all_keywords", [True, False])
    @pytest.mark.parametrize("keywords", [("Müller", "Köln"), ("niemand", "Köln"), ("Köln", "niemand")])
    async def test_one_that_somebody_has_and_one_that_nobody_has_show_it(
        self, *, all_keywords: bool, keywords: tuple[str, ...]
    ) -> None:
        async with over(Sandbox(57, replace(DOCUMENTED, all_keywords=all_keywords))) as client:
            assert await needs_all(client, keywords) is all_keywords

    async def test_an_umlaut_that_the_search_does_not_fold_proves_nothing(self) -> None:
        """The word stands in a hit by its other spelling, but the API found that by another word."""
        base = Base([FIRM | {"name": "Müller", "city": "Köln"}], enough=any)
        async with over(base) as client:
            assert await needs_all(client, ("Mueller", "Köln")) is False

    async def test_a_word_found_in_a_field_that_is_not_listed_shows_it_too(self) -> None:
        unlisted = Unlisted([FIRM | {"tags": "quitte"}], searched=("tags",), enough=any)
        async with over(unlisted) as client:
            assert await needs_all(client, ("niemand", "quitte")) is False

    async def test_a_word_in_a_field_that_is_not_searched_proves_nothing(self) -> None:
        base = Base([FIRM], searched=("city",), enough=any)
        async with over(base) as client:
            assert await needs_all(client, ("Lindqvist", "Hamburg")) is False

    async def test_without_a_word_that_finds_anybody_it_stays_unknown(self) -> None:
        async with over(Base([FIRM])) as client:
            assert await needs_all(client, ("niemand", "nirgends")) is None


class TestByNumber:
    """Where the search does not cover customer numbers, the newest customers are read for one."""

    @pytest.mark.parametrize("customers", [57, 500])
    async def test_a_customer_of_the_newest_five_hundred_is_found(self, customers: int) -> None:
        api = Sandbox(customers, replace(DOCUMENTED, search_fields=("name",)))
        async with over(api) as client:
            found = await by_number(client, "CUST-0001")
        assert found.customer.number == "CUST-0001"

    async def test_an_older_one_is_not_found_with_the_reason(self) -> None:
        async with over(Sandbox(601, replace(DOCUMENTED, search_fields=("name",)))) as client:
            with pytest.raises(NotFound, match="is in use, but no search hit and none of the newest"):
                await by_number(client, "CUST-0001")

    async def test_where_numbers_are_searched_all_customers_are_found(self) -> None:
        api = Sandbox(601, CURRENT)
        async with over(api) as client:
            found = await by_number(client, "CUST-0001")
        assert found.customer.number == "CUST-0001"
        assert len(api.calls) == 2

    @pytest.mark.parametrize("forms", [CURRENT, replace(CURRENT, search_fields=("name",))])
    async def test_a_free_number_takes_one_request(self, forms: Forms) -> None:
        api = Sandbox(57, forms)
        async with over(api) as client:
            with pytest.raises(NotFound, match="it is free"):
                await by_number(client, "CUST-9999")
        assert (len(api.calls), client.dialect.coverage.covers(NOTHING)) == (1, None)
