"""Updates over a scripted API: only the difference is sent, and nothing is claimed that was not seen."""

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.models import EntryList
from faktoora_mcp.api.outcomes import Entries, Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import (
    Ambiguous,
    Conflict,
    FaktooraError,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    Unreachable,
)
from faktoora_mcp.rules.validation import Review
from faktoora_mcp.writes import update
from faktoora_mcp.writes.update import Revision
from tests.scripted import RECORD, Reply, Script, page, reply
from tests.writes.scripts import (
    AGAIN,
    GET,
    LOST,
    PATCH,
    REFUSALS,
    Routes,
    briefly,
    changes,
    copy,
    over,
    record_with,
)

pytestmark = pytest.mark.anyio
ID = "cust_abc123"
CONTACTS: list[JsonValue] = [{"id": 1, "lastName": "Muster", "email": "m@firma.de", "createdAt": "2026"}]
WITH_CONTACTS = "?relationFields[]=customerContacts"
HITS = "GET /customers?keywords[]=CUST-0042&page=1&perPage=100&relationFields[]=customerContacts"


def revision(
    remove: dict[EntryList, tuple[str, ...]] | None = None,
    expect: dict[str, JsonValue] | None = None,
    **given: JsonValue,
) -> Revision:
    return Revision(changes(**given), remove or {}, expect or {})


async def updated(script: Script, wanted: Revision, *, dry_run: bool = False) -> Updated:
    async with over(script=script) as writer:
        return await update.update_customer(writer, ID, wanted, dry_run=dry_run)


