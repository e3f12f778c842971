"""Lists and extras in an update: changed entry by entry, so that nothing leaves unnamed."""

import pytest
from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Entries
from faktoora_mcp.errors import Ambiguous, Conflict, InvalidInput
from tests.scripted import RECORD, Reply, Script, page, reply
from tests.told import told
from tests.writes.scripts import (
    CONTACTS,
    GET,
    PATCH,
    WITH_CONTACTS,
    copy,
    record_with,
    revision,
    updated,
)

pytestmark = pytest.mark.anyio
HITS = "GET /customers?keywords[]=CUST-0042&page=1&perPage=100&relationFields[]=customerContacts"


class TestLists:
    async def test_an_entry_that_is_named_by_its_e_mail_gets_what_is_new(self) -> None:
        present: list[JsonValue] = [{"id": 9, "email": "kaputt"}, *CONTACTS]
        entry: dict[str, JsonValue] = {"email": "M@FIRMA.DE", "phoneNo": "+49 30 901820"}
        sent: list[JsonValue] = [
            {"id": 9, "email": "kaputt"},
            {**record_of(CONTACTS[0]), "email": "M@firma.de", "phoneNo": "+49 30 901820"},
        ]
        script = Script(
            reply(record_with(customerContacts=present)), reply(record_with(customerContacts=sent))
        )
        answer = await updated(script, revision(customerContacts=[entry]))
        assert (script.calls, script.body()) == ([GET + WITH_CONTACTS, PATCH], {"customerContacts": sent})
        assert told(answer.entries["customerContacts"].changed) == {
            "1": {"email": ("m@firma.de", "M@firma.de"), "phoneNo": (None, "+49 30 901820")}
        }
        assert (answer.changed, answer.ignored, answer.entries["customerContacts"].kept) == ({}, {}, 1)

    async def test_entries_that_nobody_named_are_sent_as_they_are_even_where_they_break_rules(self) -> None:
        odd: list[JsonValue] = [
            {"id": 3, "email": " NICHT ", "phoneNo": "", "color": {"a": [None]}},
            {"country": "XX", "postcode": 1067, "name": None},
            *CONTACTS,
        ]
        new: JsonValue = {"lastName": "Neu"}
        script = Script(
            reply(record_with(customerContacts=odd)), reply(record_with(customerContacts=[*odd, new]))
        )
        answer = await updated(script, revision(customerContacts=[new]))
        assert script.body() == {"customerContacts": [*odd, new]}
        assert answer.review.warnings == []

    async def test_a_new_entry_is_added_and_the_others_are_kept(self) -> None:
        held: list[JsonValue] = [*CONTACTS, {"id": 2, "lastName": "Neu", "email": "n@firma.de"}]
        script = Script(
            reply(record_with(customerContacts=CONTACTS)), reply(record_with(customerContacts=held))
        )
        answer = await updated(
            script, revision(customerContacts=[{"lastName": "Neu", "email": "n@firma.de"}])
        )
        assert answer.entries == {"customerContacts": Entries([record_of(held[1])], {}, [], 1, [])}
        assert (answer.undo, told(answer.undo_remove)) == ({}, {"customerContacts": ["2"]})

    async def test_an_entry_leaves_where_it_is_named(self) -> None:
        script = Script(
            reply(record_with(customerContacts=CONTACTS)), reply(record_with(customerContacts=[]))
        )
        answer = await updated(script, revision({"customerContacts": ("M@firma.de",)}))
        gone = record_of(CONTACTS[0])
        back: JsonValue = {key: value for key, value in gone.items() if key != "id"}
        assert script.body() == {"customerContacts": []}
        assert answer.entries == {"customerContacts": Entries([], {}, [gone], 0, [back])}
        assert answer.undo == {"customerContacts": [back]}

    async def test_an_entry_can_leave_while_another_comes(self) -> None:
        new: JsonValue = {"lastName": "Neu", "email": "n@firma.de"}
        script = Script(
            reply(record_with(customerContacts=CONTACTS)), reply(record_with(customerContacts=[new]))
        )
        await updated(script, revision({"customerContacts": ("1",)}, customerContacts=[new]))
        assert script.body() == {"customerContacts": [new]}

    @pytest.mark.parametrize("word", ["99", "nobody@firma.de"])
    async def test_an_unknown_entry_to_remove_is_refused_before_anything_is_sent(self, word: str) -> None:
        script = Script(reply(record_with(customerContacts=CONTACTS)))
        with pytest.raises(InvalidInput):
            await updated(script, revision({"customerContacts": (word,)}, city="Hamburg"))
        assert script.calls == [GET + WITH_CONTACTS]

    async def test_an_ambiguous_entry_is_refused_before_anything_is_sent(self) -> None:
        twins: JsonValue = [{"id": 1, "email": "m@firma.de"}, {"id": 2, "email": "m@firma.de"}]
        script = Script(reply(record_with(customerContacts=twins)))
        with pytest.raises(Ambiguous):
            await updated(script, revision(customerContacts=[{"email": "m@firma.de", "note": "x"}]))
        assert script.calls == [GET + WITH_CONTACTS]

    async def test_an_entry_with_an_unknown_id_is_refused_before_anything_is_sent(self) -> None:
        script = Script(reply(record_with(customerContacts=CONTACTS)))
        with pytest.raises(InvalidInput) as caught:
            await updated(script, revision(customerContacts=[{"id": "99", "lastName": "Neu"}]))
        assert (told(caught.value.fields), script.calls) == (
            {"customerContacts": "has no entry '99'; there are: 1"},
            [GET + WITH_CONTACTS],
        )

    async def test_what_is_new_of_an_entry_is_judged(self) -> None:
        place: JsonValue = {"id": "7", "name": "Lager", "country": "AT", "postcode": "1010"}
        script = Script(reply(record_with(customerDeliveryAddresses=[place])))
        with pytest.raises(InvalidInput) as caught:
            await updated(script, revision(deliveryAddresses=[{"id": "7", "postcode": "10115"}]))
        assert told(caught.value.fields) == {
            "deliveryAddresses.0.postcode": "AT postcodes have 4 digits, got '10115'"
        }

    @pytest.mark.parametrize("empty", [[], None])
    async def test_an_empty_list_removes_nothing_and_that_is_said(self, empty: JsonValue) -> None:
        script = Script(reply(record_with(customerContacts=CONTACTS)))
        answer = await updated(script, revision(customerContacts=empty))
        assert (answer.entries, answer.changed, script.calls) == ({}, {}, [GET + WITH_CONTACTS])
        assert [warning.path for warning in answer.warnings] == ["customerContacts"]

    async def test_what_the_api_added_to_an_entry_is_no_difference(self) -> None:
        script = Script(reply(record_with(customerContacts=CONTACTS)))
        given: JsonValue = {"lastName": "Muster", "email": "m@firma.de"}
        answer = await updated(script, revision(customerContacts=[given]))
        assert (answer.entries, script.calls) == ({}, [GET + WITH_CONTACTS])

    async def test_a_list_that_the_api_kept_is_told_as_ignored(self) -> None:
        before = record_with(customerContacts=CONTACTS)
        answer = await updated(Script(reply(before), reply(before)), revision({"customerContacts": ("1",)}))
        assert answer.ignored == {"customerContacts": ([], CONTACTS)}
        assert answer.entries == {"customerContacts": Entries([], {}, [], 1, [])}

    async def test_an_entry_that_the_api_lost_is_told(self) -> None:
        new: JsonValue = {"lastName": "Neu"}
        held: list[JsonValue] = [{"id": 2, "lastName": "Neu"}]
        before = record_with(customerContacts=CONTACTS)
        script = Script(reply(before), reply(record_with(customerContacts=held)))
        answer = await updated(script, revision(customerContacts=[new]))
        assert answer.ignored == {"customerContacts": (CONTACTS, [])}
        assert answer.entries["customerContacts"].removed == CONTACTS

    async def test_delivery_addresses_are_loaded_by_their_relation_and_sent_by_their_field(self) -> None:
        held: list[JsonValue] = [{"id": 7, "city": "Hamburg"}]
        after = record_with(customerDeliveryAddresses=held)
        script = Script(reply(record_with(customerDeliveryAddresses=[])), reply(after))
        answer = await updated(script, revision(deliveryAddresses=[{"city": "Hamburg"}]))
        assert answer.entries["deliveryAddresses"].added == held
        assert script.calls == [GET + "?relationFields[]=customerDeliveryAddresses", PATCH]
        assert script.body() == {"deliveryAddresses": [{"city": "Hamburg"}]}

    async def test_a_list_that_only_the_list_of_customers_shows_is_compared_there(self) -> None:
        before, after = (
            record_with(customerContacts=[{"id": "1", "lastName": name}]) for name in ("Alt", "Muster")
        )
        script = Script(reply(RECORD), page(before), reply(RECORD), reply(RECORD), page(after))
        answer = await updated(script, revision(customerContacts=[{"id": "1", "lastName": "Muster"}]))
        assert told(answer.entries["customerContacts"].changed) == {"1": {"lastName": ("Alt", "Muster")}}
        assert script.calls == [GET + WITH_CONTACTS, HITS, PATCH, GET + WITH_CONTACTS, HITS]

    @pytest.mark.parametrize(
        "hits", [page(RECORD), page(), page(record_with(customerContacts=["odd"]))], ids=["no", "none", "odd"]
    )
    async def test_a_list_that_faktoora_does_not_show_is_not_changed(self, hits: Reply) -> None:
        script = Script(reply(RECORD), copy(hits))
        with pytest.raises(Conflict, match="does not show the present customerContacts; nothing was sent"):
            await updated(script, revision(customerContacts=[{"lastName": "Muster"}]))
        assert script.calls == [GET + WITH_CONTACTS, HITS]


