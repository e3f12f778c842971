from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest

from faktoora_mcp.settings import ANSWER_BYTES
from tests.agents import Agent, Answer, agent, text_of
from tests.scripted import ACME

pytestmark = pytest.mark.anyio
UPLOADED = "550e8400-e29b-41d4-a716-446655440000"


Work = Callable[[], AbstractAsyncContextManager[Agent]]
HOSTS = [("legacy", "documented"), ("auto", "documented"), ("auto", "current")]


@pytest.fixture(params=HOSTS, ids="-".join)
def work(request: pytest.FixtureRequest) -> Work:
    """An agent at the sandbox, in either era of the protocol and either form of the API."""
    era, dialect = request.param
    return partial(agent, era, dialect=dialect)


async def created(someone: Agent, **more: object) -> Answer:
    return (await someone.call("create_customer", customer=ACME | more))["customer"]


@pytest.mark.parametrize("word", ["Müller", "MÜLLER", "üll"])
async def test_list_customers_finds_by_words_in_any_case(work: Work, word: str) -> None:
    async with work() as someone:
        found = await someone.call("list_customers", keywords=[word])
    assert found["totalItems"] == 3


async def test_list_customers_finds_any_spelling_of_umlauts_where_the_api_does() -> None:
    async with agent("auto") as someone:
        found = await someone.call("list_customers", keywords=["mueller"])
    assert found["totalItems"] == 3


async def test_list_customers_answers_a_table_that_tells_customers_apart(work: Work) -> None:
    async with work() as someone:
        found = await someone.call("list_customers", keywords=["Schwarz"], per_page=1)
    assert found["columns"] == ["id", "customerId", "name", "postcode", "city", "country", "email"]
    assert [len(row) for row in found["rows"]] == [7]


async def test_list_customers_does_not_search_vat_ids_and_says_so(work: Work) -> None:
    async with work() as someone:
        await created(someone)
        found = await someone.call("list_customers", keywords=["DE123456789"])
        tools = (await someone.client.list_tools()).tools
    assert found["rows"] == []
    assert "Not searched: contacts, phone, VAT id, GLN" in str(tools[0].description)


async def test_following_next_page_visits_every_customer_once(work: Work) -> None:
    async with work() as someone:
        ids: list[object] = []
        page: object = 1
        while page:
            table = await someone.call("list_customers", page=page, per_page=25, fields=["id"])
            ids += [row[0] for row in table["rows"]]
            page = table.get("nextPage")
    assert len(ids) == len(set(ids)) == 57


async def test_list_customers_shows_a_relation_that_was_asked_for(work: Work) -> None:
    async with work() as someone:
        table = await someone.call("list_customers", relation_fields=["customerDeliveryAddresses"])
    assert table["columns"][-1] == "deliveryAddresses"
    assert all(isinstance(row[-1], list) for row in table["rows"])


async def test_list_customers_shows_chosen_columns_or_all(work: Work) -> None:
    async with work() as someone:
        chosen = await someone.call("list_customers", fields=["customerId", "vatId"], per_page=3)
        everything = await someone.call("list_customers", fields=["*"], per_page=3)
    assert chosen["columns"] == ["id", "customerId", "vatId"]
    assert {"id", "faktooraId", "createdAt", "category"} <= set(everything["columns"])


async def test_list_customers_refuses_an_unknown_column_with_the_nearest_name(work: Work) -> None:
    async with work() as someone:
        error = await someone.fails("list_customers", fields=["vatid", "shoeSize"])
    assert error["fields"] == {"fields": "vatid is unknown; did you mean vatId?"}


async def test_list_customers_says_when_a_page_is_past_the_end(work: Work) -> None:
    async with work() as someone:
        error = await someone.fails("list_customers", page=9)
    assert error["code"] == "invalid_input"
    assert error["fields"] == {"page": "there are 57 customers, 20 to a page"}


