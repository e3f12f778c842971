import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.answers.redaction import (
    REDACTABLE,
    is_hidden,
    redacted_fields,
    redacted_record,
)
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
Record = dict[str, JsonValue]
any_json: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.text(max_size=3) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "note", "rows"]), inner)
    ),
    max_leaves=8,
)


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
        deleted = await someone.call("delete_customer", id="cust_abc123", confirm="CUST-0042")
        imported = await someone.call("import_customers", file_id="f")
    assert "email" not in deleted["restore"]
    assert "email" not in imported["columns"]
    assert imported["wrong"][0]["errors"] == ["email: [hidden]"]


def test_hiding_a_part_of_the_name_hides_the_display_name() -> None:
    assert redacted_fields(["lastName"]) == {"lastName", "name"}
    person: Record = {"id": "1", "name": "Erika Muster", "lastName": "Muster"}
    assert redacted_record(person, redacted_fields(["lastName"])) == {"id": "1"}


def test_extras_are_hidden_as_a_whole_or_not_at_all() -> None:
    record: Record = {"note": "x", "extras": {"note": "y", "columns": ["note"], "rows": [[1]]}}
    assert redacted_record(record, frozenset({"note"})) == {"extras": record["extras"]}
    assert redacted_record(record, frozenset({"extras"})) == {"note": "x"}
    assert not is_hidden("extras.note", frozenset({"note"}))
    assert is_hidden("extras.note", frozenset({"extras"}))


@given(st.sampled_from(sorted(REDACTABLE)), st.dictionaries(st.sampled_from(sorted(REDACTABLE)), any_json))
def test_a_record_loses_hidden_fields_and_nothing_else(name: str, record: Record) -> None:
    kept = redacted_record(record, frozenset({name}))
    assert kept.keys() == record.keys() - {name}
    assert json.dumps(kept.get("extras")) == json.dumps(None if name == "extras" else record.get("extras"))
    assert redacted_record(kept, frozenset({name})) == kept


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


TABLE: Record = {"columns": ["note", "email"], "rows": [1, {"a": None}]}


async def test_extras_that_look_like_a_table_survive_any_redaction(era: str) -> None:
    record = RECORD | {"extras": TABLE, "note": "x"}
    script = Script(reply(record), page(record), page(), reply(record), page(record))
    async with agent(era, script, **HIDE) as someone:
        detail = await someone.call("get_customer", id="cust_abc123", fields=["*"])
        table = await someone.call("list_customers", fields=["id", "extras"])
        created = await someone.call("create_customer", customer=ACME | {"extras": TABLE})
    shown: Record = {"columns": ["note", "email"], "rows": [1, {}]}
    assert detail["customer"]["extras"] == created["customer"]["extras"] == shown
    assert table["rows"] == [["cust_abc123", shown]]


async def test_the_note_of_an_answer_is_not_the_field(era: str) -> None:
    record = RECORD | {"note": "geheim"}
    async with agent(era, Script(reply(record)), **HIDE) as someone:
        answer = await someone.call("update_customer", id="cust_abc123", changes={"city": "Berlin"})
    assert answer["note"] == "Nothing to change: the record holds these values; nothing was sent."


async def test_no_sentence_tells_a_hidden_country_or_number(era: str) -> None:
    held = RECORD | {"vatId": "ATU13585627", "country": "DE", "customerId": "K-4711"}
    other = held | {"id": "2", "customerId": "k-4711", "email": "x@y.example", "name": "B", "vatId": None}
    script = Script(page(other), reply({"succeed": True}), reply(held), page(held, other))
    async with agent(era, script, hide_fields=("country", "customerId")) as someone:
        new = ACME | {"vatId": "ATU13585627", "customerId": "K-4711", "country": "DE"}
        answer = await someone.call("create_customer", customer=new)
    assert answer["warnings"] == [
        "customerId: [hidden]",
        "vatId: its country AT is not the customer's country [hidden]",
    ]
    assert not {"country", "customerId"} & answer["customer"].keys()


async def test_a_number_that_another_customer_got_too_is_not_told(era: str) -> None:
    new, twin = (RECORD | {"id": each, "customerId": "K-4711"} for each in ("1", "2"))
    script = Script(
        page(),
        reply({"value": "K-4711"}),
        reply({"succeed": True}),
        reply(new),
        page(new, twin | {"name": "Zwirn"}, per_page=100),
    )
    async with agent(era, script, hide_fields=("customerId",)) as someone:
        answer = await someone.call("create_customer", customer=ACME, assign_number=True)
    assert "number_shared: the customer with id 2 got [hidden] too; change one of them" in answer["warnings"]
    assert "4711" not in json.dumps(answer)


async def test_the_words_of_the_api_are_withheld(era: str) -> None:
    said = "E-mail geheim@acme.example.com is used by Acme"
    script = Script(*[reply({"message": said}, 400)] * 2)
    async with agent(era, script, **HIDE) as someone:
        error = await someone.fails("list_customers")
    assert error["message"] == "The API refuses the input: its words are withheld because fields are hidden"
    async with agent(era, script) as someone:
        error = await someone.fails("list_customers")
    assert error["message"] == f"The API refuses the input: {said}"


async def test_what_undo_will_lack_of_an_entry_is_named(era: str) -> None:
    entry = {"id": "1", "lastName": "Muster", "email": SECRET}
    before = RECORD | {"customerContacts": [entry]}
    after = RECORD | {"customerContacts": [entry | {"email": "neu@acme.example.com"}]}
    script = Script(reply(before), reply(after))
    async with agent(era, script, **HIDE) as someone:
        changes = {"customerContacts": [{"id": "1", "email": "neu@acme.example.com"}]}
        answer = await someone.call("update_customer", id="cust_abc123", changes=changes)
    assert answer["entries"]["customerContacts"]["changed"] == {"1": {"email": ["[hidden]", "[hidden]"]}}
    assert answer["undo"]["changes"] == {"customerContacts": [{"id": "1"}]}
    assert answer["warnings"] == ["customerContacts.email: hidden, undo leaves it out"]


async def test_an_entry_that_only_a_hidden_value_names_is_numbered(era: str) -> None:
    entry = {"lastName": "Muster", "email": SECRET}
    before = RECORD | {"customerContacts": [entry]}
    after = RECORD | {"customerContacts": [entry | {"lastName": "Neu"}]}
    script = Script(reply(before), reply(after))
    async with agent(era, script, **HIDE) as someone:
        changes = {"customerContacts": [{"email": SECRET, "lastName": "Neu"}]}
        answer = await someone.call("update_customer", id="cust_abc123", changes=changes)
    assert answer["entries"]["customerContacts"]["changed"] == {"[hidden] 1": {"lastName": ["Muster", "Neu"]}}
    assert "undo" not in answer
    assert answer["warnings"] == ["customerContacts.email: hidden, undo leaves it out"]


async def test_an_undo_without_what_names_an_entry_still_brings_others_back(era: str) -> None:
    gone = {"id": "2", "lastName": "Bert"}
    entry = {"lastName": "Muster", "email": SECRET}
    before = RECORD | {"customerContacts": [entry, gone]}
    after = RECORD | {"customerContacts": [entry | {"lastName": "Neu"}]}
    async with agent(era, Script(reply(before), reply(after)), **HIDE) as someone:
        answer = await someone.call(
            "update_customer",
            id="cust_abc123",
            changes={"customerContacts": [{"email": SECRET, "lastName": "Neu"}]},
            remove_entries={"customerContacts": ["2"]},
        )
    assert answer["undo"]["changes"] == {"customerContacts": [{"lastName": "Bert"}]}
