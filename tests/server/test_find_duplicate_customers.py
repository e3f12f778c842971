"""find_duplicate_customers as an agent uses it, and the duplicates that an import creates."""

import json
from itertools import combinations

import pytest

from tests.agents import ERAS, FORMS, Agent, Answer, agent, text_of
from tests.faulty import FaultyApi, Record, said, silent
from tests.scripted import ACME, RECORD, Script, page, reply

pytestmark = pytest.mark.anyio
IDS = ("customerId", "vatId", "taxId", "glnId", "dunsId", "peppolId")
CSV = "Firma;Straße;PLZ;Ort;Land;USt-IdNr.\n"
NEW = {"name": "Zimmerei Neubau GmbH", "city": "Kiel", "postcode": "24103"}
NEW_ROW = "Zimmerei Neubau GmbH;Hafen 1;24103;Kiel;DE;\n"
UNCOMPARED = "duplicates: could not be looked for; find_duplicate_customers does so later"


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def named(record: Record) -> str:
    return str(record["name"] or f"{record['firstName']} {record['lastName']}")


def is_twice(one: Record, other: Record) -> bool:
    """Decided by nothing but equality."""
    same_id = any(one[name] is not None and one[name] == other[name] for name in IDS)
    return same_id or (named(one) == named(other) and one["postcode"] == other["postcode"])


def people(pairs: list[Answer]) -> set[frozenset[str]]:
    return {frozenset(str(customer["id"]) for customer in pair["customers"]) for pair in pairs}


def ids(found: list[Answer]) -> list[object]:
    return [customer["id"] for customer in found]


async def with_two_more(api: FaultyApi) -> list[Record]:
    """Two firms with one VAT id, and a firm that differs from another only in its legal form."""
    first = await api.add(ACME)
    second = await api.add(ACME | {"name": "Zeta Handel KG", "email": "zeta@zeta.example"})
    third = await api.add(ACME | {"name": "Acme AG", "email": "ag@acme.example", "vatId": ""})
    return [first, second, third]


