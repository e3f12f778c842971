"""Deletions over a scripted API: of exactly the customer that was named, and to be brought back."""

from typing import cast
from unicodedata import normalize

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Deleted
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Conflict, FaktooraError, NotConfirmed, NotFound, OutcomeUnknown, Unreachable
from faktoora_mcp.writes import delete
from tests.agents import ERAS, Answer, agent
from tests.scripted import ACME, RECORD, Reply, Script, page, reply
from tests.told import told
from tests.writes.scripts import AGAIN, DELETE, GET, LOST, Routes, briefly, copy, over, record_with

pytestmark = pytest.mark.anyio
ID = "cust_abc123"
READ = GET + "?relationFields[]=customerContacts&relationFields[]=customerDeliveryAddresses"
LISTS: dict[str, JsonValue] = {"customerContacts": [], "deliveryAddresses": []}
WHOLE = RECORD | LISTS
SEARCH = "GET /customers?keywords[]={}&page=1&perPage=100"
GONE = reply({"succeed": True})
RESTORE = {name: value for name, value in RECORD.items() if value is not None} | LISTS
for owned in ("id", "createdAt", "updatedAt"):
    del RESTORE[owned]


async def deleted(
    script: Script,
    confirm: str | None = "CUST-0042",
    *,
    agreed: Customer | None = None,
    dry_run: bool = False,
) -> Deleted:
    async with over(script=script) as writer:
        return await delete.delete_customer(writer, ID, confirm, agreed=agreed, dry_run=dry_run)


