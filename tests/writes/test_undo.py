"""What an update says to undo it with, sent back, restores what was."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.answers.sentences import line
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerChanges, EntryList
from faktoora_mcp.api.outcomes import Entries, Record, Updated
from faktoora_mcp.queries import lookup
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.writes import update
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.undo import undoing
from faktoora_mcp.writes.update import Revision
from tests import scripted
from tests.agents import ERAS, agent
from tests.scripted import RECORD, Script, reply
from tests.told import told
from tests.writes.scripts import changes, new, over, record_with

pytestmark = pytest.mark.anyio
RELATIONS = ("customerContacts", "customerDeliveryAddresses")
NO_LISTS: dict[str, Entries] = {}


class TestUndoing:
    def test_old_values_come_back_and_what_was_empty_is_cleared(self) -> None:
        undo, warnings = undoing({"city": ("Berlin", "Köln"), "note": (None, "x")}, NO_LISTS, RECORD)
        assert (undo, warnings) == ({"city": "Berlin", "note": None}, ())

    def test_keys_of_extras_come_back_and_new_ones_go(self) -> None:
        pairs = {"extras.tier": ("gold", None), "extras.a.b": (None, 1)}
        undo, _ = undoing(cast("dict[str, tuple[JsonValue, JsonValue]]", pairs), NO_LISTS, RECORD)
        assert undo == {"extras": {"tier": "gold", "a.b": None}}

    @pytest.mark.parametrize(
        ("name", "old", "reason"),
        [
            ("vatId", "DE1", "DE VAT IDs are DE + 9 digits, got 'DE1'"),
            ("email", " kaputt", ""),
            ("address", None, "is required and cannot be cleared"),
        ],
    )
    def test_an_old_value_that_the_rules_refuse_is_left_out_and_warned_of(
        self, name: str, old: JsonValue, reason: str
    ) -> None:
        undo, (warning,) = undoing({name: (old, "x"), "city": ("Berlin", "Köln")}, NO_LISTS, RECORD)
        assert undo == {"city": "Berlin"}
        assert line(warning).startswith(f"{name}: undo leaves it out, its old value is refused: {reason}")

    def test_an_old_postcode_is_judged_with_the_old_country(self) -> None:
        now = record_with(country="AT", postcode="1010")
        pairs = {"postcode": ("10115", "1010"), "country": ("DE", "AT")}
        undo, warnings = undoing(cast("dict[str, tuple[JsonValue, JsonValue]]", pairs), NO_LISTS, now)
        assert (undo, warnings) == ({"postcode": "10115", "country": "DE"}, ())

    def test_a_field_of_an_entry_that_the_rules_refuse_is_left_out_and_warned_of(self) -> None:
        gone: Record = {"lastName": "Muster", "email": "kaputt"}
        found = Entries([], {}, [gone], 0, [gone])
        undo, (warning,) = undoing({}, {"customerContacts": found}, RECORD)
        assert undo == {"customerContacts": [{"lastName": "Muster"}]}
        assert line(warning).startswith(
            "customerContacts.0.email: undo leaves it out, its old value is refused: "
        )


async def test_an_added_entry_without_a_name_to_remove_it_by_is_warned_of() -> None:
    before = record_with(customerContacts=[])
    after = record_with(customerContacts=[{"lastName": "Neu"}])
    async with over(reply(before), reply(after)) as writer:
        given = Revision(changes(customerContacts=[{"lastName": "Neu"}]))
        updated = await update.update_customer(writer, "cust_abc123", given)
    assert updated.undo_remove == {}
    assert [warning.path for warning in updated.warnings] == ["customerContacts"]


async def test_a_change_of_a_field_that_broke_a_rule_is_made_and_its_undo_warned_of() -> None:
    before = record_with(vatId="DE1", city="Berlin")
    script = Script(reply(before), reply(before | {"vatId": "DE136695976", "city": "Köln"}))
    async with over(script=script) as writer:
        given = Revision(changes(vatId="DE136695976", city="Köln"))
        updated = await update.update_customer(writer, "cust_abc123", given)
    assert updated.undo == {"city": "Berlin"}
    assert [warning.path for warning in updated.warnings] == ["vatId"]


@pytest.mark.parametrize("era", ERAS)
async def test_hidden_fields_are_not_in_the_undo_but_named(era: str) -> None:
    script = Script(reply(RECORD), reply(record_with(email="n@firma.de", city="Köln")))
    async with agent(era, script, hide_fields=("email",)) as someone:
        changes = {"email": "n@firma.de", "city": "Köln"}
        answer = await someone.call("update_customer", id="cust_abc123", changes=changes)
    assert answer["undo"] == {"id": "cust_abc123", "changes": {"city": "Berlin"}}
    assert [warning.partition(":")[0] for warning in answer["warnings"]] == ["email"]


@pytest.fixture(scope="module")
def sandbox() -> httpx.ASGITransport:
    """One sandbox for all examples: each works on a customer of its own."""
    return httpx.ASGITransport(create_app(customers=0))


@asynccontextmanager
async def writing(sandbox: httpx.ASGITransport) -> AsyncGenerator[Writer]:
    ours = scripted.settings()
    async with FaktooraClient(ours, sandbox) as client:
        yield Writer(client, ours)


async def changed(
    writer: Writer, customer_id: str, given: Record, remove: dict[EntryList, list[str]]
) -> Updated:
    revision = Revision(CustomerChanges.model_validate(given), remove)
    return await update.update_customer(writer, customer_id, revision)


async def held(writer: Writer, customer_id: str) -> Record:
    return (await lookup.by_id(writer.client, customer_id, RELATIONS)).customer.record


def essence(record: Record) -> Record:
    """The record without what the API decides: dates, ids of entries, their order; nothing is empty."""
    kept = {name: _essential(value) for name, value in record.items() if name != "updatedAt"}
    return {name: value for name, value in kept.items() if value}


def _essential(value: JsonValue) -> JsonValue:
    match value:
        case dict():
            return {key: item for key, item in value.items() if item is not None and key != "id"}
        case list():
            return sorted(json.dumps(_essential(entry), sort_keys=True) for entry in value)  # pyright: ignore[reportReturnType] (a list of texts is JSON)
        case _:
            return value


extras = st.dictionaries(st.sampled_from("abc"), st.none() | st.sampled_from(["x", "y", 0, [1], {"z": None}]))
contact_fields = st.fixed_dictionaries(
    {"lastName": st.sampled_from(["Ost", "West"])},
    optional={"phoneNo": st.sampled_from(["+49 30 901820", None]), "note": st.sampled_from(["n", "m", None])},
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(["Berlin", "Köln", " Bonn "]),
        "postcode": st.sampled_from(["10115", "D-20095"]),
        "note": st.sampled_from([None, "eins", "zwei\n"]),
        "email": st.sampled_from([None, "A@firma.de", "a@firma.de"]),
        "name": st.sampled_from(["Acme GmbH", "Acme AG"]),
        "extras": extras,
    },
)


def contacts_of(names: str) -> st.SearchStrategy[list[Record]]:
    mails = st.sets(st.sampled_from(names)).map(sorted)
    return mails.flatmap(
        lambda chosen: st.tuples(*[contact_fields] * len(chosen)).map(
            lambda entries: [
                {**entry, "email": f"{mail}@firma.de"} for mail, entry in zip(chosen, entries, strict=True)
            ]
        )
    )


class TestRoundTrip:
    @settings(max_examples=60, deadline=None)
    @given(
        st.tuples(fields, contacts_of("abc")),
        st.tuples(fields, contacts_of("abcde")),
        st.sets(st.sampled_from("abc")),
    )
    async def test_undo_restores_fields_extras_and_contacts(
        self,
        sandbox: httpx.ASGITransport,
        first: tuple[Record, list[Record]],
        then: tuple[Record, list[Record]],
        gone: set[str],
    ) -> None:
        (values, people), (others, news) = first, then
        leaving = [f"{name}@firma.de" for name in sorted(gone & {str(each["email"])[0] for each in people})]
        staying = [entry for entry in news if entry["email"] not in leaving]
        async with writing(sandbox) as writer:
            body = {**values, "extras": values.get("extras") or {}, "customerContacts": people}
            made = await writer.client.create_customer(new(**cast("Record", body)))
            before = await held(writer, made.id)
            given_now = cast("Record", {**others, "customerContacts": staying})
            done = await changed(writer, made.id, given_now, {"customerContacts": leaving})
            if done.undo or done.undo_remove:
                remove = cast("dict[EntryList, list[str]]", told(done.undo_remove))
                await changed(writer, made.id, done.undo, remove)
            assert essence(await held(writer, made.id)) == essence(before)

    @pytest.fixture
    def two_of_one_name(self) -> list[JsonValue]:
        return [
            {"name": "Lager", "city": "Köln", "postcode": "50667"},
            {"name": "Lager", "city": "Bonn", "postcode": "53111"},
        ]

    async def test_undo_restores_delivery_addresses_of_one_name(
        self, sandbox: httpx.ASGITransport, two_of_one_name: list[JsonValue]
    ) -> None:
        async with writing(sandbox) as writer:
            made = await writer.client.create_customer(new(deliveryAddresses=two_of_one_name))
            before = await held(writer, made.id)
            one, other = cast("list[Record]", before["deliveryAddresses"])
            moved: Record = {"deliveryAddresses": [{"id": one["id"], "city": "Essen", "name": "Hof"}]}
            done = await changed(writer, made.id, moved, {"deliveryAddresses": [str(other["id"])]})
            await changed(writer, made.id, done.undo, {})
            assert essence(await held(writer, made.id)) == essence(before)

    async def test_an_entry_that_left_beside_its_namesake_is_not_in_the_undo_but_warned_of(
        self, sandbox: httpx.ASGITransport, two_of_one_name: list[JsonValue]
    ) -> None:
        async with writing(sandbox) as writer:
            made = await writer.client.create_customer(new(deliveryAddresses=two_of_one_name))
            _, other = cast("list[Record]", (await held(writer, made.id))["deliveryAddresses"])
            done = await changed(writer, made.id, {}, {"deliveryAddresses": [str(other["id"])]})
        assert done.undo == {}
        assert [warning.path for warning in done.warnings] == ["deliveryAddresses"]