class TestAllCustomers:
    async def test_duplicates_are_those_of_a_plain_loop_over_all_customers(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        await with_two_more(api)
        async with agent(era, api) as someone:
            answer = await someone.call("find_duplicate_customers")
            base = [*(await api.settled()).values()]
        twice = [pair for pair in combinations(base, 2) if is_twice(*pair)]
        assert people(answer["duplicates"]) == {frozenset(str(one["id"]) for one in pair) for pair in twice}
        assert (answer["duplicatesTotal"], answer["scanned"], answer["complete"]) == (2, 60, True)

    async def test_every_pair_has_reasons_and_the_most_certain_comes_first(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        await with_two_more(api)
        async with agent(era, api) as someone:
            answer = await someone.call("find_duplicate_customers")
        assert [pair["reasons"] for pair in answer["duplicates"]] == [
            ["same VAT id DE123456789", "other legal form (GmbH, KG)"],
            ["same name, same postcode 50667", "same e-mail info@mueller-koeln.example"],
        ]

    async def test_firms_of_another_legal_form_are_only_similar(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        acme, _, acme_ag = await with_two_more(api)
        async with agent(era, api) as someone:
            answer = await someone.call("find_duplicate_customers")
        both = frozenset((str(acme["id"]), str(acme_ag["id"])))
        assert both in people(answer["similar"])
        assert both not in people(answer["duplicates"])
        reasons = {reason for pair in answer["similar"] for reason in pair["reasons"]}
        assert reasons == {"same name, other legal form (GmbH, AG)"}


class TestOneCustomer:
    async def test_the_duplicates_of_a_customer_do_not_include_itself(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        acme, zeta, acme_ag = await with_two_more(api)
        async with agent(era, api) as someone:
            answer = await someone.call("find_duplicate_customers", id=acme["id"])
        assert (ids(answer["duplicates"]), ids(answer["similar"])) == ([zeta["id"]], [acme_ag["id"]])
        assert answer["duplicates"][0]["reasons"] == [
            "same VAT id DE123456789",
            "other legal form (GmbH, KG)",
        ]
        assert answer["duplicates"][0].keys() == {"id", "name", "postcode", "city", "reasons"}

    async def test_a_unique_customer_has_no_duplicates(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        made = await api.add(ACME | NEW | {"vatId": "", "email": ""})
        async with agent(era, api) as someone:
            answer = await someone.call("find_duplicate_customers", id=made["id"])
        nobody: list[object] = []
        assert answer == {
            "scanned": 58,
            "complete": True,
            "duplicates": nobody,
            "duplicatesTotal": 0,
            "similar": nobody,
            "similarTotal": 0,
        }

    async def test_an_unknown_id_is_not_found_before_other_customers_are_read(self, era: str) -> None:
        script = Script(reply({}, 404))
        async with agent(era, script) as someone:
            error = await someone.fails("find_duplicate_customers", id="nobody")
        assert (error["code"], error["message"]) == ("not_found", "No customer has the id nobody.")
        assert script.calls == ["GET /customer/nobody"]


class TestHidden:
    TWINS = (RECORD | {"vatId": "DE136695976"}, RECORD | {"id": "twin", "customerId": "CUST-0043"})

    @pytest.mark.parametrize("one", [{}, {"id": "cust_abc123"}])
    @pytest.mark.parametrize(
        ("hidden", "values"),
        [
            ("email", ["billing@acme.example.com"]),
            ("postcode", ["10115"]),
            ("city", ["Berlin"]),
            ("name", ["Acme", "GmbH"]),
            ("customerId", ["CUST"]),
            ("vatId", ["DE136695976"]),
        ],
    )
    async def test_a_reason_does_not_show_a_hidden_field(
        self, era: str, one: dict[str, str], hidden: str, values: list[str]
    ) -> None:
        twin = self.TWINS[1] | {"vatId": "DE136695976", "customerId": "CUST-0042"}
        script = Script(*([reply(self.TWINS[0])] if one else []), page(self.TWINS[0], twin))
        async with agent(era, script, hide_fields=(hidden,)) as someone:
            result = await someone.result("find_duplicate_customers", **one)
        text = text_of(result)
        assert json.loads(text)["duplicatesTotal"] == 1
        assert not [value for value in values if value in text]

    async def test_hiding_names_also_hides_legal_forms(self, era: str) -> None:
        forms = [RECORD | {"vatId": "DE136695976"}, RECORD | {"id": "2", "customerId": "2", "name": "B AG"}]
        script = Script(page(forms[0], forms[1] | {"vatId": "DE136695976"}))
        async with agent(era, script, hide_fields=("name",)) as someone:
            answer = await someone.call("find_duplicate_customers")
        (pair,) = answer["duplicates"]
        assert pair["reasons"][0] == "same VAT id DE136695976"
        assert "GmbH" not in str(pair["reasons"])

    async def test_other_reasons_stay(self, era: str) -> None:
        twins = page(*self.TWINS)
        async with agent(era, Script(twins), hide_fields=("email",)) as someone:
            answer = await someone.call("find_duplicate_customers")
        assert answer["duplicates"][0]["reasons"] == ["same name, same postcode 10115", "[hidden]"]


async def imported(someone: Agent, api: FaultyApi, rows: str) -> Answer:
    return await someone.call("import_customers", file_id=await api.upload(CSV + rows))


class TestImport:
    async def test_imported_duplicates_of_existing_customers_are_named(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        acme = await api.add(ACME)
        async with agent(era, api) as someone:
            answer = await imported(someone, api, f"ACME G.m.b.H.;Weg 2;10115;Berlin;DE;\n{NEW_ROW}")
            base = await api.settled()
        (again,) = [one["id"] for one in base.values() if one["name"] == "ACME G.m.b.H."]
        assert people(answer["duplicates"]["duplicates"]) == {frozenset((str(acme["id"]), str(again)))}
        assert answer["duplicates"]["duplicates"][0]["reasons"] == ["same name, same postcode 10115"]
        assert (answer["imported"], answer["duplicates"]["duplicatesTotal"]) == (2, 1)

    async def test_duplicates_within_the_import_are_named(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        async with agent(era, api) as someone:
            answer = await imported(someone, api, NEW_ROW * 2)
        assert answer["duplicates"]["duplicatesTotal"] == 1

    async def test_an_imported_firm_of_another_legal_form_is_only_similar(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        await api.add(ACME)
        async with agent(era, api) as someone:
            duplicates = (await imported(someone, api, "Acme AG;Weg 2;10115;Berlin;DE;\n"))["duplicates"]
        assert (duplicates["duplicatesTotal"], duplicates["similarTotal"]) == (0, 1)

    async def test_duplicates_from_before_the_import_are_left_out(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        async with agent(era, api) as someone:
            duplicates = (await imported(someone, api, NEW_ROW))["duplicates"]
            before = await someone.call("find_duplicate_customers")
        assert (duplicates["duplicatesTotal"], duplicates["scanned"], before["duplicatesTotal"]) == (0, 58, 1)

    async def test_a_warning_says_that_the_import_could_not_be_compared(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        api.meet(said(403, {}), "GET /customers", nth=2, always=True)
        async with agent(era, api) as someone:
            answer = await imported(someone, api, NEW_ROW)
        assert (answer["imported"], answer["warnings"]) == (1, [UNCOMPARED])
        assert "duplicates" not in answer

    async def test_an_incomplete_comparison_is_reported(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        api.meet(silent(), "GET /customers", nth=2, always=True)
        async with agent(era, api, scan_s=0.2) as someone:
            answer = await imported(someone, api, NEW_ROW)
        assert answer["imported"] == 1
        assert not answer["duplicates"]["complete"]
        assert answer["duplicates"]["reason"] == "time ran out after 0.2 s: 0 customers were read"

    async def test_reasons_do_not_show_hidden_fields(self, era: str) -> None:
        api = FaultyApi(57, FORMS[era])
        await api.add(ACME)
        async with agent(era, api, hide_fields=("postcode",)) as someone:
            answer = await imported(someone, api, "Acme GmbH;Weg 2;10115;Berlin;DE;\n")
        assert answer["duplicates"]["duplicates"][0]["reasons"] == ["same name, [hidden]"]
        assert "10115" not in str(answer)