async def test_get_customer_reads_by_id_and_by_number_the_same(work: Work) -> None:
    async with work() as someone:
        by_number = await someone.call("get_customer", number="CUST-0001")
        by_id = await someone.call("get_customer", id=by_number["customer"]["id"])
    assert by_id == by_number
    assert by_id["customer"]["customerId"] == "CUST-0001"


async def test_get_customer_leaves_out_what_is_empty(work: Work) -> None:
    async with work() as someone:
        detail = await someone.call("get_customer", number="CUST-0001")
    assert None not in detail["customer"].values()


async def test_get_customer_loads_contacts_and_delivery_addresses(work: Work) -> None:
    relations = ["customerContacts", "customerDeliveryAddresses"]
    async with work() as someone:
        detail = await someone.call("get_customer", number="CUST-0001", relation_fields=relations)
    assert isinstance(detail["customer"]["customerContacts"], list)
    assert isinstance(detail["customer"]["deliveryAddresses"], list)
    assert "notLoaded" not in detail


async def test_get_customer_shows_chosen_fields(work: Work) -> None:
    async with work() as someone:
        detail = await someone.call("get_customer", number="CUST-0001", fields=["name", "city"])
    assert set(detail["customer"]) == {"id", "name", "city"}


async def test_get_customer_tells_a_free_number_from_an_unknown_id(work: Work) -> None:
    async with work() as someone:
        free = await someone.fails("get_customer", number="CUST-9999")
        unknown = await someone.fails("get_customer", id="cust_none")
    assert free["code"] == unknown["code"] == "not_found"
    assert "it is free" in str(free["message"])
    assert unknown["message"] == "No customer has the id cust_none."


async def test_create_customer_sends_the_specifications_example_and_warns(work: Work) -> None:
    async with work() as someone:
        answer = await someone.call("create_customer", customer=ACME)
    assert answer["outcome"] == "created"
    assert answer["warnings"] == ["vatId: check digit looks wrong"]
    filled = {name: value for name, value in ACME.items() if value != {}}
    assert filled.items() <= answer["customer"].items()
    assert "ignored" not in answer


async def test_create_customer_tells_what_it_wrote_otherwise(work: Work) -> None:
    async with work() as someone:
        answer = await someone.call(
            "create_customer", customer=ACME | {"postcode": "D-10115", "country": "de"}
        )
    assert answer["normalized"] == {"postcode": ["D-10115", "10115"], "country": ["de", "DE"]}
    assert answer["customer"]["postcode"] == "10115"


async def test_create_customer_keeps_contacts_categories_and_extras(work: Work) -> None:
    more = {
        "category": "Stammkunde",
        "extras": {"region": "Nord"},
        "customerContacts": [{"firstName": "Erika", "email": "erika@acme.example.com"}],
        "deliveryAddresses": [{"name": "Lager", "address": "Hof 2", "postcode": "20095", "city": "Hamburg"}],
    }
    async with work() as someone:
        made = await created(someone, **more)
        relations = ["customerContacts", "customerDeliveryAddresses"]
        detail = await someone.call("get_customer", id=made["id"], relation_fields=relations)
    customer = detail["customer"]
    assert customer["category"] == "Stammkunde"
    assert customer["extras"] == {"region": "Nord"}
    assert customer["customerContacts"][0]["firstName"] == "Erika"
    assert customer["deliveryAddresses"][0]["city"] == "Hamburg"


async def test_create_customer_refuses_a_taken_number_with_its_holder(work: Work) -> None:
    async with work() as someone:
        made = await created(someone, customerId="CUST-7000")
        other = ACME | {"name": "Zeta AG", "customerId": "CUST-7000"}
        error = await someone.fails("create_customer", customer=other)
    assert (error["code"], error["fields"]) == ("conflict", {"customerId": "is in use"})
    assert error["holder"]["id"] == made["id"]


