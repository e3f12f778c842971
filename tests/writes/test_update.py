"""Updates over a scripted API: only the difference is sent, and nothing is claimed that was not seen."""

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import (
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
from tests.scripted import RECORD, Reply, Script, reply
from tests.told import told
from tests.writes.scripts import (
    AGAIN,
    CONTACTS,
    GET,
    ID,
    LOST,
    PATCH,
    REFUSALS,
    WITH_CONTACTS,
    Routes,
    briefly,
    changes,
    copy,
    over,
    record_with,
    revision,
    updated,
)

pytestmark = pytest.mark.anyio


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

    async def test_all_that_is_wrong_beside_the_record_is_named_at_once(self) -> None:
        script = Script(reply(RECORD | {"customerContacts": CONTACTS}))
        removed = revision({"customerContacts": ("nobody@firma.de",), "extras": ("k",)}, postcode="1011")
        with pytest.raises(InvalidInput, match="would break a rule") as caught:
            await updated(script, removed)
        assert caught.value.fields.keys() == {"postcode", "customerContacts", "extras"}
        assert len(script.calls) == 1

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
        assert (told(caught.value.fields), script.calls) == (errors, [GET])

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
