"""Writes over a scripted API: what is sent, what is claimed, and what is never claimed."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from unicodedata import normalize

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp import writes
from faktoora_mcp.client import FaktooraClient
from faktoora_mcp.errors import (
    Conflict,
    FaktooraError,
    InvalidInput,
    NotConfirmed,
    NotFound,
    OutcomeUnknown,
    Unreachable,
)
from faktoora_mcp.fields import Review
from faktoora_mcp.models import CustomerChanges, NewCustomer
from faktoora_mcp.outcomes import Created, Imported, Updated
from faktoora_mcp.records import Customer
from faktoora_mcp.retry import FIRST_PAUSE_S
from tests.scripted import RECORD, Reply, Script, page, reply, settings

pytestmark = pytest.mark.anyio
ACME: dict[str, JsonValue] = {
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "billing@acme.example.com",
    "extras": {},
}
GET, PATCH = "GET /customer/cust_abc123", "PATCH /customer/cust_abc123"
DELETE = "DELETE /customer/cust_abc123"
COUNT, IMPORT = "GET /customers?page=1&perPage=1", "POST /customers/import"
LOST: dict[str, httpx.Response | Exception] = {
    "timeout": httpx.ReadTimeout("late"),
    "reset": httpx.ReadError("reset"),
    "half an answer": httpx.RemoteProtocolError("cut"),
    "500": reply({"message": "broken"}, 500),
    "503": httpx.Response(503, text="<html>down</html>"),
    "unreadable": httpx.Response(200, text="{"),
    "HTML": httpx.Response(200, text="<html><body>Welcome</body></html>"),
    "error in a 200": reply({"errors": [{"message": "no"}]}),
    "nothing": httpx.Response(200),
}
REFUSALS = {
    400: ("invalid_input", "The API refuses the input: name is taken"),
    401: ("unauthorized", "The API does not accept the key."),
    403: ("forbidden", "The API key may not do this: name is taken"),
    404: ("upstream_error", "The API answered 404: name is taken"),
    409: ("conflict", "The API refuses this: name is taken"),
    422: ("invalid_input", "The API refuses the input: name is taken"),
    429: ("rate_limited", "The API takes no more requests for now."),
}
CONTACTS: list[JsonValue] = [{"id": 1, "lastName": "Muster", "email": "m@firma.de", "createdAt": "2026"}]


@asynccontextmanager
async def over(*replies: Reply, script: Script | None = None) -> AsyncGenerator[FaktooraClient]:
    async with FaktooraClient(settings(), script or Script(*replies)) as client:
        yield client


@asynccontextmanager
async def briefly(*replies: Reply, script: Script | None = None) -> AsyncGenerator[FaktooraClient]:
    """A client whose time is up before it could try again."""
    hasty = settings(timeout_s=FIRST_PAUSE_S)
    async with FaktooraClient(hasty, script or Script(*replies)) as client:
        yield client


def record_with(**more: JsonValue) -> dict[str, JsonValue]:
    return {**RECORD, **more}


def new(**more: JsonValue) -> NewCustomer:
    return NewCustomer.model_validate({**ACME, **more})


def changes(**given: JsonValue) -> CustomerChanges:
    return CustomerChanges.model_validate(given)


def copy(answer: httpx.Response | Exception) -> Reply:
    """The same answer again: a response can be read once only."""
    if isinstance(answer, Exception):
        return answer
    return httpx.Response(answer.status_code, content=answer.content)


class TestCreate:
    async def test_the_record_is_posted_once_and_answered_as_the_api_holds_it(self) -> None:
        script = Script(reply(RECORD))
        async with over(script=script) as client:
            created = await writes.create_customer(client, new())
        assert created == Created(Customer(RECORD), Review({**ACME}, {}, [], {}), ignored={})
        assert (script.calls, script.body()) == (["POST /customer"], ACME)

    async def test_any_success_with_a_record_is_a_creation(self) -> None:
        async with over(reply(RECORD, 201)) as client:
            assert (await writes.create_customer(client, new())).customer == Customer(RECORD)

    async def test_what_the_api_did_not_keep_is_told(self) -> None:
        held = reply(record_with(city="BERLIN"))
        async with over(held, reply(record_with(city="BERLIN"))) as client:
            created = await writes.create_customer(client, new(category="A", faxNo="030 1"))
        assert created.ignored == {
            "city": ("Berlin", "BERLIN"),
            "category": ("A", None),
            "faxNo": ("030 1", None),
        }

    async def test_a_partial_answer_is_read_back_before_anything_is_called_ignored(self) -> None:
        script = Script(reply({"id": "cust_abc123"}), reply(record_with(category="A")))
        async with over(script=script) as client:
            created = await writes.create_customer(client, new(category="A"))
        assert (created.customer.record["category"], created.ignored) == ("A", {})
        assert script.calls == ["POST /customer", GET]

    async def test_a_partial_answer_that_cannot_be_read_back_is_a_creation_all_the_same(self) -> None:
        part: dict[str, JsonValue] = {"id": "cust_abc123", "city": "BERLIN"}
        async with over(reply(part), reply({}, 404)) as client:
            created = await writes.create_customer(client, new(category="A"))
        assert (created.customer, created.ignored) == (Customer(part), {"city": ("Berlin", "BERLIN")})

    async def test_blanks_and_empty_values_are_no_difference(self) -> None:
        held = record_with(city="Berlin ", extras=None, note="", customerContacts=[])
        async with over(reply(held)) as client:
            created = await writes.create_customer(client, new(note="", customerContacts=[]))
        assert created.ignored == {}

    async def test_lists_that_the_answer_does_not_carry_are_not_called_ignored(self) -> None:
        async with over(reply(RECORD)) as client:
            created = await writes.create_customer(client, new(customerContacts=[{"lastName": "Muster"}]))
        assert created.ignored == {}

    async def test_what_the_api_adds_to_an_entry_is_no_difference(self) -> None:
        sent: JsonValue = {"lastName": "Muster", "email": "m@firma.de"}
        async with over(reply(record_with(customerContacts=CONTACTS))) as client:
            created = await writes.create_customer(client, new(customerContacts=[sent]))
        assert created.ignored == {}

    async def test_an_entry_that_the_api_dropped_is_told(self) -> None:
        sent: list[JsonValue] = [{"lastName": "Muster"}, {"lastName": "Zweit"}]
        held: list[JsonValue] = [{"id": 1, "lastName": "Muster"}]
        async with over(reply(record_with(customerContacts=held))) as client:
            created = await writes.create_customer(client, new(customerContacts=sent))
        assert created.ignored == {"customerContacts": (sent, held)}

    async def test_what_was_doubtful_or_written_otherwise_is_told(self) -> None:
        async with over(reply(record_with(vatId="DE123456789"))) as client:
            created = await writes.create_customer(client, new(vatId="DE 123456789", country="de"))
        assert created.review.warnings == ["vatId: check digit looks wrong"]
        assert created.review.normalized == {
            "vatId": ("DE 123456789", "DE123456789"),
            "country": ("de", "DE"),
        }

    @pytest.mark.parametrize("loss", LOST)
    async def test_a_lost_answer_is_an_unknown_outcome_and_nothing_is_sent_again(self, loss: str) -> None:
        script = Script(copy(LOST[loss]))
        async with briefly(script=script) as client:
            with pytest.raises(
                OutcomeUnknown, match="Whether the customer was created is not known"
            ) as caught:
                await writes.create_customer(client, new())
        assert script.calls == ["POST /customer"]
        assert caught.value.retryable is False

    @pytest.mark.parametrize(
        ("more", "word"),
        [
            ({"customerId": "CUST-1"}, "'CUST-1'"),
            ({}, "'billing@acme.example.com'"),
            ({"email": None}, "'Acme GmbH'"),
            ({"email": None, "name": None, "lastName": "Muster"}, "'Muster'"),
            ({"email": None, "name": None}, "'Musterstraße 1'"),
        ],
    )
    async def test_an_unknown_outcome_says_what_to_look_for(
        self, more: dict[str, JsonValue], word: str
    ) -> None:
        async with over(httpx.ReadTimeout("late")) as client:
            with pytest.raises(OutcomeUnknown) as caught:
                await writes.create_customer(client, new(**more))
        assert caught.value.advice == f"Before creating again, list_customers with keywords {word}."

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        script = Script(httpx.ConnectError("refused"))
        async with briefly(script=script) as client:
            with pytest.raises(Unreachable):
                await writes.create_customer(client, new())

    async def test_a_request_that_never_left_is_sent_again(self) -> None:
        script = Script(httpx.ConnectError("refused"), reply(RECORD))
        async with over(script=script) as client:
            created = await writes.create_customer(client, new())
        assert created.customer == Customer(RECORD)
        assert script.calls == ["POST /customer", "POST /customer"]

    @pytest.mark.parametrize("status", REFUSALS)
    async def test_a_refusal_gives_the_apis_reason_and_claims_nothing(self, status: int) -> None:
        script = Script(reply({"message": "name is taken"}, status))
        async with over(script=script) as client:
            with pytest.raises(FaktooraError) as caught:
                await writes.create_customer(client, new())
        assert (caught.value.code, caught.value.message) == REFUSALS[status]
        assert script.calls == ["POST /customer"]


class TestUpdate:
    async def test_it_reads_and_then_sends_only_what_differs(self) -> None:
        after = record_with(city="Hamburg", postcode="20095")
        script = Script(reply(RECORD), reply(after))
        given = changes(city="Hamburg", postcode="20095", country="DE", name="Acme GmbH ", vatId=None)
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", given)
        assert (script.calls, script.body()) == ([GET, PATCH], {"city": "Hamburg", "postcode": "20095"})
        assert updated.customer == Customer(after)
        assert updated.changed == {"city": ("Berlin", "Hamburg"), "postcode": ("10115", "20095")}
        assert updated.ignored == {}

    async def test_what_is_so_already_is_not_sent(self) -> None:
        script = Script(reply(RECORD))
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(city="Berlin", vatId=None))
        assert updated == Updated(Customer(RECORD), Review({"city": "Berlin", "vatId": None}, {}, [], {}))
        assert script.calls == [GET]

    async def test_no_changes_are_refused_before_the_network(self) -> None:
        script = Script()
        async with over(script=script) as client:
            with pytest.raises(InvalidInput) as caught:
                await writes.update_customer(client, "cust_abc123", changes())
        assert caught.value.fields == {"changes": "is empty"}
        assert script.calls == []

    async def test_an_unknown_id_is_not_found(self) -> None:
        script = Script(reply({}, 404))
        async with over(script=script) as client:
            with pytest.raises(NotFound, match="No customer has the id cust_abc123"):
                await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))
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
        async with over(script=script) as client:
            with pytest.raises(InvalidInput, match="nothing was sent") as caught:
                await writes.update_customer(client, "cust_abc123", changes(**given))
        assert caught.value.fields == errors
        assert script.calls == [GET]

    async def test_old_faults_of_the_record_are_not_judged_again(self) -> None:
        odd = record_with(postcode="1", email="none", vatId="?")
        script = Script(reply(odd), reply(odd | {"city": "Hamburg"}))
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))
        assert updated.changed == {"city": ("Berlin", "Hamburg")}
        assert updated.review.warnings == []

    async def test_a_postcode_is_written_as_in_the_records_country(self) -> None:
        script = Script(reply(RECORD), reply(record_with(postcode="20095")))
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(postcode="D-20095"))
        assert script.body() == {"postcode": "20095"}
        assert updated.review.normalized == {"postcode": ("D-20095", "20095")}

    @pytest.mark.parametrize("held", [None, ""])
    async def test_a_null_clears(self, held: JsonValue) -> None:
        script = Script(reply(RECORD), reply(record_with(email=held)))
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(email=None))
        assert script.body() == {"email": None}
        assert updated.changed == {"email": ("billing@acme.example.com", held)}
        assert updated.ignored == {}

    async def test_what_the_api_kept_is_told_as_ignored_and_not_as_changed(self) -> None:
        after = record_with(city="Hamburg", category=None)
        async with over(reply(RECORD), reply(after)) as client:
            updated = await writes.update_customer(
                client, "cust_abc123", changes(city="Hamburg", category="A")
            )
        assert updated.changed == {"city": ("Berlin", "Hamburg")}
        assert updated.ignored == {"category": ("A", None)}

    async def test_what_the_api_wrote_otherwise_is_told_as_both(self) -> None:
        async with over(reply(RECORD), reply(record_with(city="HAMBURG"))) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))
        assert updated.changed == {"city": ("Berlin", "HAMBURG")}
        assert updated.ignored == {"city": ("Hamburg", "HAMBURG")}

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
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))
        assert (updated.customer, updated.changed) == (Customer(after), {"city": ("Berlin", "Hamburg")})
        assert script.calls == [GET, PATCH, GET]

    @pytest.mark.parametrize(
        "answer",
        [httpx.ConnectError("refused"), reply({}, 404), httpx.Response(200, text="{")],
        ids=["refused", "gone", "unreadable"],
    )
    async def test_a_change_that_cannot_be_read_back_is_an_unknown_outcome(self, answer: Reply) -> None:
        async with briefly(reply(RECORD), reply({"succeed": True}), answer) as client:
            with pytest.raises(OutcomeUnknown, match="took the change, but its outcome cannot be read"):
                await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))

    @pytest.mark.parametrize("loss", [loss for loss in LOST if loss != "nothing"])
    async def test_a_lost_answer_is_an_unknown_outcome(self, loss: str) -> None:
        async with briefly(reply(RECORD), copy(LOST[loss])) as client:
            with pytest.raises(OutcomeUnknown, match="Whether the change was made is not known") as caught:
                await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))
        assert caught.value.advice == "The same call can safely be repeated."

    @pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
    async def test_a_refusal_gives_the_apis_reason_and_claims_nothing(self, status: int) -> None:
        script = Script(reply(RECORD), reply({"message": "name is taken"}, status))
        async with over(script=script) as client:
            with pytest.raises(FaktooraError) as caught:
                await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))
        assert (caught.value.code, caught.value.message) == REFUSALS[status]
        assert script.calls == [GET, PATCH]

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        async with briefly(reply(RECORD), httpx.ConnectError("refused")) as client:
            with pytest.raises(Unreachable):
                await writes.update_customer(client, "cust_abc123", changes(city="Hamburg"))


class TestUpdateOfLists:
    WITH = "?relationFields[]=customerContacts"

    async def test_what_the_api_added_to_an_entry_is_no_difference(self) -> None:
        script = Script(reply(record_with(customerContacts=CONTACTS)))
        given = changes(customerContacts=[{"lastName": "Muster", "email": "m@firma.de"}])
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", given)
        assert (updated.changed, script.calls) == ({}, [GET + self.WITH])

    async def test_a_field_added_to_an_entry_is_a_change(self) -> None:
        entry: JsonValue = {"id": 1, "lastName": "Muster", "email": "m@firma.de", "phoneNo": "+49 30 901820"}
        after = record_with(customerContacts=[entry])
        script = Script(reply(record_with(customerContacts=CONTACTS)), reply(after))
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(customerContacts=[entry]))
        assert (updated.changed, updated.ignored) == ({"customerContacts": (CONTACTS, [entry])}, {})
        assert (script.calls, script.body()) == ([GET + self.WITH, PATCH], {"customerContacts": [entry]})

    async def test_a_field_left_out_of_an_entry_is_a_change(self) -> None:
        entry: JsonValue = {"id": 1, "lastName": "Muster"}
        script = Script(
            reply(record_with(customerContacts=CONTACTS)), reply(record_with(customerContacts=[entry]))
        )
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(customerContacts=[entry]))
        assert (updated.changed, updated.ignored) == ({"customerContacts": (CONTACTS, [entry])}, {})

    async def test_a_list_that_the_api_kept_is_told_as_ignored(self) -> None:
        before = record_with(customerContacts=CONTACTS)
        async with over(reply(before), reply(before)) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(customerContacts=[]))
        assert (updated.changed, updated.ignored) == ({}, {"customerContacts": ([], CONTACTS)})

    async def test_an_entry_that_the_api_lost_is_told(self) -> None:
        sent: list[JsonValue] = [{"lastName": "Eins"}, {"lastName": "Zwei"}]
        held: list[JsonValue] = [{"id": 2, "lastName": "Eins"}]
        before = record_with(customerContacts=CONTACTS)
        async with over(reply(before), reply(record_with(customerContacts=held))) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(customerContacts=sent))
        assert updated.changed == {"customerContacts": (CONTACTS, held)}
        assert updated.ignored == {"customerContacts": (sent, held)}

    async def test_delivery_addresses_are_loaded_by_their_relation_and_sent_by_their_field(self) -> None:
        held: list[JsonValue] = [{"id": 7, "city": "Hamburg"}]
        after = record_with(customerDeliveryAddresses=held)
        script = Script(reply(record_with(customerDeliveryAddresses=[])), reply(after))
        given = changes(deliveryAddresses=[{"city": "Hamburg"}])
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", given)
        assert updated.changed == {"deliveryAddresses": ([], held)}
        assert script.calls == [GET + "?relationFields[]=customerDeliveryAddresses", PATCH]
        assert script.body() == {"deliveryAddresses": [{"city": "Hamburg"}]}

    async def test_a_list_that_the_api_never_shows_is_neither_changed_nor_ignored(self) -> None:
        script = Script(reply(RECORD), page(RECORD), reply(RECORD), reply(RECORD), page(RECORD))
        given = changes(customerContacts=[{"lastName": "Muster"}])
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", given)
        hits = "GET /customers?keywords[]=CUST-0042&page=1&perPage=100&relationFields[]=customerContacts"
        assert (updated.changed, updated.ignored, updated.unseen) == ({}, {}, ("customerContacts",))
        assert script.calls == [GET + self.WITH, hits, PATCH, GET + self.WITH, hits]

    async def test_a_list_that_only_the_list_of_customers_shows_is_compared_there(self) -> None:
        before = record_with(customerContacts=[{"id": "1", "lastName": "Alt"}])
        after = record_with(customerContacts=[{"id": "1", "lastName": "Muster"}])
        script = Script(reply(RECORD), page(before), reply(RECORD), reply(RECORD), page(after))
        given = changes(customerContacts=[{"lastName": "Muster"}])
        async with over(script=script) as client:
            updated = await writes.update_customer(client, "cust_abc123", given)
        assert updated.changed == {
            "customerContacts": (before["customerContacts"], after["customerContacts"])
        }

    async def test_extras_are_compared_to_the_letter_and_their_loss_is_warned_of(self) -> None:
        before, after = record_with(extras={"tier": "gold", "note": ""}), record_with(extras={"note": None})
        async with over(reply(before), reply(after)) as client:
            updated = await writes.update_customer(client, "cust_abc123", changes(extras={"note": None}))
        assert updated.changed == {"extras": ({"tier": "gold", "note": ""}, {"note": None})}
        assert updated.review.warnings == [
            "extras: 'tier' would go, as this object replaces the old one; send them too to keep them"
        ]


class TestDelete:
    @pytest.mark.parametrize(
        ("names", "confirm"),
        [
            ({}, "Acme GmbH"),
            ({}, "CUST-0042"),
            ({}, "  acme   GMBH "),
            ({}, "cust-0042"),
            ({"name": "Straße\u200b Nord"}, "STRASSE nord"),
            ({"name": normalize("NFD", "Müller")}, "Müller"),
            ({"name": None, "firstName": "Erika", "lastName": "Muster"}, "Erika Muster"),
            ({"name": None, "customerId": None, "id": "Cust_ABC"}, "Cust_ABC"),
        ],
    )
    async def test_the_name_or_the_number_confirms(self, names: dict[str, JsonValue], confirm: str) -> None:
        record = record_with(**names)
        script = Script(reply(record), reply({"succeed": True}))
        async with over(script=script) as client:
            assert await writes.delete_customer(client, "cust_abc123", confirm) == Customer(record)
        assert script.calls == [GET, DELETE]

    @pytest.mark.parametrize(
        ("names", "confirm"),
        [
            ({}, "Acme"),
            ({}, "cust_abc123"),
            ({}, "yes"),
            ({}, ""),
            ({"name": "\u200b", "customerId": None}, ""),
            ({"name": None, "customerId": None}, " "),
            ({"firstName": "Erika", "lastName": "Muster"}, "Erika Muster"),
        ],
    )
    async def test_anything_else_deletes_nothing(self, names: dict[str, JsonValue], confirm: str) -> None:
        script = Script(reply(record_with(**names)))
        async with over(script=script) as client:
            with pytest.raises(NotConfirmed, match="Nothing was deleted"):
                await writes.delete_customer(client, "cust_abc123", confirm)
        assert script.calls == [GET]

    async def test_the_refusal_does_not_reveal_what_was_expected(self) -> None:
        async with over(reply(RECORD)) as client:
            with pytest.raises(NotConfirmed) as caught:
                await writes.delete_customer(client, "cust_abc123", "wrong")
        envelope = str(caught.value.envelope())
        assert "Acme" not in envelope
        assert "CUST-0042" not in envelope

    @pytest.mark.parametrize(
        "refusal",
        [reply({"succeed": False}), reply({"message": "in use"}, 400), reply({"message": "in use"}, 409)],
        ids=["succeed false", "400", "409"],
    )
    async def test_a_refusal_of_the_api_is_a_conflict(self, refusal: httpx.Response) -> None:
        async with over(reply(RECORD), refusal) as client:
            with pytest.raises(Conflict):
                await writes.delete_customer(client, "cust_abc123", "Acme GmbH")

    @pytest.mark.parametrize(
        "answer",
        [reply({}, 404), reply({"errors": [{"code": "E_CUSTOMER_RESOURCE_NOT_EXISTS"}]}, 400)],
        ids=["404", "400"],
    )
    async def test_an_unknown_id_is_not_found(self, answer: httpx.Response) -> None:
        script = Script(answer)
        async with over(script=script) as client:
            with pytest.raises(NotFound, match="No customer has the id cust_abc123"):
                await writes.delete_customer(client, "cust_abc123", "Acme GmbH")
        assert script.calls == [GET]

    @pytest.mark.parametrize("loss", [loss for loss in LOST if loss != "nothing"])
    async def test_a_lost_answer_is_an_unknown_outcome(self, loss: str) -> None:
        async with briefly(reply(RECORD), copy(LOST[loss])) as client:
            with pytest.raises(OutcomeUnknown, match="Whether the customer was deleted is not known"):
                await writes.delete_customer(client, "cust_abc123", "Acme GmbH")

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        async with briefly(reply(RECORD), httpx.ConnectError("refused")) as client:
            with pytest.raises(Unreachable):
                await writes.delete_customer(client, "cust_abc123", "Acme GmbH")


class TestImport:
    async def test_it_counts_first_and_answers_the_created_records(self) -> None:
        script = Script(page(RECORD, per_page=1, total=57), reply([RECORD, record_with(id="2")]))
        async with over(script=script) as client:
            imported = await writes.import_customers(client, "550e8400")
        assert imported == Imported([Customer(RECORD), Customer(record_with(id="2"))], [], 57)
        assert (script.calls, script.body()) == ([COUNT, IMPORT], {"fileId": "550e8400"})

    async def test_rows_that_break_a_rule_or_are_doubtful_are_named_with_the_reasons(self) -> None:
        lost_zero = record_with(id="2", postcode="1067", phoneNo="abc")
        async with over(page(total=0), reply([RECORD, lost_zero])) as client:
            imported = await writes.import_customers(client, "550e8400")
        assert imported.doubtful == [
            (
                Customer(lost_zero),
                [
                    "postcode: DE postcodes have 5 digits, got '1067'",
                    "phoneNo: not known as a phone number in DE",
                ],
            )
        ]

    async def test_an_api_that_does_not_count_imports_all_the_same(self) -> None:
        async with over(reply([RECORD]), reply({"data": [RECORD]})) as client:
            assert await writes.import_customers(client, "f") == Imported([Customer(RECORD)], [], None)

    async def test_an_unknown_file_is_not_found(self) -> None:
        async with over(page(), reply({}, 404)) as client:
            with pytest.raises(NotFound, match="No uploaded file has the id nowhere"):
                await writes.import_customers(client, "nowhere")

    @pytest.mark.parametrize("loss", LOST)
    async def test_a_lost_answer_is_an_unknown_outcome_and_nothing_is_sent_again(self, loss: str) -> None:
        script = Script(page(RECORD, per_page=1, total=57), copy(LOST[loss]))
        async with briefly(script=script) as client:
            with pytest.raises(OutcomeUnknown, match="Whether the file was imported is not known"):
                await writes.import_customers(client, "550e8400")
        assert script.calls == [COUNT, IMPORT]

    @pytest.mark.parametrize(("count", "was"), [(page(total=57), "; totalItems was 57"), (reply([]), "")])
    async def test_an_unknown_outcome_says_what_to_compare(self, count: httpx.Response, was: str) -> None:
        async with over(count, httpx.ReadTimeout("late")) as client:
            with pytest.raises(OutcomeUnknown) as caught:
                await writes.import_customers(client, "550e8400")
        assert caught.value.advice == (
            f"Before importing again, look for the file's customers with list_customers{was}."
        )

    async def test_without_the_count_nothing_is_imported(self) -> None:
        script = Script(reply({}, 401))
        async with over(script=script) as client:
            with pytest.raises(FaktooraError, match="does not accept the key"):
                await writes.import_customers(client, "550e8400")
        assert script.calls == [COUNT]

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        async with briefly(page(), httpx.ConnectError("refused")) as client:
            with pytest.raises(Unreachable):
                await writes.import_customers(client, "550e8400")