async def test_create_customer_names_likely_duplicates_and_creates_them_on_demand_only(work: Work) -> None:
    async with work() as someone:
        made = await created(someone)
        error = await someone.fails("create_customer", customer=ACME)
        again = await someone.call("create_customer", customer=ACME, allow_duplicate=True)
    assert error["code"] == "duplicate"
    assert [candidate["id"] for candidate in error["candidates"]] == [made["id"]]
    assert "same VAT id" in error["candidates"][0]["reasons"][0]
    assert again["customer"]["id"] != made["id"]


async def test_create_customer_assigns_the_next_number(work: Work) -> None:
    async with work() as someone:
        number = (await someone.call("generate_customer_number"))["number"]
        dry = await someone.call("create_customer", customer=ACME, assign_number=True, dry_run=True)
        answer = await someone.call("create_customer", customer=ACME, assign_number=True)
    assert (dry["dryRun"], dry["outcome"], dry["body"]["customerId"]) == (True, "dry_run", number)
    assert "customer" not in dry
    assert answer["customer"]["customerId"] == number


async def test_update_customer_changes_one_contact_and_undoes_it(work: Work) -> None:
    erika = {"firstName": "Erika", "lastName": "Muster", "email": "erika@acme.example.com"}
    hans = {"firstName": "Hans", "lastName": "Muster", "email": "hans@acme.example.com"}
    async with work() as someone:
        made = await created(someone, customerContacts=[erika, hans])
        changes = {"customerContacts": [{"email": "Hans@acme.example.com", "phoneNo": "+49 30 901820"}]}
        answer = await someone.call("update_customer", id=made["id"], changes=changes)
        undone = await someone.call("update_customer", **answer["undo"])
        detail = await someone.call("get_customer", id=made["id"], relation_fields=["customerContacts"])
    (change,) = answer["entries"]["customerContacts"]["changed"].values()
    assert change["phoneNo"] == [None, "+49 30 901820"]
    assert answer["entries"]["customerContacts"]["kept"] == 1
    assert undone["entries"]["customerContacts"]["kept"] == 1
    held = [contact.get("phoneNo") for contact in detail["customer"]["customerContacts"]]
    assert held == [None, None]


async def test_a_deleted_customer_can_be_brought_back(work: Work) -> None:
    async with work() as someone:
        made = await created(someone, deliveryAddresses=[{"name": "Lager", "city": "Hamburg"}])
        deleted = await someone.call("delete_customer", id=made["id"], confirm="Acme GmbH")
        back = await someone.call("create_customer", customer=deleted["restore"])
    assert deleted["restore"]["deliveryAddresses"] == [{"name": "Lager", "city": "Hamburg"}]
    assert back["customer"]["name"] == "Acme GmbH"
    assert "ignored" not in back


async def test_update_customer_changes_and_clears_only_what_is_named(work: Work) -> None:
    async with work() as someone:
        made = await created(someone, phoneNo="+49 30 901820")
        changes = {"city": "Hamburg", "postcode": "20095", "phoneNo": None, "name": "Acme GmbH"}
        answer = await someone.call("update_customer", id=made["id"], changes=changes)
        detail = await someone.call("get_customer", id=made["id"])
    assert answer["changed"] == {
        "city": ["Berlin", "Hamburg"],
        "postcode": ["10115", "20095"],
        "phoneNo": ["+49 30 901820", None],
    }
    assert "phoneNo" not in detail["customer"]
    assert detail["customer"]["vatId"] == "DE123456789"


async def test_update_customer_says_when_there_is_nothing_to_change(work: Work) -> None:
    async with work() as someone:
        made = await created(someone)
        answer = await someone.call("update_customer", id=made["id"], changes={"city": "Berlin"})
    assert "changed" not in answer
    assert "nothing was sent" in answer["note"]


async def test_update_customer_judges_a_postcode_by_the_country_of_the_record(work: Work) -> None:
    async with work() as someone:
        made = await created(someone)
        error = await someone.fails("update_customer", id=made["id"], changes={"postcode": "1010"})
    assert error["fields"] == {"postcode": "DE postcodes have 5 digits, got '1010'"}


