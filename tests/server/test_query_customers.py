"""query_customers as an agent uses it: exact answers in one call, and a sentence for invalid questions."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from faktoora_mcp.sandbox.forms import Forms
from faktoora_mcp.settings import PROOF_S
from tests.agents import ERAS, Agent, Answer, agent
from tests.faulty import FaultyApi, Record
from tests.sandboxes import Sandbox
from tests.scripted import ACME, RECORD, Script, page

pytestmark = pytest.mark.anyio
AUSTRIAN = {"field": "country", "op": "eq", "value": "AT"}
IN_COLOGNE = {"field": "postcode", "op": "eq", "value": "50667"}
NO_VAT_ID = {"field": "vatId", "op": "missing"}
NUMBERS = {"fields": ["customerId"], "sort": "customerId", "limit": 100}
OLDEST_FIRST = "page=1&perPage=1000&sort=createdAt&order=asc"
CONTACTED = RECORD | {
    "customerContacts": [{"email": "b@x.example"}, {"email": "a@x.example"}],
    "customerDeliveryAddresses": [{"city": "Wien"}],
}


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def customers_of(api: FaultyApi) -> list[Record]:
    return [*(await api.settled()).values()]


def numbers(records: list[Record]) -> list[list[object]]:
    return [[one["id"], one["customerId"]] for one in sorted(records, key=lambda one: str(one["customerId"]))]


class TestQuestions:
    async def test_which_austrian_customers_have_no_vat_id(self, era: str, forms: Forms) -> None:
        api = FaultyApi(450, forms)
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", where=[AUSTRIAN, NO_VAT_ID], **NUMBERS)
            customers = await customers_of(api)
        expected = [one for one in customers if one["country"] == "AT" and not one["vatId"]]
        assert (answer["complete"], answer["matched"]) == (True, len(expected))
        assert answer["rows"] == numbers(expected)

    async def test_how_many_customers_there_are_per_country(self, era: str, forms: Forms) -> None:
        api = FaultyApi(450, forms)
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", group_by="country", limit=0)
            customers = await customers_of(api)
        counts = Counter(str(one["country"]) for one in customers)
        largest_first = sorted(counts.items(), key=lambda count: (-count[1], count[0]))
        assert answer == {
            "scanned": 450,
            "complete": True,
            "matched": 450,
            "groups": {"columns": ["country", "customers"], "rows": [[*count] for count in largest_first]},
        }

    @pytest.mark.parametrize("typed", ["ATU66123457", "atu 66 12 34 57", "ATU-66123457"])
    async def test_whose_vat_id_it_is(self, era: str, forms: Forms, typed: str) -> None:
        api = FaultyApi(450, forms)
        made = await api.add(ACME | {"country": "AT", "postcode": "1010", "vatId": "ATU66123457"})
        async with agent(era, api) as someone:
            asked = {"field": "vatId", "op": "eq", "value": typed}
            answer = await someone.call("query_customers", where=asked, fields=["id", "name"])
        assert answer == {
            "scanned": 451,
            "complete": True,
            "matched": 1,
            "columns": ["id", "name"],
            "rows": [[made["id"], "Acme GmbH"]],
        }

    async def test_rows_of_a_check_have_its_reason(self, era: str, forms: Forms) -> None:
        api = FaultyApi(450, forms)
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", check="missing_vat_id", **NUMBERS)
            customers = await customers_of(api)
        expected = [one for one in customers if one["isCompany"] and not one["vatId"]]
        assert answer["matched"] == len(expected)
        assert answer["columns"] == ["id", "customerId", "reason"]
        assert answer["rows"] == [
            [*row, "a company without vatId"] for row in numbers(expected)[: len(answer["rows"])]
        ]

    async def test_alternatives_are_of_one_field_or_of_several(self, era: str, forms: Forms) -> None:
        api, cities = FaultyApi(450, forms), ("Hamburg", "Köln")
        somewhere = {"any": [{"field": "city", "op": "eq", "value": city} for city in cities]}
        of_both_kinds = {"any": [AUSTRIAN, NO_VAT_ID]}
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", where=[somewhere, of_both_kinds], **NUMBERS)
            customers = await customers_of(api)
        expected = [
            one for one in customers if one["city"] in cities and (one["country"] == "AT" or not one["vatId"])
        ]
        assert (answer["complete"], answer["matched"]) == (True, len(expected))
        assert answer["rows"] == numbers(expected)[: len(answer["rows"])]
        assert expected

    @pytest.mark.parametrize("op", ["ends_with", "not_contains"])
    async def test_endings_and_what_is_not_contained(self, era: str, forms: Forms, op: str) -> None:
        api, where = FaultyApi(57, forms), {"field": "city", "op": op, "value": "BURG"}
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", where=where, limit=0)
            cities = [str(one["city"]).lower() for one in await customers_of(api)]
        counts = {
            "ends_with": sum(city.endswith("burg") for city in cities),
            "not_contains": sum("burg" not in city for city in cities),
        }
        assert 0 < answer["matched"] == counts[op]

    async def test_a_year_has_its_first_and_last_day(self, era: str) -> None:
        created = (
            "2025-12-31T22:59:59Z",
            "2025-12-31T23:00:00Z",
            "2026-12-31T22:59:59Z",
            "2026-12-31T23:00:00Z",
        )
        base = page(*(RECORD | {"id": str(place), "createdAt": at} for place, at in enumerate(created)))
        of_2026 = [
            {"field": "createdAt", "op": "from", "value": "2026-01-01"},
            {"field": "createdAt", "op": "until", "value": "2026-12-31"},
        ]
        async with agent(era, Script(base)) as someone:
            answer = await someone.call("query_customers", where=of_2026, fields="id", sort="id")
        assert answer["rows"] == [["1"], ["2"]]

    async def test_doubtful_values_are_invalid(self, era: str) -> None:
        base = page(
            RECORD | {"id": "1", "vatId": "DE123456789"}, RECORD | {"id": "2", "vatId": "DE136695976"}
        )
        async with agent(era, Script(base)) as someone:
            asked = {"field": "vatId", "op": "invalid"}
            answer = await someone.call("query_customers", where=asked, fields="id")
        assert answer["rows"] == [["1"]]

    async def test_umlauts_are_found_in_any_spelling_and_distinguished_by_eq(
        self, era: str, forms: Forms
    ) -> None:
        api = FaultyApi(450, forms)
        await api.add(ACME | {"city": "Muenchen"})
        async with agent(era, api) as someone:
            asked = {"field": "city", "value": "Muenchen"}
            any_spelling = await someone.call("query_customers", where=asked | {"op": "contains"}, limit=0)
            this_spelling = await someone.call("query_customers", where=asked | {"op": "eq"}, limit=0)
            customers = await customers_of(api)
        alike = [one for one in customers if one["city"] in ("München", "Muenchen")]
        assert (any_spelling["matched"], this_spelling["matched"]) == (len(alike), 1)
        assert len(alike) > 1


class TestNarrowing:
    """Where there are more customers than two pages, a proven search may choose those that are read."""

    @pytest.mark.parametrize(
        ("field", "value"),
        [("postcode", "50667"), ("customerId", "cust-0004"), ("city", "Hamburg"), ("category", "Behörde")],
    )
    async def test_the_answer_says_by_which_field_and_is_complete(
        self, forms: Forms, field: str, value: str
    ) -> None:
        where = {"field": field, "op": "eq", "value": value}
        async with small_pages(Sandbox(250, replace(forms, max_per_page=100))) as someone:
            answer = await someone.call("query_customers", where=where)
        async with agent("auto", Sandbox(250, forms)) as someone:
            of_all = await someone.call("query_customers", where=where)
        assert (answer["narrowedBy"], answer["complete"]) == (field, True)
        assert answer["scanned"] < 50
        assert of_all == {"scanned": 250} | {
            name: answer[name] for name in answer.keys() - {"narrowedBy", "scanned"}
        }

    async def test_a_person_is_found_by_the_display_name(self, forms: Forms) -> None:
        api = Sandbox(250, replace(forms, max_per_page=100))
        gerlinde = {"isCompany": False, "firstName": "Gerlinde", "lastName": "Zwetschgenhuber", "name": ""}
        held = await api.add({**ACME, **gerlinde, "email": ""})
        where = {"field": "name", "op": "eq", "value": "Gerlinde Zwetschgenhuber"}
        async with small_pages(api) as someone:
            answer = await someone.call("query_customers", where=where, fields=["id"])
        assert (answer["complete"], answer["rows"]) == (True, [[held["id"]]])

    async def test_where_the_field_is_not_searched_all_are_read(self, forms: Forms) -> None:
        api = Sandbox(250, replace(forms, max_per_page=100, search_fields=("name",)))
        async with small_pages(api) as someone:
            answer = await someone.call("query_customers", where=IN_COLOGNE, limit=0)
        assert answer.pop("matched") > 0
        assert answer == {"scanned": 250, "complete": True}

    @pytest.mark.parametrize("wait_s", [0, PROOF_S + 1])
    async def test_where_a_field_is_no_longer_searched_nobody_is_not_claimed(
        self, forms: Forms, tmp_path: Path, wait_s: float
    ) -> None:
        api = Sandbox(250, replace(forms, max_per_page=100), tmp_path / "db")
        async with small_pages(api) as someone:
            before = await someone.call("query_customers", where=IN_COLOGNE, limit=0)
            api.reopen(replace(forms, max_per_page=100, search_fields=("name", "city")))
            await anyio.sleep(wait_s)
            after = await someone.call("query_customers", where=IN_COLOGNE, limit=0)
        assert before["narrowedBy"] == "postcode"
        assert after == {"scanned": 250, "complete": True, "matched": before["matched"]}


@asynccontextmanager
async def small_pages(api: Sandbox) -> AsyncGenerator[Agent]:
    """An agent who knows already that the API gives no more than 100 customers on a page."""
    async with agent("auto", api) as someone:
        await someone.call("query_customers", limit=0)
        yield someone


class TestForms:
    @pytest.mark.parametrize(
        "where",
        [
            [AUSTRIAN],
            AUSTRIAN,
            '{"field":"country","op":"eq","value":"AT"}',
            '[{"field":"country","op":"eq","value":"AT"}]',
        ],
    )
    async def test_conditions_are_accepted_as_a_list_an_object_or_json(self, era: str, where: object) -> None:
        async with agent(era) as someone:
            answer = await someone.call("query_customers", where=where, fields="country")
        assert (answer["columns"], [country for _, country in answer["rows"]]) == (
            ["id", "country"],
            ["AT"] * 4,
        )

    async def test_two_fields_are_counted_together(self, era: str) -> None:
        api = FaultyApi(57)
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", group_by=["country", "isCompany"], limit=0)
            customers = await customers_of(api)
        counts = Counter((one["country"], str(one["isCompany"]).lower()) for one in customers)
        assert answer["groups"]["columns"] == ["country", "isCompany", "customers"]
        assert {(row[0], row[1]): row[2] for row in answer["groups"]["rows"]} == counts

    @pytest.mark.parametrize("field", ["category", "vatId"])
    async def test_customers_are_counted_by_whether_a_field_is_filled(
        self, era: str, forms: Forms, field: str
    ) -> None:
        api = FaultyApi(57, forms)
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", group_by=f"{field}?")
            customers = await customers_of(api)
        counts = Counter(str(bool(one[field])).lower() for one in customers)
        assert answer["groups"]["columns"] == [f"{field}?", "customers"]
        assert dict(answer["groups"]["rows"]) == counts

    async def test_missing_values_are_a_group_of_their_own(self, era: str) -> None:
        api = FaultyApi(57)
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", group_by="category", limit=0)
            customers = await customers_of(api)
        assert [None, sum(not one["category"] for one in customers)] in answer["groups"]["rows"]

    async def test_counts_and_rows_are_shown_together(self, era: str) -> None:
        async with agent(era) as someone:
            answer = await someone.call("query_customers", group_by="country", fields=["id"], limit=2)
        assert [len(answer["rows"]), len(answer["groups"]["rows"])] == [2, 7]

    async def test_groups_alone_bring_no_rows(self, era: str, forms: Forms) -> None:
        async with agent(era, FaultyApi(57, forms)) as someone:
            answer = await someone.call("query_customers", group_by="country")
        assert answer.keys() == {"scanned", "complete", "matched", "groups"}

    async def test_a_limit_of_zero_shows_counts_only(self, era: str) -> None:
        async with agent(era) as someone:
            answer = await someone.call("query_customers", limit=0)
        assert answer == {"scanned": 57, "complete": True, "matched": 57}

    async def test_no_match_is_a_count_of_zero(self, era: str) -> None:
        nobody = {"field": "city", "op": "eq", "value": "Atlantis"}
        async with agent(era) as someone:
            answer = await someone.call("query_customers", where=nobody)
        assert (answer["matched"], "rows" in answer) == (0, False)

    @pytest.mark.parametrize(("sort", "place"), [("customerId", 0), ("-customerId", -1)])
    async def test_rows_are_sorted_either_way(self, era: str, sort: str, place: int) -> None:
        api = FaultyApi(57)
        async with agent(era, api) as someone:
            answer = await someone.call("query_customers", fields=["customerId"], sort=sort, limit=1)
            customers = await customers_of(api)
        assert answer["rows"] == [numbers(customers)[place]]

    async def test_keys_of_extras_are_fields(self, era: str) -> None:
        api = FaultyApi(57)
        extras: Record = {"region.nord": "ja", "amount": 5}
        await api.add({**ACME, "extras": extras})
        async with agent(era, api) as someone:
            answer = await someone.call(
                "query_customers",
                where={"field": "extras.region.nord", "op": "present"},
                fields=["extras.amount", "name"],
                group_by="extras.region.nord",
            )
        assert [row[1:] for row in answer["rows"]] == [[5, "Acme GmbH"]]
        assert answer["groups"]["rows"] == [["ja", 1]]


class TestLists:
    @pytest.mark.parametrize(
        "asked",
        [
            {"where": {"field": "customerContacts.email", "op": "present"}},
            {"fields": ["customerContacts"]},
            {"group_by": "customerContacts.email"},
            {"sort": "-customerContacts.email"},
        ],
    )
    async def test_lists_are_requested_if_any_part_of_the_question_needs_them(
        self, era: str, asked: dict[str, object]
    ) -> None:
        script = Script(page(CONTACTED))
        async with agent(era, script) as someone:
            answer = await someone.call("query_customers", **asked)
        assert script.calls == [f"GET /customers?{OLDEST_FIRST}&relationFields[]=customerContacts"]
        assert "notLoaded" not in answer

    async def test_a_field_of_entries_shows_all_its_values(self, era: str) -> None:
        fields = ["name", "customerContacts.email", "deliveryAddresses.city"]
        async with agent(era, Script(page(CONTACTED))) as someone:
            answer = await someone.call("query_customers", fields=fields)
        assert answer["rows"] == [["cust_abc123", "Acme GmbH", ["b@x.example", "a@x.example"], "Wien"]]

    async def test_a_list_that_the_api_never_shows_is_named(self, era: str) -> None:
        missing = {"field": "deliveryAddresses.city", "op": "missing"}
        async with agent(era, Script(page(RECORD))) as someone:
            answer = await someone.call("query_customers", where=missing)
        assert (answer["matched"], answer["notLoaded"]) == (1, ["deliveryAddresses"])


class TestRefusals:
    @pytest.mark.parametrize(
        ("asked", "sentences"),
        [
            (
                {"where": {"field": "vatid", "op": "missing"}},
                {"where.0.field": "'vatid' is unknown; did you mean vatId?"},
            ),
            (
                {"where": [AUSTRIAN, {"field": "city", "op": "equals", "value": "x"}]},
                {"where.1.op": "'equals' is unknown; did you mean eq?"},
            ),
            (
                {"where": {"field": "city", "op": "before", "value": "2026-01-01"}},
                {
                    "where.0.op": "before does not suit city; use one of eq, ne, in, contains, starts_with, "
                    "ends_with, not_contains, missing, present"
                },
            ),
            (
                {"where": {"field": "note", "op": "invalid"}},
                {
                    "where.0.op": "no rule for this field; fields with a rule: country, dunsId, email, "
                    "glnId, invoiceProfile, isCompany, peppolId, phoneNo, postcode, routeId, taxId, vatId"
                },
            ),
            (
                {"where": {"any": [AUSTRIAN, {"field": "citi", "op": "eq", "value": "x"}]}},
                {"where.0.any.1.field": "'citi' is unknown; did you mean city?"},
            ),
            ({"where": {"value": "x"}}, {"where.0.field": "is required", "where.0.op": "is required"}),
            ({"sort": "-citi"}, {"sort": "'citi' is unknown; did you mean city?"}),
            ({"group_by": ["contry?"]}, {"group_by.0": "'contry' is unknown; did you mean country?"}),
            ({"fields": ["email?"]}, {"fields.0": "'email?' is unknown; did you mean email?"}),
            ({"group_by": ["contry"]}, {"group_by.0": "'contry' is unknown; did you mean country?"}),
            ({"fields": "vatid"}, {"fields.0": "'vatid' is unknown; did you mean vatId?"}),
            ({"groupby": "city"}, {"groupby": "is unknown; did you mean group_by?"}),
        ],
    )
    async def test_an_unknown_name_is_refused_with_the_nearest_one_before_the_network(
        self, era: str, asked: dict[str, object], sentences: dict[str, str]
    ) -> None:
        script = Script()
        error = await refused(era, script, asked)
        assert (error["code"], error["fields"]) == ("invalid_input", sentences)
        assert script.calls == []

    async def test_the_error_for_an_unknown_check_names_all_checks(self, era: str) -> None:
        error = await refused(era, Script(), {"check": "missing_vatid"})
        assert error["fields"]["check"].startswith("must be one of 'missing_vat_id', 'bad_vat_id'")

    @pytest.mark.parametrize(
        ("key", "sentence"),
        [("val", "is unknown; did you mean value?"), ("id", "is unknown"), ("name", "is unknown")],
    )
    async def test_an_unknown_key_of_a_condition_is_not_treated_as_a_field(
        self, era: str, key: str, sentence: str
    ) -> None:
        error = await refused(era, Script(), {"where": AUSTRIAN | {key: "x"}})
        assert error["fields"] == {f"where.0.{key}": sentence}

    @pytest.mark.parametrize("asked", [{"limit": 101}, {"limit": -1}, {"group_by": ["city", "name", "id"]}])
    async def test_a_value_out_of_range_is_refused(self, era: str, asked: dict[str, object]) -> None:
        error = await refused(era, Script(), asked)
        assert [*error["fields"]] == [*asked]


class TestHidden:
    @pytest.mark.parametrize(
        ("asked", "hidden"),
        [
            ({"where": {"field": "email", "op": "present"}}, "email"),
            ({"where": {"field": "customerContacts.email", "op": "present"}}, "email"),
            ({"check": "no_email"}, "email"),
            ({"group_by": ["country", "note"]}, "note"),
            ({"where": {"any": [AUSTRIAN, {"field": "email", "op": "present"}]}}, "email"),
            ({"group_by": "customerContacts.email?"}, "email"),
            ({"fields": ["id", "email", "note"]}, "email, note"),
            ({"sort": "-email"}, "email"),
        ],
    )
    async def test_a_hidden_field_is_refused_in_every_part_of_a_question(
        self, era: str, asked: dict[str, object], hidden: str
    ) -> None:
        script = Script()
        error = await refused(era, script, asked, hide_fields=("email", "note"))
        assert (error["code"], error["fields"]) == ("invalid_input", {"fields": f"{hidden} cannot be shown"})
        assert script.calls == []

    async def test_with_hidden_names_rows_are_sorted_by_id(self, era: str) -> None:
        rows = page(RECORD | {"id": "b", "name": "A"}, RECORD | {"id": "a", "name": "B"})
        async with agent(era, Script(rows), hide_fields=("lastName",)) as someone:
            answer = await someone.call("query_customers")
        assert answer["columns"] == ["id", "customerId", "postcode", "city", "country"]
        assert [row[0] for row in answer["rows"]] == ["a", "b"]

    async def test_a_shown_list_lacks_the_hidden_field_of_its_entries(self, era: str) -> None:
        held = RECORD | {"customerContacts": [{"id": "1", "email": "x@y.example"}]}
        async with agent(era, Script(page(held)), hide_fields=("email",)) as someone:
            answer = await someone.call("query_customers", fields=["customerContacts"])
        assert answer["rows"] == [["cust_abc123", [{"id": "1"}]]]


async def refused(era: str, script: Script, asked: dict[str, object], **given: object) -> Answer:
    async with agent(era, script, **given) as someone:
        return await someone.fails("query_customers", **asked)


async def described(someone: Agent) -> dict[str, str]:
    return {tool.name: str(tool.description) for tool in (await someone.client.list_tools()).tools}


async def test_descriptions_distinguish_words_from_conditions(era: str) -> None:
    async with agent(era) as someone:
        descriptions = await described(someone)
    assert descriptions["list_customers"].startswith("Find customers by words")
    assert descriptions["query_customers"].startswith("Answer conditions and counts over all customers")
    assert "for words list_customers" in descriptions["query_customers"]


async def test_a_third_field_to_group_by_is_refused(era: str) -> None:
    async with agent(era) as someone:
        error = await someone.fails("query_customers", group_by=["country", "city", "category"])
    assert error["fields"] == {"group_by": "must have at most 2 entries"}


async def test_a_read_only_server_answers_questions_over_all_customers(era: str) -> None:
    async with agent(era, read_only=True) as someone:
        counted = await someone.call("query_customers", limit=0)
        duplicates = await someone.call("find_duplicate_customers")
    assert (counted["matched"], duplicates["duplicatesTotal"]) == (57, 1)
