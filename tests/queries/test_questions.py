"""Questions over all customers: the requests, and the results."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import anyio
import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import NotFound, Unauthorized
from faktoora_mcp.insight.aggregation import Question
from faktoora_mcp.insight.checks import CHECKS
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.queries.coverage import covered
from faktoora_mcp.queries.questions import (
    DuplicatePairs,
    all_duplicates,
    ask,
    duplicates_among,
    limits_of,
    similar_to,
)
from faktoora_mcp.queries.scan import Limits, Scan
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED
from faktoora_mcp.settings import PROOF_S
from tests.bases import SEARCHED, Base, Record
from tests.sandboxes import Sandbox
from tests.scripted import RECORD, Script, page, reply, settings

pytestmark = pytest.mark.anyio
PLENTY = Limits(scan_s=30, max_scan=100_000)
NEWEST = "page=1&perPage=100&sort=createdAt&order=desc"
SMALL_WALK = "page=1&perPage=100&sort=createdAt&order=asc"
WALK = "page=1&perPage=1000&sort=createdAt&order=asc"
PLACED: dict[str, JsonValue] = {"name": "Acme GmbH", "postcode": "10115", "vatId": "DE136695976"}
ALTDORF: list[Record] = [
    {"id": "1", "city": "Altdorf"},
    {"id": "2", "city": "Ulm", "address": "Altdorf 1"},
]
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
            (Question((condition("country", "eq", "AT"),)), WALK),
            (Question((condition("vatId", "eq", "ATU66123457"),)), WALK),
            (Question((condition("city", "ne", "Hamburg"),)), WALK),
            (
                Question(group_by=("deliveryAddresses.city",), fields=("customerContacts",)),
                f"{WALK}&relationFields[]=customerContacts&relationFields[]=customerDeliveryAddresses",
            ),
            (Question(sort="-customerContacts.email"), f"{WALK}&relationFields[]=customerContacts"),
            (Question(check=CHECKS["no_email"]), WALK),
        ],
    )
    async def test_a_question_without_a_condition_to_search_by_reads_all(
        self, question: Question, query: str
    ) -> None:
        script = Script(page())
        async with FaktooraClient(settings(), script) as client:
            answered = await ask(client, question, PLENTY)
        assert script.calls == [f"GET /customers?{query}"]
        assert (answered.question, answered.scan, answered.narrowed_by) == (question, Scan(0, 0), None)

    async def test_customers_of_two_pages_are_all_read(self) -> None:
        api = Sandbox(57, CURRENT)
        async with FaktooraClient(settings(), api) as client:
            answered = await ask(client, Question((condition("postcode", "eq", "20457"),)), PLENTY)
        assert api.calls == [f"GET /customers?{NEWEST}", f"GET /customers?{WALK}"]
        assert (answered.narrowed_by, answered.scan) == (None, Scan(57, 57))


class TestNarrowing:
    @pytest.mark.parametrize(
        ("conditions", "field", "words"),
        [
            ([("email", "eq", "Info@Lorenz.example")], "email", "keywords[]=Info%40Lorenz.example&"),
            ([("postcode", "eq", "20457")], "postcode", "keywords[]=20457&"),
            ([("postcode", "starts_with", "2045")], "postcode", "keywords[]=2045&"),
            ([("customerId", "in", ["CUST-0004"])], "customerId", "keywords[]=CUST-0004&"),
            ([("city", "eq", "Bad Hamburg")], "city", "keywords[]=hamburg&"),
            ([("name", "eq", "Anna Adler"), ("postcode", "eq", "20457")], "postcode", "keywords[]=20457&"),
            ([("country", "eq", "DE"), ("name", "eq", "Anna Adler")], "name", "keywords[]=adler&"),
        ],
    )
    async def test_the_most_selective_condition_that_is_proven_narrows(
        self, conditions: list[tuple[str, str, object]], field: str, words: str
    ) -> None:
        api = Sandbox(450)
        async with FaktooraClient(settings(), api) as client:
            await ask(client, Question(), PLENTY)
            api.requests.clear()
            answered = await ask(client, Question(tuple(condition(*one) for one in conditions)), PLENTY)
        assert (answered.narrowed_by, answered.scan.complete) == (field, True)
        assert f"GET /customers?{words}{SMALL_WALK}" in api.calls
        assert f"GET /customers?{SMALL_WALK}" not in api.calls

    async def test_a_category_narrows_without_keywords(self) -> None:
        api = Sandbox(450)
        async with FaktooraClient(settings(), api) as client:
            await ask(client, Question(), PLENTY)
            answered = await ask(client, Question((condition("category", "eq", "Behörde"),)), PLENTY)
        assert answered.narrowed_by == "category"
        assert api.calls[-1] == f"GET /customers?{SMALL_WALK}&category=Beh%C3%B6rde"

    async def test_what_is_proven_narrows_even_a_small_base_at_once(self) -> None:
        api = Sandbox(57)
        async with FaktooraClient(settings(), api) as client:
            await covered(client, {"postcode"})
            api.requests.clear()
            answered = await ask(client, Question((condition("postcode", "eq", "50667"),)), PLENTY)
        assert answered.narrowed_by == "postcode"
        assert all("keywords[]=50667&" in call for call in api.calls)

    async def test_surplus_hits_of_the_search_are_not_counted(self) -> None:
        base = Base([*towns(250), *ALTDORF])
        async with FaktooraClient(settings(), base) as client:
            await ask(client, Question(), PLENTY)
            answered = await ask(client, Question((condition("city", "eq", "Altdorf"),)), PLENTY)
        assert (answered.narrowed_by, answered.result.matched, answered.scan) == ("city", 1, Scan(2, 2))

    @pytest.mark.parametrize("enough", [all, any])
    async def test_where_the_field_is_not_searched_all_are_read(
        self, enough: Callable[[Iterable[bool]], bool]
    ) -> None:
        api = Base(towns(250), searched={*SEARCHED} - {"city"}, enough=enough)
        async with FaktooraClient(settings(), api) as client:
            await ask(client, Question(), PLENTY)
            answered = await ask(client, Question((condition("city", "eq", "Stadt 0042"),)), PLENTY)
        assert (answered.narrowed_by, answered.result.matched, answered.scan) == (None, 1, Scan(250, 250))


class TestSearchThatChanges:
    """The search stops covering a field that it was shown to cover."""

    async def test_a_question_that_finds_nobody_is_asked_again_of_all(self, tmp_path: Path) -> None:
        api, question = Sandbox(450, db=tmp_path / "db"), Question((condition("postcode", "eq", "50667"),))
        async with FaktooraClient(settings(), api) as client:
            await ask(client, Question(), PLENTY)
            before = await ask(client, question, PLENTY)
            api.reopen(replace(DOCUMENTED, search_fields=("name",)))
            after = await ask(client, question, PLENTY)
        assert (before.narrowed_by, after.narrowed_by) == ("postcode", None)
        assert before.result.matched == after.result.matched > 0
        assert after.scan == Scan(450, 450)

    async def test_a_question_whose_hits_do_not_match_is_asked_again_of_all(self) -> None:
        base, question = Base([*towns(250), *ALTDORF]), Question((condition("city", "eq", "Altdorf"),))
        async with FaktooraClient(settings(), base) as client:
            await ask(client, Question(), PLENTY)
            before = await ask(client, question, PLENTY)
            base.searched = {*SEARCHED} - {"city"}
            after = await ask(client, question, PLENTY)
        assert (before.narrowed_by, after.narrowed_by) == ("city", None)
        assert (before.result.matched, after.result.matched) == (1, 1)

    async def test_nobody_is_claimed_after_the_proof_was_renewed(self) -> None:
        api, question = Sandbox(450), Question((condition("postcode", "eq", "27498"),))
        async with FaktooraClient(settings(), api) as client:
            await ask(client, Question(), PLENTY)
            await ask(client, question, PLENTY)
            api.requests.clear()
            answered = await ask(client, question, PLENTY)
        assert (answered.narrowed_by, answered.scan) == ("postcode", Scan(0, 0))
        walk, *proof = api.calls
        assert walk == f"GET /customers?keywords[]=27498&{SMALL_WALK}"
        assert (len(proof), proof[0]) == (3, f"GET /customers?{NEWEST}")

    async def test_after_ten_minutes_a_proof_is_renewed_before_it_is_used(self) -> None:
        api, question = Base(towns(250)), Question((condition("city", "eq", "Stadt 0042"),))
        async with FaktooraClient(settings(), api) as client:
            await ask(client, Question(), PLENTY)
            await ask(client, question, PLENTY)
            api.searched = {*SEARCHED} - {"city"}
            await anyio.sleep(PROOF_S + 1)
            answered = await ask(client, question, PLENTY)
        assert (answered.narrowed_by, answered.result.matched, answered.scan) == (None, 1, Scan(250, 250))


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


def towns(count: int) -> list[Record]:
    return [{"id": f"c{place}", "city": f"Stadt {place:04}"} for place in range(count)]


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