async def test_update_customer_does_not_judge_old_data_again(work: Work) -> None:
    async with work() as someone:
        made = await created(someone)
        answer = await someone.call("update_customer", id=made["id"], changes={"note": "ruft zurück"})
    assert "warnings" not in answer


@pytest.mark.parametrize("changes", [{}, {"city": None}, {"id": "x"}, {"vatID": "DE136695976"}])
async def test_update_customer_refuses_empty_and_impossible_changes(
    work: Work, changes: dict[str, object]
) -> None:
    async with work() as someone:
        made = await created(someone)
        error = await someone.fails("update_customer", id=made["id"], changes=changes)
    assert error["code"] == "invalid_input"
    assert error["fields"]


@pytest.mark.parametrize("confirm", ["Acme GmbH", "CUST-7000", "  acme   gmbh "])
async def test_delete_customer_takes_name_or_number_as_confirmation(work: Work, confirm: str) -> None:
    async with work() as someone:
        made = await created(someone, customerId="CUST-7000")
        answer = await someone.call("delete_customer", id=made["id"], confirm=confirm)
        gone = await someone.fails("get_customer", id=made["id"])
    assert answer["deleted"]["name"] == "Acme GmbH"
    assert gone["code"] == "not_found"


@pytest.mark.parametrize("confirm", ["", "yes", "Acme", "true"])
async def test_delete_customer_refuses_any_other_word_and_does_not_tell_the_right_one(
    work: Work, confirm: str
) -> None:
    async with work() as someone:
        made = await created(someone, customerId="CUST-7000")
        result = await someone.result("delete_customer", id=made["id"], confirm=confirm)
        await someone.call("get_customer", id=made["id"])
    assert '"not_confirmed"' in text_of(result)
    assert "Acme" not in text_of(result)
    assert "CUST-7000" not in text_of(result)


async def test_delete_customer_says_why_a_customer_with_invoices_stays(work: Work) -> None:
    async with work() as someone:
        table = await someone.call("list_customers", per_page=100, fields=["id", "name"])
        codes: set[object] = set()
        for customer_id, name in table["rows"]:
            result = await someone.result("delete_customer", id=customer_id, confirm=name)
            codes.add('"conflict"' in text_of(result))
    assert codes == {True, False}


async def test_generate_customer_number_follows_the_sequence_and_is_free(work: Work) -> None:
    async with work() as someone:
        number = (await someone.call("generate_customer_number"))["number"]
        verified = await someone.call("verify_customer_number", number=number)
    assert str(number).startswith("CUST-")
    assert verified == {"number": number, "available": True}


async def test_verify_customer_number_shows_the_holder_reduced(work: Work) -> None:
    async with work() as someone:
        answer = await someone.call("verify_customer_number", number="CUST-0001")
    assert answer["available"] is False
    assert set(answer["holder"]) == {"id", "customerId", "name", "postcode", "city"}


async def test_import_customers_answers_counts_rows_and_doubts(work: Work) -> None:
    async with work() as someone:
        answer = await someone.call("import_customers", file_id=UPLOADED)
        total = (await someone.call("list_customers", per_page=1))["totalItems"]
    assert answer["imported"] == len(answer["rows"]) == 6
    assert total == answer["totalItemsBefore"] + 6
    assert answer["doubtfulTotal"] == len(answer["doubtful"]) > 0
    assert all(row["doubts"] for row in answer["doubtful"])


async def test_import_customers_knows_no_other_file(work: Work) -> None:
    async with work() as someone:
        error = await someone.fails("import_customers", file_id="6f9619ff-8b86-d011-b42d-00c04fc964ff")
    assert error["code"] == "not_found"


async def test_no_answer_on_the_sandbox_bursts_the_budget(work: Work) -> None:
    async with work() as someone:
        relations = ["user", "customerContacts", "customerDeliveryAddresses", "legalform", "importedFile"]
        result = await someone.result("list_customers", per_page=100, fields="*", relation_fields=relations)
    assert len(text_of(result).encode()) <= ANSWER_BYTES