class TestUpdate:
    async def test_it_reads_and_then_sends_only_what_differs(self) -> None:
        after = record_with(city="Hamburg", postcode="20095")
        script = Script(reply(RECORD), reply(after))
        wanted = revision(city="Hamburg", postcode="20095", country="DE", name="Acme GmbH ", vatId=None)
        answer = await updated(script, wanted)
        assert (script.calls, script.body()) == ([GET, PATCH], {"city": "Hamburg", "postcode": "20095"})
        assert answer.customer == Customer(after)
        assert answer.changed == {"city": ("Berlin", "Hamburg"), "postcode": ("10115", "20095")}
        assert (answer.ignored, answer.undo) == ({}, {"city": "Berlin", "postcode": "10115"})

    async def test_what_is_so_already_is_not_sent(self) -> None:
        script = Script(reply(RECORD))
        answer = await updated(script, revision(city="Berlin", vatId=None, extras={}))
        values: dict[str, object] = {"city": "Berlin", "vatId": None, "extras": {}}
        assert answer == Updated(Customer(RECORD), Review(values, {}, [], {}))
        assert script.calls == [GET]

    @pytest.mark.parametrize("wanted", [revision(), revision({"extras": ()}), revision(expect={"city": "x"})])
    async def test_no_changes_are_refused_before_the_network(self, wanted: Revision) -> None:
        script = Script()
        with pytest.raises(InvalidInput) as caught:
            await updated(script, wanted)
        assert (caught.value.fields, script.calls) == ({"changes": "is empty"}, [])

    async def test_an_unknown_id_is_not_found(self) -> None:
        script = Script(reply({}, 404))
        with pytest.raises(NotFound, match="No customer has the id cust_abc123"):
            await updated(script, revision(city="Hamburg"))
        assert script.calls == [GET]

    @pytest.mark.parametrize(
        ("given", "country", "errors"),
        [
            ({"postcode": "1010"}, "DE", {"postcode": "DE postcodes have 5 digits, got '1010'"}),
            ({"postcode": "10115"}, " at", {"postcode": "AT postcodes have 4 digits, got '10115'"}),
            (
                {"country": "CH"},
                "DE",
                {
                    "postcode": "the record's postcode '10115' does not fit country CH: CH postcodes have 4 "
                    "digits, got '10115'; send the new postcode too"
                },
            ),
        ],
    )
    async def test_the_changed_record_is_judged_as_a_whole(
        self, given: dict[str, JsonValue], country: str, errors: dict[str, str]
    ) -> None:
        script = Script(reply(record_with(country=country)))
        with pytest.raises(InvalidInput, match="nothing was sent") as caught:
            await updated(script, Revision(changes(**given)))
        assert (caught.value.fields, script.calls) == (errors, [GET])

    async def test_old_faults_of_the_record_are_not_judged_again(self) -> None:
        odd = record_with(postcode="1", email="none", vatId="?")
        answer = await updated(Script(reply(odd), reply(odd | {"city": "Hamburg"})), revision(city="Hamburg"))
        assert answer.changed == {"city": ("Berlin", "Hamburg")}
        assert answer.review.warnings == []

    async def test_a_postcode_is_written_as_in_the_records_country(self) -> None:
        script = Script(reply(RECORD), reply(record_with(postcode="20095")))
        answer = await updated(script, revision(postcode="D-20095"))
        assert script.body() == {"postcode": "20095"}
        assert answer.review.normalized == {"postcode": ("D-20095", "20095")}

    @pytest.mark.parametrize("held", [None, ""])
    async def test_a_null_clears(self, held: JsonValue) -> None:
        script = Script(reply(RECORD), reply(record_with(email=held)))
        answer = await updated(script, revision(email=None))
        assert script.body() == {"email": None}
        assert (answer.changed, answer.ignored) == ({"email": ("billing@acme.example.com", held)}, {})

    async def test_what_the_api_kept_is_told_as_ignored_and_not_as_changed(self) -> None:
        script = Script(reply(RECORD), reply(record_with(city="Hamburg", category=None)))
        answer = await updated(script, revision(city="Hamburg", category="A"))
        assert answer.changed == {"city": ("Berlin", "Hamburg")}
        assert (answer.ignored, answer.undo) == ({"category": ("A", None)}, {"city": "Berlin"})

    async def test_what_the_api_wrote_otherwise_is_told_as_both(self) -> None:
        answer = await updated(
            Script(reply(RECORD), reply(record_with(city="HAMBURG"))), revision(city="Hamburg")
        )
        assert answer.changed == {"city": ("Berlin", "HAMBURG")}
        assert answer.ignored == {"city": ("Hamburg", "HAMBURG")}

    @pytest.mark.parametrize(
        "answer",
        [
            {"succeed": True},
            {"id": "cust_other", "city": "Hamburg"},
            {"id": "cust_abc123", "updatedAt": "2026-02-02"},
        ],
        ids=["succeed", "another record", "part of the record"],
    )
    async def test_an_answer_that_does_not_show_the_outcome_is_followed_by_a_read(
        self, answer: object
    ) -> None:
        after = record_with(city="Hamburg")
        script = Script(reply(RECORD), reply(answer), reply(after))
        found = await updated(script, revision(city="Hamburg"))
        assert (found.customer, found.changed) == (Customer(after), {"city": ("Berlin", "Hamburg")})
        assert script.calls == [GET, PATCH, GET]

    @pytest.mark.parametrize(
        "answer",
        [httpx.ConnectError("refused"), reply({}, 404), httpx.Response(200, text="{")],
        ids=["refused", "gone", "unreadable"],
    )
    async def test_a_change_that_cannot_be_read_back_is_an_unknown_outcome(self, answer: Reply) -> None:
        async with briefly(reply(RECORD), reply({"succeed": True}), copy(answer)) as writer:
            with pytest.raises(OutcomeUnknown, match="took the change, but its outcome cannot be read"):
                await update.update_customer(writer, ID, revision(city="Hamburg"))

    @pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
    async def test_a_refusal_gives_the_apis_reason_and_claims_nothing(self, status: int) -> None:
        refusal = {"message": "name is taken"}
        script = Routes(
            {GET: [reply(RECORD)], PATCH: [reply(refusal, status), reply({"message": "x"}, status)]}
        )
        with pytest.raises(FaktooraError) as caught:
            await updated(script, revision(city="Hamburg"))
        assert (caught.value.code, caught.value.message) == REFUSALS[status]
        again = [GET, PATCH] if status in (400, 422) else []
        assert script.calls == [GET, PATCH, *again]

    async def test_a_customer_that_vanished_meanwhile_is_not_found(self) -> None:
        script = Script(reply(RECORD), reply({}, 404))
        with pytest.raises(NotFound):
            await updated(script, revision(city="Hamburg"))

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        script = Script(reply(RECORD), httpx.ConnectError("refused"))
        async with briefly(script=script) as writer:
            with pytest.raises(Unreachable):
                await update.update_customer(writer, ID, revision(city="Hamburg"))
        assert script.calls == [GET, PATCH]


