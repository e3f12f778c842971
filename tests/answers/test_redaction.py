import json

import pytest

from faktoora_mcp.answers.redaction import redact, redacted_fields
from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import SettingsError
from tests.agents import ERAS, agent, text_of
from tests.scripted import ACME, RECORD, Script, page, reply, settings

pytestmark = pytest.mark.anyio
SECRET = "geheim@acme.example.com"
CONTACTED = RECORD | {
    "email": SECRET,
    "note": "zahlt spät",
    "customerContacts": [{"id": "1", "lastName": "Muster", "email": SECRET}],
}
HIDE = {"hide_fields": ("email", "note")}


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_detail_does_not_show_a_hidden_field_not_even_of_a_contact(era: str) -> None:
    async with agent(era, Script(reply(CONTACTED)), **HIDE) as someone:
        detail = await someone.call("get_customer", id="cust_abc123", relation_fields=["customerContacts"])
    assert detail["customer"]["customerContacts"] == [{"id": "1", "lastName": "Muster"}]
    assert SECRET not in json.dumps(detail)
    assert "note" not in detail["customer"]


async def test_a_table_has_no_column_for_a_hidden_field(era: str) -> None:
    async with agent(era, Script(page(CONTACTED)), **HIDE) as someone:
        table = await someone.call("list_customers")
    assert table["columns"] == ["id", "customerId", "name", "postcode", "city", "country"]
    assert [len(row) for row in table["rows"]] == [6]


@pytest.mark.parametrize(
    "arguments", [{"fields": ["email"]}, {"fields": "note"}, {"fields": ["id", "email"], "page": 2}]
)
async def test_a_hidden_field_is_refused_as_a_column_before_the_network(
    era: str, arguments: dict[str, object]
) -> None:
    script = Script()
    async with agent(era, script, **HIDE) as someone:
        error = await someone.fails("list_customers", **arguments)
    assert error["code"] == "invalid_input"
    assert "cannot be shown" in error["fields"]["fields"]
    assert script.requests == []


async def test_a_hidden_relation_is_refused(era: str) -> None:
    async with agent(era, Script(), hide_fields=("deliveryAddresses",)) as someone:
        error = await someone.fails("get_customer", id="x", relation_fields=["customerDeliveryAddresses"])
    assert error["fields"] == {"fields": "deliveryAddresses cannot be shown"}


async def test_a_change_of_a_hidden_field_is_shown_without_its_values(era: str) -> None:
    script = Script(reply(CONTACTED), reply(CONTACTED | {"email": "neu@acme.example.com", "city": "Köln"}))
    async with agent(era, script, **HIDE) as someone:
        changes = {"email": "neu@acme.example.com", "city": "Köln"}
        answer = await someone.call("update_customer", id="cust_abc123", changes=changes)
    assert answer["changed"] == {"email": ["[hidden]", "[hidden]"], "city": ["Berlin", "Köln"]}


async def test_a_created_record_is_answered_without_hidden_fields(era: str) -> None:
    async with agent(era, Script(page(), reply(CONTACTED), page(CONTACTED)), **HIDE) as someone:
        customer = ACME | {"email": "x@firma.local", "note": " "}
        answer = await someone.call("create_customer", customer=customer)
    assert not {"email", "note"} & answer["customer"].keys()
    assert "email: [hidden]" in answer["warnings"]


async def test_an_error_names_an_invalid_hidden_field_without_its_value(era: str) -> None:
    async with agent(era, Script(), **HIDE) as someone:
        result = await someone.result("create_customer", customer=ACME | {"email": "a b@acme.example.com"})
    assert json.loads(text_of(result))["error"]["fields"] == {"email": "[hidden]"}
    assert "a b@" not in text_of(result)


async def test_a_holder_and_candidates_show_no_hidden_field(era: str) -> None:
    twice = page(RECORD, RECORD | {"id": "other"}, per_page=100)
    script = Script(reply({"succeed": False}), page(RECORD), reply({"succeed": False}), twice)
    async with agent(era, script, hide_fields=("city", "postcode")) as someone:
        verified = await someone.call("verify_customer_number", number="CUST-0042")
        ambiguous = await someone.fails("get_customer", number="CUST-0042")
    assert verified["holder"].keys() == {"id", "customerId", "name"}
    assert [candidate.keys() for candidate in ambiguous["candidates"]] == [{"id", "customerId", "name"}] * 2


async def test_a_deleted_record_and_imported_rows_show_no_hidden_field(era: str) -> None:
    script = Script(
        reply(CONTACTED | {"deliveryAddresses": []}),
        reply({"succeed": True}),
        page(total=0),
        reply([CONTACTED | {"email": "x@y"}]),
        page(total=0),
    )
    async with agent(era, script, **HIDE) as someone:
        deleted = await someone.call("delete_customer", id="cust_abc123", confirm="Acme GmbH")
        imported = await someone.call("import_customers", file_id="f")
    assert "email" not in deleted["restore"]
    assert "email" not in imported["columns"]
    assert imported["doubtful"][0]["problems"] == ["email: [hidden]"]


def test_hiding_a_part_of_the_name_hides_the_display_name() -> None:
    assert redacted_fields(["lastName"]) == {"lastName", "name"}
    assert redact(
        {"id": "1", "name": "Erika Muster", "lastName": "Muster"}, redacted_fields(["lastName"])
    ) == {"id": "1"}


@pytest.mark.parametrize("name", ["mail", "id", "shoeSize"])
def test_a_name_that_cannot_be_hidden_is_refused_at_the_start(name: str) -> None:
    with pytest.raises(SettingsError, match=f"--hide-fields: no field that can be hidden is called '{name}'"):
        create_server(settings(hide_fields=(name,)), Script())


async def test_the_account_is_named_in_title_instructions_and_changes(era: str) -> None:
    held = reply(RECORD | {"customerContacts": [], "deliveryAddresses": []})
    script = Script(held, page(), reply(RECORD), page(RECORD), reply(RECORD))
    async with agent(era, script, account="Muster & Co.") as someone:
        info, instructions = someone.client.server_info, someone.client.instructions
        refused = await someone.result("delete_customer", id="cust_abc123", confirm="x")
        created = await someone.call("create_customer", customer=ACME)
        read = await someone.call("get_customer", id="cust_abc123")
    assert info is not None
    assert info.title == "faktoora customers: Muster & Co."
    assert "Account: Muster & Co." in str(instructions)
    assert created["account"] == json.loads(text_of(refused))["account"] == "Muster & Co."
    assert "account" not in read
