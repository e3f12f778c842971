"""Questions over all customers: the requests, and the results."""

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import NotFound, Unauthorized
from faktoora_mcp.insight.aggregation import Question
from faktoora_mcp.insight.checks import CHECKS
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.queries.questions import (
    DuplicatePairs,
    all_duplicates,
    ask,
    duplicates_among,
    limits_of,
    similar_to,
)
from faktoora_mcp.queries.scan import Limits, Scan
from tests.scripted import RECORD, Script, page, reply, settings

pytestmark = pytest.mark.anyio
PLENTY = Limits(scan_s=30, max_scan=100_000)
WALK = "page=1&perPage=1000&sort=createdAt&order=asc"
PLACED: dict[str, JsonValue] = {"name": "Acme GmbH", "postcode": "10115", "vatId": "DE136695976"}
BASE: list[JsonValue] = [
    {"id": "hint", "name": "Acme AG", "postcode": "10115"},
    {"id": "one", **PLACED},
    {"id": "other", "name": "Zeta KG"},
    {"id": "alike", "name": "Acme GmbH", "postcode": "10115"},
    {"id": "same", "name": "Beta KG", "vatId": "DE 136695976"},
]


def condition(field: str, op: str, *value: object) -> Condition:
    return Condition.model_validate({"field": field, "op": op} | ({"value": value[0]} if value else {}))


class TestLimits:
    @pytest.mark.parametrize(("connections", "in_flight"), [(1, 1), (2, 1), (3, 2), (5, 4), (8, 4), (256, 4)])
    def test_other_calls_get_a_connection_during_a_scan(self, connections: int, in_flight: int) -> None:
        limits = limits_of(settings(scan_s=7, max_scan=9, max_connections=connections))
        assert limits == Limits(7, 9, in_flight)


class TestAsk:
    @pytest.mark.parametrize(
        ("question", "query"),
        [
            (Question(), WALK),
            (Question((condition("country", "eq", "AT"),)), f"keywords[]=at&{WALK}"),
            (Question((condition("category", "eq", "Behörde"),)), f"{WALK}&category=Beh%C3%B6rde"),
            (Question((condition("vatId", "eq", "ATU66123457"),)), WALK),
            (Question((condition("country", "ne", "AT"),)), WALK),
            (
                Question((condition("name", "eq", "Anna Adler"), condition("category", "eq", "A"))),
                f"keywords[]=adler&{WALK}&category=A",
            ),
            (
                Question(group_by=("deliveryAddresses.city",), fields=("customerContacts",)),
                f"{WALK}&relationFields[]=customerContacts&relationFields[]=customerDeliveryAddresses",
            ),
            (Question(sort="-customerContacts.email"), f"{WALK}&relationFields[]=customerContacts"),
            (Question(check=CHECKS["no_email"]), WALK),
        ],
    )
    async def test_the_search_narrows_the_request(self, question: Question, query: str) -> None:
        script = Script(page())
        async with FaktooraClient(settings(), script) as client:
            answered = await ask(client, question, PLENTY)
        assert script.calls == [f"GET /customers?{query}"]
        assert (answered.question, answered.scan) == (question, Scan(0, 0))

    async def test_surplus_hits_of_the_search_are_not_counted(self) -> None:
        found = page({"id": "1", "country": "AT"}, {"id": "2", "country": "DE", "city": "Attendorn"})
        async with FaktooraClient(settings(), Script(found)) as client:
            answered = await ask(client, Question((condition("country", "eq", "AT"),)), PLENTY)
        assert (answered.result.matched, answered.scan) == (1, Scan(2, 2))


class TestSimilarTo:
    async def test_the_most_similar_customers_come_first(self) -> None:
        script = Script(reply(BASE[1]), page(*BASE))
        async with FaktooraClient(settings(), script) as client:
            found = await similar_to(client, "one", PLENTY)
        assert script.calls == ["GET /customer/one", f"GET /customers?{WALK}"]
        assert [(customer.id, how.score, how.is_duplicate) for customer, how in found.similar] == [
            ("same", 100, True),
            ("alike", 95, True),
            ("hint", 55, False),
        ]
        assert (found.customer.id, found.scan) == ("one", Scan(5, 5))

    async def test_only_the_reduced_records_of_others_are_kept(self) -> None:
        script = Script(reply(RECORD), page(RECORD | {"id": "other", "note": "zahlt spät"}))
        async with FaktooraClient(settings(), script) as client:
            ((customer, _),) = (await similar_to(client, "cust_abc123", PLENTY)).similar
        assert customer.record.keys() == {"id", "customerId", "name", "postcode", "city"}

    async def test_an_unknown_customer_is_an_error_before_others_are_read(self) -> None:
        script = Script(reply({}, 404))
        async with FaktooraClient(settings(), script) as client:
            with pytest.raises(NotFound):
                await similar_to(client, "nobody", PLENTY)
        assert script.calls == ["GET /customer/nobody"]


class TestAllDuplicates:
    async def test_every_pair_is_compared(self) -> None:
        found = await every(BASE)
        assert found.scan == Scan(5, 5)
        assert pairs_of(found) == ([{"one", "same"}, {"one", "alike"}], [{"hint", "alike"}, {"hint", "one"}])

    async def test_without_customers_there_are_no_duplicates(self) -> None:
        found = await every([])
        assert (found.scan, pairs_of(found)) == (Scan(0, 0), ([], []))

    async def test_customers_that_cannot_be_read_are_an_error(self) -> None:
        async with FaktooraClient(settings(), Script(reply({}, 401))) as client:
            with pytest.raises(Unauthorized):
                await all_duplicates(client, PLENTY)


class TestDuplicatesAmong:
    @pytest.mark.parametrize(
        ("new", "duplicates", "similar"),
        [
            (["same"], [{"one", "same"}], []),
            (["alike", "same"], [{"one", "same"}, {"one", "alike"}], [{"hint", "alike"}]),
            (["hint"], [], [{"hint", "alike"}, {"hint", "one"}]),
            (["other", "not there"], [], []),
        ],
    )
    async def test_only_pairs_with_a_new_customer_are_returned(
        self, new: list[str], duplicates: list[set[str]], similar: list[set[str]]
    ) -> None:
        found = await among(new, page(*BASE))
        assert found is not None
        assert (pairs_of(found), found.scan) == ((duplicates, similar), Scan(5, 5))

    async def test_without_new_customers_nothing_is_read(self) -> None:
        assert await among([], page(*BASE)) is None

    @pytest.mark.parametrize("failure", [reply({}, 401), reply({"unknown": "form"}), reply({}, 400)])
    async def test_customers_that_cannot_be_read_give_none(self, failure: httpx.Response) -> None:
        assert await among(["one"], failure) is None


async def every(records: list[JsonValue]) -> DuplicatePairs:
    async with FaktooraClient(settings(), Script(page(*records))) as client:
        return await all_duplicates(client, PLENTY)


async def among(new: list[str], listed: httpx.Response) -> DuplicatePairs | None:
    script = Script(*[httpx.Response(listed.status_code, content=listed.content)] * 5)
    async with FaktooraClient(settings(), script) as client:
        return await duplicates_among(client, new, PLENTY)


def pairs_of(found: DuplicatePairs) -> tuple[list[set[str]], list[set[str]]]:
    duplicates, similar = (
        [{str(pair.one["id"]), str(pair.other["id"])} for pair in kind]
        for kind in (found.pairs.duplicates, found.pairs.similar)
    )
    return duplicates, similar