class TestConfirmation:
    @pytest.mark.parametrize("confirm", ["CUST-0042", "cust-0042", " cust-0042 "])
    async def test_the_number_confirms(self, confirm: str) -> None:
        script = Script(reply(WHOLE), GONE)
        assert (await deleted(script, confirm)).customer == Customer(WHOLE)
        assert script.calls == [READ, DELETE]

    @pytest.mark.parametrize(
        ("names", "confirm", "word"),
        [
            ({}, "Acme GmbH", "Acme"),
            ({}, "  acme   GMBH ", "Acme"),
            ({"name": "Straße\u200b Nord"}, "STRASSE nord", "Stra%C3%9Fe"),
            ({"name": normalize("NFD", "Müller")}, "Müller", "M%C3%BCller"),
            ({"name": None, "firstName": "Erika", "lastName": "Muster"}, "Erika Muster", "Muster"),
        ],
    )
    async def test_the_name_confirms_where_a_search_shows_nobody_else_of_this_name(
        self, names: dict[str, JsonValue], confirm: str, word: str
    ) -> None:
        record, other = WHOLE | names, WHOLE | {"id": "other", "name": "Acme GmbH & Co. KG"}
        script = Script(reply(record), page(record, other), GONE)
        assert (await deleted(script, confirm)).customer == Customer(record)
        assert script.calls == [READ, SEARCH.format(word), DELETE]

    @pytest.mark.parametrize(
        "found",
        [
            page(WHOLE, WHOLE | {"id": "other", "name": "ACME  gmbh"}),
            page(WHOLE, total=2),
            page(),
        ],
        ids=["somebody else has it", "not all are shown", "the search does not find it"],
    )
    async def test_a_name_that_may_be_shared_does_not_confirm_but_the_number_is_asked_for(
        self, found: httpx.Response
    ) -> None:
        script = Script(reply(WHOLE), found)
        with pytest.raises(NotConfirmed, match="several customers may have") as caught:
            await deleted(script, "Acme GmbH")
        assert caught.value.advice is not None
        assert caught.value.advice.endswith("confirm with its number.")
        assert script.calls == [READ, SEARCH.format("Acme")]

    async def test_a_search_that_fails_deletes_nothing(self) -> None:
        script = Script(reply(WHOLE), reply({"message": "no"}, 403))
        with pytest.raises(FaktooraError):
            await deleted(script, "Acme GmbH")
        assert script.calls == [READ, SEARCH.format("Acme")]

    async def test_the_id_confirms_where_there_is_neither_name_nor_number(self) -> None:
        script = Script(reply(WHOLE | {"name": None, "customerId": None}), GONE)
        await deleted(script, "CUST_abc123")
        assert script.calls == [READ, DELETE]

    async def test_the_id_confirms_where_the_name_is_shared_and_there_is_no_number(self) -> None:
        record = WHOLE | {"customerId": None}
        script = Script(reply(record), page(record, record | {"id": "other"}), GONE)
        await deleted(script, "cust_abc123")
        assert script.calls[-1] == DELETE

    async def test_the_id_does_not_confirm_where_the_name_is_unique(self) -> None:
        record = WHOLE | {"customerId": None}
        with pytest.raises(NotConfirmed, match="neither the name nor the number"):
            await deleted(Script(reply(record), page(record)), "cust_abc123")

    @pytest.mark.parametrize(
        ("names", "confirm"),
        [
            ({}, None),
            ({}, "Acme"),
            ({}, "cust_abc123"),
            ({}, "yes"),
            ({}, ""),
            ({"name": "\u200b", "customerId": None}, ""),
            ({"name": None, "customerId": None}, " "),
            ({"firstName": "Erika", "lastName": "Muster"}, "Erika Muster"),
        ],
    )
    async def test_anything_else_deletes_nothing(
        self, names: dict[str, JsonValue], confirm: str | None
    ) -> None:
        script = Script(reply(WHOLE | names))
        with pytest.raises(NotConfirmed, match="Nothing was deleted"):
            await deleted(script, confirm)
        assert script.calls == [READ]

    async def test_a_confirmation_that_is_missing_is_said_to_be_so(self) -> None:
        with pytest.raises(NotConfirmed, match="confirm is missing"):
            await deleted(Script(reply(WHOLE)), None)

    async def test_the_refusal_does_not_reveal_what_was_expected(self) -> None:
        with pytest.raises(NotConfirmed) as caught:
            await deleted(Script(reply(WHOLE)), "wrong")
        envelope = str(caught.value.envelope())
        assert "Acme" not in envelope
        assert "CUST-0042" not in envelope

    async def test_whom_the_user_agreed_to_delete_needs_no_words(self) -> None:
        script = Script(reply(WHOLE), GONE)
        assert (await deleted(script, None, agreed=Customer(RECORD))).customer == Customer(WHOLE)

    @pytest.mark.parametrize("field", ["name", "customerId", "city", "postcode"])
    async def test_a_customer_that_changed_after_the_user_was_asked_stays(self, field: str) -> None:
        present = Customer(WHOLE | {field: "anders"})
        script = Script(reply(present.record))
        with pytest.raises(Conflict, match="Nothing was deleted") as caught:
            await deleted(script, "Acme GmbH", agreed=Customer(RECORD))
        assert (caught.value.details, script.calls) == ({"current": present.reduced()}, [READ])