class TestLostAnswer:
    @pytest.mark.parametrize("loss", [loss for loss in LOST if loss != "nothing"])
    async def test_a_change_that_is_seen_afterwards_was_made(self, loss: str) -> None:
        after = record_with(city="Hamburg")
        script = Routes({GET: [reply(RECORD), reply(after)], PATCH: [LOST[loss]]})
        async with briefly(script=script) as writer:
            answer = await update.update_customer(writer, ID, revision(city="Hamburg"))
        assert (answer.customer, answer.changed) == (Customer(after), {"city": ("Berlin", "Hamburg")})
        assert script.calls == [GET, PATCH, GET]

    async def test_a_change_that_is_seen_only_later_was_made(self) -> None:
        seen = [reply(RECORD), reply(RECORD), reply({}, 500), reply(record_with(city="Hamburg"))]
        script = Routes({GET: seen, PATCH: [httpx.ReadTimeout("late")]})
        async with over(script=script) as writer:
            answer = await update.update_customer(writer, ID, revision(city="Hamburg"))
        assert answer.changed == {"city": ("Berlin", "Hamburg")}

    async def test_what_the_api_did_not_keep_of_it_is_told(self) -> None:
        after = record_with(city="Hamburg")
        script = Routes({GET: [reply(RECORD), reply(after)], PATCH: [httpx.ReadTimeout("late")]})
        answer = await updated(script, revision(city="Hamburg", category="A"))
        assert answer.ignored == {"category": ("A", None)}

    @pytest.mark.parametrize("loss", [loss for loss in LOST if loss != "nothing"])
    async def test_a_record_that_stays_as_before_is_an_unknown_outcome(self, loss: str) -> None:
        script = Routes({GET: [reply(RECORD)], PATCH: [LOST[loss]]})
        async with briefly(script=script) as writer:
            with pytest.raises(OutcomeUnknown, match="the customer was as before") as caught:
                await update.update_customer(writer, ID, revision(city="Hamburg"))
        assert (caught.value.advice, caught.value.retryable) == AGAIN

    async def test_a_record_that_is_gone_afterwards_is_not_found(self) -> None:
        script = Routes({GET: [reply(RECORD), reply({}, 404)], PATCH: [httpx.ReadTimeout("late")]})
        async with over(script=script) as writer:
            with pytest.raises(NotFound):
                await update.update_customer(writer, ID, revision(city="Hamburg"))

    @pytest.mark.parametrize("unreadable", [reply({}, 401), reply({}, 500), httpx.Response(200, text="{")])
    async def test_a_record_that_cannot_be_read_is_an_unknown_outcome(self, unreadable: Reply) -> None:
        script = Routes({GET: [reply(RECORD), unreadable], PATCH: [httpx.ReadTimeout("late")]})
        async with over(script=script) as writer:
            with pytest.raises(OutcomeUnknown, match="Whether it was made is not known"):
                await update.update_customer(writer, ID, revision(city="Hamburg"))

    async def test_a_change_whose_connection_broke_is_sent_again(self) -> None:
        script = Script(reply(RECORD), httpx.ReadError("reset"), reply(record_with(city="Hamburg")))
        answer = await updated(script, revision(city="Hamburg"))
        assert answer.changed == {"city": ("Berlin", "Hamburg")}
        assert script.calls == [GET, PATCH, PATCH]


