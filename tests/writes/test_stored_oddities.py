"""Values that are stored already and break a rule: they block no change, and no advice sends them back."""

from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.models import CustomerChanges, NewCustomer
from faktoora_mcp.api.outcomes import Record, Updated
from faktoora_mcp.errors import Conflict, InvalidInput
from faktoora_mcp.writes.delete import delete_customer
from faktoora_mcp.writes.equality import same
from faktoora_mcp.writes.update import Revision, update_customer
from tests.scripted import RECORD, Script, reply
from tests.told import told
from tests.writes.scripts import ID, PATCH, changes, over, record_with

pytestmark = pytest.mark.anyio
TO_COME: JsonValue = {"id": "1", "lastName": "Muster", "email": "folgt noch"}
BERT: JsonValue = {"id": "2", "lastName": "Bert", "email": "bert@firma.de"}
PERSON = {name: value for name, value in RECORD.items() if name != "name"} | {
    "isCompany": False, "firstName": "Erika", "lastName": "Muster",
}  # fmt: skip


async def updated(before: Record, after: Record, **given: JsonValue) -> tuple[Updated, object]:
    script = Script(reply(before), reply(after))
    async with over(script=script) as writer:
        done = await update_customer(writer, ID, Revision(CustomerChanges.model_validate(given)))
    sent = [script.body(place) for place, call in enumerate(script.calls) if call == PATCH]
    return done, sent[-1] if sent else None


async def test_an_odd_entry_that_is_sent_back_as_read_does_not_block_another() -> None:
    before = record_with(customerContacts=[TO_COME, BERT])
    moved: JsonValue = {"id": "2", "lastName": "Berta", "email": "bert@firma.de"}
    done, body = await updated(
        before, record_with(customerContacts=[TO_COME, moved]), customerContacts=[TO_COME, moved]
    )
    assert body == {"customerContacts": [TO_COME, moved]}
    assert told(done.entries["customerContacts"].changed) == {"2": {"lastName": ("Bert", "Berta")}}


async def test_an_odd_field_of_an_entry_does_not_block_a_change_of_the_entry() -> None:
    before = record_with(customerContacts=[TO_COME])
    renamed: JsonValue = {"id": "1", "lastName": "Neumann", "email": "folgt noch"}
    _, body = await updated(before, record_with(customerContacts=[renamed]), customerContacts=[renamed])
    assert body == {"customerContacts": [renamed]}


async def test_what_differs_in_an_entry_is_judged() -> None:
    before = record_with(customerContacts=[BERT])
    async with over(reply(before)) as writer:
        revision = Revision(changes(customerContacts=[{"id": "2", "email": "folgt noch"}]))
        with pytest.raises(InvalidInput) as caught:
            await update_customer(writer, ID, revision)
    assert caught.value.fields.keys() == {"customerContacts.0.email"}


async def test_the_undo_of_an_odd_entry_can_be_sent_back() -> None:
    before = record_with(customerContacts=[TO_COME])
    after = record_with(customerContacts=[TO_COME, BERT])
    done, _ = await updated(before, after, customerContacts=[{"lastName": "Bert", "email": "bert@firma.de"}])
    assert (done.undo, told(done.undo_remove), done.warnings) == ({}, {"customerContacts": ["2"]}, ())


@pytest.mark.parametrize("blank", ["", " "])
async def test_a_blank_text_is_restored_by_clearing(blank: str) -> None:
    before = RECORD | {"phoneNo": blank}
    done, _ = await updated(before, RECORD | {"phoneNo": "030 1"}, phoneNo="030 1")
    assert done.undo == {"phoneNo": None}


async def test_expect_takes_the_display_name_that_lists_show() -> None:
    async with over(reply(PERSON), reply(PERSON | {"city": "Hamburg"})) as writer:
        revision = Revision(changes(city="Hamburg"), expect={"name": "Erika Muster"})
        assert (await update_customer(writer, ID, revision)).changed == {"city": ("Berlin", "Hamburg")}


async def test_expect_refuses_another_display_name() -> None:
    async with over(reply(PERSON)) as writer:
        with pytest.raises(Conflict):
            await update_customer(
                writer, ID, Revision(changes(city="Hamburg"), expect={"name": "Max Muster"})
            )


@pytest.mark.parametrize(
    ("sent", "held", "equal"),
    [
        ("München", "München", True),
        (" München ", "München", True),
        ("Muenchen", "München", False),
        ("MÜNCHEN", "München", False),
        ("", None, True),
    ],
)
def test_stored_equal_is_trimmed_and_composed_and_nothing_more(
    sent: str,
    held: str | None,
    equal: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    assert same("city", sent, held) is equal


odd = st.sampled_from(["", " ", "kaputt", "1067", "folgt noch", "030 1", "DE123456789", "x@firma.de", None])
FIELDS = ("phoneNo", "email", "vatId", "glnId", "postcode", "address", "city", "country", "name", "note")
contacts = st.fixed_dictionaries({"id": st.sampled_from("123"), "lastName": odd, "email": odd})
lists = st.lists(contacts, max_size=2, unique_by=lambda contact: contact["id"])
records = st.fixed_dictionaries(dict.fromkeys(FIELDS, odd) | {"customerContacts": lists})
right = st.fixed_dictionaries(
    {"city": st.just("Bremen")},
    optional={
        "phoneNo": st.sampled_from(["040 7654321", None]),
        "email": st.sampled_from(["neu@firma.de", None]),
        "country": st.sampled_from(["FR", None]),
        "address": st.just("Neue Straße 1"),
        "customerContacts": st.lists(st.just({"id": "1", "email": "neu@firma.de"}), max_size=1),
    },
)


NOTHING: Record = {}


@hypothesis_settings(max_examples=150, deadline=None)
@given(before=records, changed=right)
async def test_any_undo_can_be_sent_back(before: Record, changed: Record) -> None:
    held = RECORD | before
    people = cast("list[Record]", held["customerContacts"])
    given_people = cast("list[Record]", changed.get("customerContacts", []))
    merged = [one | next((new for new in given_people if new["id"] == one["id"]), NOTHING) for one in people]
    assume(len(given_people) <= sum(one["id"] == "1" for one in people))  # an unknown id is refused
    after = {**held, **changed, "customerContacts": cast("JsonValue", merged)}
    done, _ = await updated(held, after, **changed)
    if done.undo:
        await updated(after, held, **done.undo)
    lacking = {warning.path.partition(".")[0] for warning in done.warnings}
    assert done.changed.keys() - {"customerContacts"} <= done.undo.keys() | lacking


@hypothesis_settings(max_examples=150, deadline=None)
@given(record=records)
async def test_any_restore_that_is_whole_can_be_sent_back(record: Record) -> None:
    held = RECORD | record | {"deliveryAddresses": []}
    async with over(reply(held), reply({"succeed": True})) as writer:
        answer = await delete_customer(writer, ID, "CUST-0042")
    missing = [name for name in ("address", "postcode", "city") if name not in answer.restore]
    assert all(any(warning.path == name for warning in answer.warnings) for name in missing)
    complete = {"address": "Weg 1", "postcode": "10115", "city": "Berlin"}
    country: Record = {"country": "DE"} if "postcode" in missing else {}
    NewCustomer.model_validate(answer.restore | {name: complete[name] for name in missing} | country)