class TestRestore:
    async def test_it_is_the_whole_record_as_create_customer_takes_it(self) -> None:
        contact: JsonValue = {"id": 1, "lastName": "Muster", "color": {"id": 2}}
        place: JsonValue = {"id": "7", "name": "Lager"}
        record = record_with(
            customerContacts=[contact], customerDeliveryAddresses=[place], user={"id": 1}, brandNew=1
        )
        answer = await deleted(Script(reply(record), GONE))
        without_ids: dict[str, JsonValue] = {
            "customerContacts": [{"lastName": "Muster", "color": {"id": 2}}],
            "deliveryAddresses": [{"name": "Lager"}],
        }
        assert answer == Deleted(Customer.read(cast("JsonValue", record)), RESTORE | without_ids)

    async def test_what_create_customer_would_refuse_is_left_out_and_warned_of(self) -> None:
        contact: JsonValue = {"lastName": "Muster", "email": "kaputt"}
        record = WHOLE | {"postcode": "1067", "phoneNo": "", "customerContacts": [contact]}
        answer = await deleted(Script(reply(record), GONE))
        paths = {warning.path for warning in answer.warnings if warning.code == "restore_refused"}
        assert paths == {"postcode", "customerContacts.0.email"}
        assert answer.restore["customerContacts"] == [{"lastName": "Muster"}]
        assert answer.restore.keys().isdisjoint({"postcode", "phoneNo"})

    @pytest.mark.parametrize("name", ["address", "postcode", "city", "isCompany"])
    async def test_what_create_customer_would_miss_is_warned_of(self, name: str) -> None:
        answer = await deleted(Script(reply(WHOLE | {name: None}), GONE))
        assert [warning.path for warning in answer.warnings] == [name]

    async def test_lists_that_faktoora_does_not_show_are_warned_of(self) -> None:
        answer = await deleted(Script(reply(RECORD), page(), GONE))
        assert told(answer.warnings) == (
            "customerContacts: faktoora does not show it, so restore lacks it",
            "deliveryAddresses: faktoora does not show it, so restore lacks it",
        )

    @pytest.mark.parametrize("era", ERAS)
    async def test_what_the_operator_hides_is_not_in_it_but_named(self, era: str) -> None:
        async with agent(era, Script(reply(WHOLE), GONE), hide_fields=("email",)) as someone:
            answer = await someone.call("delete_customer", id=ID, confirm="CUST-0042")
        assert "email" not in answer["restore"]
        assert [warning.partition(":")[0] for warning in answer["warnings"]] == ["email"]

    @pytest.mark.parametrize("era", ERAS)
    async def test_a_deleted_customer_can_be_created_again(self, era: str) -> None:
        contact = {"firstName": "Erika", "email": "erika@acme.example.com"}
        place = {"name": "Lager", "address": "Hof 2", "postcode": "20095", "city": "Hamburg"}
        given = ACME | {
            "customerId": "CUST-7000",
            "category": "Stammkunde",
            "extras": {"region": "Nord", "n": [1, {"a": None}]},
            "customerContacts": [contact],
            "deliveryAddresses": [place],
        }
        relations = ["customerContacts", "customerDeliveryAddresses"]
        async with agent(era) as someone:
            old = (await someone.call("create_customer", customer=given))["customer"]["id"]
            before = (await someone.call("get_customer", id=old, relation_fields=relations))["customer"]
            gone = await someone.call("delete_customer", id=old, confirm="CUST-7000")
            back = await someone.call("create_customer", customer=gone["restore"])
            new = back["customer"]["id"]
            after = (await someone.call("get_customer", id=new, relation_fields=relations))["customer"]
        assert "ignored" not in back
        assert new != old
        assert _kept(after) == _kept(before)


class TestRefusals:
    @pytest.mark.parametrize(
        "refusal",
        [reply({"succeed": False}), reply({"message": "in use"}, 400), reply({"message": "in use"}, 409)],
        ids=["succeed false", "400", "409"],
    )
    async def test_a_refusal_of_the_api_is_a_conflict(self, refusal: httpx.Response) -> None:
        with pytest.raises(Conflict):
            await deleted(Script(reply(WHOLE), copy(refusal)))

    @pytest.mark.parametrize(
        "answer",
        [reply({}, 404), reply({"errors": [{"code": "E_CUSTOMER_RESOURCE_NOT_EXISTS"}]}, 400)],
        ids=["404", "400"],
    )
    async def test_an_unknown_id_is_not_found(self, answer: httpx.Response) -> None:
        script = Script(copy(answer))
        with pytest.raises(NotFound, match="No customer has the id cust_abc123"):
            await deleted(script)
        assert script.calls == [READ]

    async def test_a_first_deletion_that_meets_nobody_is_not_found(self) -> None:
        script = Script(reply(WHOLE), reply({}, 404))
        with pytest.raises(NotFound):
            await deleted(script)
        assert script.calls == [READ, DELETE]

    @pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (403, "forbidden")])
    async def test_a_refused_key_claims_nothing(self, status: int, code: str) -> None:
        with pytest.raises(FaktooraError) as caught:
            await deleted(Script(reply(WHOLE), reply({}, status)))
        assert caught.value.code == code

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        script = Script(reply(WHOLE), httpx.ConnectError("refused"))
        async with briefly(script=script) as writer:
            with pytest.raises(Unreachable):
                await delete.delete_customer(writer, ID, "CUST-0042")
        assert script.calls == [READ, DELETE]