class TestExtras:
    async def test_keys_are_merged_and_a_null_removes_one(self) -> None:
        before = record_with(extras={"tier": "gold", "note": "", "region": "Nord"})
        after = record_with(extras={"tier": "silver", "note": "", "new": 1})
        script = Script(reply(before), reply(after))
        answer = await updated(script, revision(extras={"tier": "silver", "region": None, "new": 1}))
        assert script.body() == {"extras": {"tier": "silver", "note": "", "new": 1}}
        assert answer.changed == {
            "extras.tier": ("gold", "silver"),
            "extras.region": ("Nord", None),
            "extras.new": (None, 1),
        }
        assert answer.undo == {"extras": {"tier": "gold", "region": "Nord", "new": None}}

    async def test_keys_are_removed_by_name(self) -> None:
        script = Script(reply(record_with(extras={"a": 1, "b": 2})), reply(record_with(extras={"b": 2})))
        answer = await updated(script, revision({"extras": ("a",)}))
        assert (script.body(), answer.changed) == ({"extras": {"b": 2}}, {"extras.a": (1, None)})

    async def test_a_key_that_is_empty_is_gone_already(self) -> None:
        script = Script(reply(record_with(extras={"a": None, "b": 2})))
        answer = await updated(script, revision(extras={"a": None}))
        assert (answer.changed, script.calls) == ({}, [GET])

    async def test_an_unknown_key_to_remove_is_refused_before_anything_is_sent(self) -> None:
        script = Script(reply(record_with(extras={"a": 1})))
        with pytest.raises(InvalidInput) as caught:
            await updated(script, revision({"extras": ("b",)}))
        assert (told(caught.value.fields), script.calls) == (
            {"extras": "has no entry 'b'; there are: a"},
            [GET],
        )


def record_of(value: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(value, dict)
    return value