class TestExpect:
    @pytest.mark.parametrize(
        "expect",
        [
            {"updatedAt": RECORD["updatedAt"]},
            {"city": "Berlin", "vatId": None},
            {"city": " Berlin ", "note": "", "extras": {}},
        ],
    )
    async def test_a_record_that_is_as_expected_is_changed(self, expect: dict[str, JsonValue]) -> None:
        script = Script(reply(RECORD), reply(record_with(city="Hamburg")))
        answer = await updated(script, revision(expect=expect, city="Hamburg"))
        assert answer.changed == {"city": ("Berlin", "Hamburg")}

    @pytest.mark.parametrize(
        ("expect", "current"),
        [
            ({"updatedAt": "2020-01-01T00:00:00.000Z"}, {"updatedAt": RECORD["updatedAt"]}),
            ({"city": "Köln", "name": "Acme GmbH", "vatId": "DE1"}, {"city": "Berlin", "vatId": "[empty]"}),
            ({"city": None}, {"city": "Berlin"}),
        ],
    )
    async def test_any_other_record_is_a_conflict_with_its_present_values(
        self, expect: dict[str, JsonValue], current: dict[str, JsonValue]
    ) -> None:
        script = Script(reply(RECORD))
        with pytest.raises(Conflict, match="nothing was sent") as caught:
            await updated(script, revision(expect=expect, city="Hamburg"))
        assert (caught.value.details, script.calls) == ({"current": current}, [GET])

    async def test_lists_are_loaded_to_be_compared(self) -> None:
        script = Script(reply(record_with(customerContacts=CONTACTS)))
        wanted = revision(expect={"customerContacts": []}, city="Hamburg")
        with pytest.raises(Conflict) as caught:
            await updated(script, wanted)
        assert caught.value.details == {"current": {"customerContacts": CONTACTS}}
        assert script.calls == [GET + WITH_CONTACTS]

    @pytest.mark.parametrize(
        ("name", "said"),
        [("updatedat", "is unknown; did you mean updatedAt?"), ("shoeSize", "is unknown")],
    )
    async def test_an_unknown_field_is_named_with_the_nearest(self, name: str, said: str) -> None:
        script = Script(reply(RECORD))
        with pytest.raises(InvalidInput, match="nothing was sent") as caught:
            await updated(script, revision(expect={"city": "Berlin", name: "x"}, city="Hamburg"))
        assert caught.value.fields == {f"expect.{name}": said}


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
        assert answer.entries["customerContacts"].changed == {
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
        assert (answer.undo, answer.undo_remove) == ({}, {"customerContacts": ["2"]})

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
        assert (caught.value.fields, script.calls) == (
            {"customerContacts": "has no entry '99'; there are: 1"},
            [GET + WITH_CONTACTS],
        )

    async def test_what_is_new_of_an_entry_is_judged(self) -> None:
        place: JsonValue = {"id": "7", "name": "Lager", "country": "AT", "postcode": "1010"}
        script = Script(reply(record_with(customerDeliveryAddresses=[place])))
        with pytest.raises(InvalidInput) as caught:
            await updated(script, revision(deliveryAddresses=[{"id": "7", "postcode": "10115"}]))
        assert caught.value.fields == {
            "deliveryAddresses.0.postcode": "AT postcodes have 4 digits, got '10115'"
        }

    @pytest.mark.parametrize("empty", [[], None])
    async def test_an_empty_list_removes_nothing_and_that_is_said(self, empty: JsonValue) -> None:
        script = Script(reply(record_with(customerContacts=CONTACTS)))
        answer = await updated(script, revision(customerContacts=empty))
        assert (answer.entries, answer.changed, script.calls) == ({}, {}, [GET + WITH_CONTACTS])
        assert [warning.partition(":")[0] for warning in answer.warnings] == ["customerContacts"]

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
        assert answer.entries["customerContacts"].changed == {"1": {"lastName": ("Alt", "Muster")}}
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
        assert (caught.value.fields, script.calls) == ({"extras": "has no entry 'b'; there are: a"}, [GET])


class TestDryRun:
    async def test_it_shows_the_body_and_the_difference_and_sends_nothing(self) -> None:
        script = Script(reply(record_with(extras={"tier": "gold"})))
        wanted = revision(city="Hamburg", postcode="D-20095", name="Acme GmbH", extras={"region": "Nord"})
        answer = await updated(script, wanted, dry_run=True)
        assert script.calls == [GET]
        assert answer.dry_run
        assert answer.body == {
            "city": "Hamburg",
            "postcode": "20095",
            "extras": {"tier": "gold", "region": "Nord"},
        }
        assert answer.changed == {
            "city": ("Berlin", "Hamburg"),
            "postcode": ("10115", "20095"),
            "extras.region": (None, "Nord"),
        }
        assert answer.undo == {"city": "Berlin", "postcode": "10115", "extras": {"region": None}}

    async def test_it_answers_as_the_change_itself_will(self) -> None:
        wanted = revision({"customerContacts": ("1",)}, city="Hamburg")
        before = record_with(customerContacts=CONTACTS)
        tried = await updated(Script(reply(before)), wanted, dry_run=True)
        after = record_with(city="Hamburg", customerContacts=[])
        made = await updated(Script(reply(before), reply(after)), wanted)
        assert (tried.changed, tried.entries, tried.undo, tried.body) == (
            made.changed,
            made.entries,
            made.undo,
            made.body,
        )

    @pytest.mark.parametrize(
        ("wanted", "error"),
        [
            (revision(postcode="1010"), InvalidInput),
            (revision(expect={"city": "Köln"}, city="Hamburg"), Conflict),
            (revision({"extras": ("a",)}), InvalidInput),
            (revision(), InvalidInput),
        ],
    )
    async def test_it_is_refused_what_the_change_would_be(
        self, wanted: Revision, error: type[FaktooraError]
    ) -> None:
        script = Script(reply(RECORD))
        with pytest.raises(error):
            await updated(script, wanted, dry_run=True)
        assert PATCH not in script.calls

    async def test_it_says_when_there_is_nothing_to_change(self) -> None:
        answer = await updated(Script(reply(RECORD)), revision(city="Berlin"), dry_run=True)
        assert (answer.dry_run, answer.changed, answer.body) == (True, {}, {})


def record_of(value: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(value, dict)
    return value