class TestLostAnswer:
    @pytest.mark.parametrize("loss", [loss for loss in LOST if loss != "nothing"])
    async def test_a_customer_that_is_gone_afterwards_was_deleted(self, loss: str) -> None:
        script = Routes({GET: [reply(WHOLE), reply({}, 404)], DELETE: [LOST[loss]]})
        async with briefly(script=script) as writer:
            answer = await delete.delete_customer(writer, ID, "CUST-0042")
        assert answer == Deleted(Customer(WHOLE), RESTORE)
        assert script.calls == [READ, DELETE, GET]

    async def test_a_customer_that_is_gone_a_little_later_was_deleted(self) -> None:
        seen = [reply(WHOLE), reply(WHOLE), reply({}, 500), reply({}, 404)]
        answer = await deleted(Routes({GET: seen, DELETE: [httpx.ReadTimeout("late")]}))
        assert answer.customer == Customer(WHOLE)

    @pytest.mark.parametrize("loss", [loss for loss in LOST if loss != "nothing"])
    async def test_a_customer_that_is_still_there_is_an_unknown_outcome(self, loss: str) -> None:
        script = Routes({GET: [reply(WHOLE)], DELETE: [LOST[loss]]})
        async with briefly(script=script) as writer:
            with pytest.raises(OutcomeUnknown, match="the customer was still there") as caught:
                await delete.delete_customer(writer, ID, "CUST-0042")
        assert (caught.value.advice, caught.value.retryable) == AGAIN

    @pytest.mark.parametrize("unreadable", [reply({}, 401), httpx.Response(200, text="{")])
    async def test_a_customer_that_cannot_be_read_is_an_unknown_outcome(self, unreadable: Reply) -> None:
        script = Routes({GET: [reply(WHOLE), unreadable], DELETE: [httpx.ReadTimeout("late")]})
        with pytest.raises(OutcomeUnknown, match="Whether it was deleted is not known"):
            await deleted(script)

    async def test_a_deletion_whose_connection_broke_is_sent_again(self) -> None:
        script = Script(reply(WHOLE), httpx.ReadError("reset"), copy(GONE))
        assert (await deleted(script)).customer == Customer(WHOLE)
        assert script.calls == [READ, DELETE, DELETE]

    async def test_a_repetition_that_finds_no_customer_is_followed_by_a_look(self) -> None:
        script = Script(reply(WHOLE), httpx.ReadError("reset"), reply({}, 404), reply({}, 404))
        assert (await deleted(script)).customer == Customer(WHOLE)
        assert script.calls == [READ, DELETE, DELETE, GET]

    async def test_after_a_request_that_never_left_a_missing_customer_is_not_found(self) -> None:
        script = Script(reply(WHOLE), httpx.ConnectError("refused"), reply({}, 404))
        with pytest.raises(NotFound):
            await deleted(script)


class TestDryRun:
    async def test_it_answers_what_would_be_deleted_and_deletes_nothing(self) -> None:
        script = Script(reply(WHOLE))
        answer = await deleted(script, None, dry_run=True)
        assert answer == Deleted(Customer(WHOLE), RESTORE, dry_run=True)
        assert script.calls == [READ]

    async def test_words_that_are_given_are_checked(self) -> None:
        assert (await deleted(Script(reply(WHOLE)), "CUST-0042", dry_run=True)).dry_run
        with pytest.raises(NotConfirmed):
            await deleted(Script(reply(WHOLE)), "wrong", dry_run=True)


def _kept(record: Answer) -> Answer:
    """The record without what the API decides: dates, its own ids, those of entries."""
    lists = {
        name: [{key: value for key, value in entry.items() if key != "id"} for entry in record[name]]
        for name in ("customerContacts", "deliveryAddresses")
    }
    owned = ("id", "faktooraId", "createdAt", "updatedAt")
    return {key: value for key, value in record.items() if key not in owned} | lists
