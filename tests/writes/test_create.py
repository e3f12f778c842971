"""A new customer: what is looked at before, what is sent, what is claimed of it."""

from typing import cast

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.answers.sentences import line
from faktoora_mcp.api.outcomes import Compared, Created
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Conflict, Duplicate, FaktooraError, Unreachable
from faktoora_mcp.rules.validation import Review
from faktoora_mcp.writes.create import ASK_BEFORE, create_customer
from tests.scripted import RECORD, Reply, Script, page, reply
from tests.told import told
from tests.writes.scripts import (
    ACME,
    FREE,
    GENERATE,
    GET,
    LIST,
    NEWEST,
    POST,
    REFUSALS,
    TAKEN,
    VERIFY,
    Routes,
    briefly,
    new,
    over,
    record_with,
)

pytestmark = pytest.mark.anyio
CONTACTS: list[JsonValue] = [{"id": 1, "lastName": "Muster", "email": "m@firma.de", "createdAt": "2026"}]
UNRELATED: dict[str, JsonValue] = {"name": "Bäckerei Weiß", "email": None, "customerId": None}
TWIN = record_with(id="twin")
SISTER: dict[str, JsonValue] = {"id": "2", "name": "Acme AG", "email": None}
SHOWN = {
    "id": "twin",
    "customerId": "CUST-0042",
    "name": "Acme GmbH",
    "postcode": "10115",
    "city": "Berlin",
    "address": "Musterstraße 1",
    "reasons": ["same name, same postcode 10115", "same e-mail billing@acme.example.com", "same address"],
}


async def made(*replies: Reply, **more: JsonValue) -> Created:
    """What comes of a creation in an empty base, where nobody else creates anything."""
    async with over(page(), *replies, page()) as writer:
        return await create_customer(writer, new(**more))


class TestCreation:
    async def test_the_record_is_posted_once_and_answered_as_the_api_holds_it(self) -> None:
        script = Script(page(), reply(RECORD), page(RECORD))
        async with over(script=script) as writer:
            created = await create_customer(writer, new())
        compared = Compared(0, 0, created.compared.total) if created.compared else None
        assert created == Created(Customer(RECORD), Review({**ACME}, {}, [], {}), compared=compared)
        assert (script.calls, script.body(1)) == ([NEWEST, POST, NEWEST], ACME)

    async def test_any_success_with_a_record_is_a_creation(self) -> None:
        assert (await made(reply(RECORD, 201))).customer == Customer(RECORD)

    async def test_what_was_doubtful_or_normalized_is_reported(self) -> None:
        held = reply(record_with(vatId="DE123456789"))
        created = await made(held, vatId="DE 123456789", country="de")
        assert told(created.review.warnings) == ["vatId: check digit looks wrong"]
        assert created.review.normalized == {
            "vatId": ("DE 123456789", "DE123456789"),
            "country": ("de", "DE"),
        }

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        async with briefly(page(), httpx.ConnectError("refused")) as writer:
            with pytest.raises(Unreachable):
                await create_customer(writer, new())

    async def test_a_request_that_never_left_is_sent_again(self) -> None:
        script = Script(page(), httpx.ConnectError("refused"), reply(RECORD), page(RECORD))
        async with over(script=script) as writer:
            created = await create_customer(writer, new())
        assert created.customer == Customer(RECORD)
        assert script.calls == [NEWEST, POST, POST, NEWEST]

    @pytest.mark.parametrize("status", REFUSALS)
    async def test_a_refusal_gives_the_apis_reason_and_claims_nothing(self, status: int) -> None:
        script = Script(page(), reply({"message": "name is taken"}, status))
        async with over(script=script) as writer:
            with pytest.raises(FaktooraError) as caught:
                await create_customer(writer, new())
        assert (caught.value.code, caught.value.message) == REFUSALS[status]
        assert script.calls == [NEWEST, POST]

    async def test_where_the_present_customers_cannot_be_read_nothing_is_created(self) -> None:
        script = Script(reply({}, 401))
        async with over(script=script) as writer:
            with pytest.raises(FaktooraError, match="does not accept the key"):
                await create_customer(writer, new())
        assert script.calls == [NEWEST]


class TestAnswer:
    async def test_what_the_api_did_not_keep_is_reported(self) -> None:
        held = record_with(city="BERLIN")
        created = await made(reply(held), reply(held), category="A", faxNo="030 1")
        assert created.ignored == {
            "city": ("Berlin", "BERLIN"),
            "category": ("A", None),
            "faxNo": ("030 1", None),
        }

    @pytest.mark.parametrize("part", [{"id": "cust_abc123"}, {"id": "cust_abc123", "city": "BERLIN"}])
    async def test_a_partial_answer_is_read_back_before_anything_is_called_ignored(
        self, part: object
    ) -> None:
        script = Script(page(), reply(part), reply(record_with(category="A")), page())
        async with over(script=script) as writer:
            created = await create_customer(writer, new(category="A"))
        assert (created.customer, created.ignored) == (Customer(record_with(category="A")), {})
        assert script.calls == [NEWEST, POST, GET, NEWEST]

    async def test_a_partial_answer_that_cannot_be_read_back_is_a_creation_all_the_same(self) -> None:
        part: dict[str, JsonValue] = {"id": "cust_abc123", "city": "BERLIN", "name": "Acme GmbH"}
        created = await made(reply(part), reply({}, 404), category="A")
        assert (created.customer, created.ignored) == (Customer(part), {"city": ("Berlin", "BERLIN")})

    async def test_of_an_id_that_cannot_be_read_back_nothing_is_called_ignored(self) -> None:
        created = await made(reply({"id": "cust_abc123"}), reply({}, 404))
        assert (created.customer, created.ignored) == (Customer({"id": "cust_abc123"}), {})

    async def test_blanks_and_empty_values_are_no_difference(self) -> None:
        held = record_with(city="Berlin ", extras=None, note="", customerContacts=[])
        assert (await made(reply(held), note="", customerContacts=[])).ignored == {}

    async def test_lists_that_the_answer_does_not_carry_are_not_called_ignored(self) -> None:
        assert (await made(reply(RECORD), customerContacts=[{"lastName": "Muster"}])).ignored == {}

    async def test_what_the_api_adds_to_an_entry_is_no_difference(self) -> None:
        sent: JsonValue = {"lastName": "Muster", "email": "m@firma.de"}
        created = await made(reply(record_with(customerContacts=CONTACTS)), customerContacts=[sent])
        assert created.ignored == {}

    async def test_an_entry_that_the_api_dropped_is_reported(self) -> None:
        sent: list[JsonValue] = [{"lastName": "Muster"}, {"lastName": "Zweit"}]
        held: list[JsonValue] = [{"id": 1, "lastName": "Muster"}]
        created = await made(reply(record_with(customerContacts=held)), customerContacts=sent)
        assert created.ignored == {"customerContacts": (sent, held)}


class TestDuplicates:
    async def test_a_duplicate_is_named_with_the_reasons_and_nothing_is_posted(self) -> None:
        script = Script(page(TWIN))
        async with over(script=script) as writer:
            with pytest.raises(Duplicate, match="nothing was created") as caught:
                await create_customer(writer, new())
        assert told(caught.value.details["candidates"]) == [SHOWN]
        assert script.calls == [NEWEST]

    async def test_equal_ids_make_a_duplicate_whatever_the_name(self) -> None:
        other = record_with(
            name="Other GmbH", vatId="DE 123456789", postcode="20095", city="Hamburg", email=None
        )
        async with over(page(other)) as writer:
            with pytest.raises(Duplicate) as caught:
                await create_customer(writer, new(vatId="DE123456789"))
        assert reasons(caught.value.details["candidates"]) == [["same VAT id DE123456789"]]

    async def test_of_many_duplicates_the_first_five_are_named(self) -> None:
        async with over(page(*(record_with(id=str(number)) for number in range(6)))) as writer:
            with pytest.raises(Duplicate) as caught:
                await create_customer(writer, new())
        assert len(reasons(caught.value.details["candidates"])) == 5

    async def test_a_duplicate_that_is_allowed_is_created_and_the_other_named_as_similar(self) -> None:
        async with over(page(TWIN), reply(RECORD), page(RECORD, TWIN)) as writer:
            created = await create_customer(writer, new(), allow_duplicate=True)
        assert (created.customer, told(created.similar)) == (Customer(RECORD), (SHOWN,))

    async def test_another_legal_form_is_another_firm_which_is_only_named_as_similar(self) -> None:
        other = record_with(**SISTER, address="Weg 2")
        async with over(page(other), reply(RECORD), page(RECORD, other)) as writer:
            created = await create_customer(writer, new())
        assert created.customer == Customer(RECORD)
        assert reasons(created.similar) == [["same name, other legal form (GmbH, AG)"]]

    async def test_a_customer_unlike_the_new_one_is_not_named(self) -> None:
        other = record_with(id="2", **UNRELATED)
        async with over(page(other), reply(RECORD), page(RECORD, other)) as writer:
            assert (await create_customer(writer, new())).similar == ()

    @pytest.mark.parametrize(
        ("total", "more", "only_there"),
        [
            (2910, {"vatId": "DE123456789"}, ("vatId",)),
            (2910, {"glnId": "4006381333931"}, ("glnId",)),
            (2910, {"taxId": "29/815/08152"}, ("taxId",)),
            (2910, {}, ()),
            (1, {"vatId": "DE123456789"}, ()),
        ],
    )
    async def test_it_says_with_how_many_customers_the_new_one_was_compared(
        self, total: int, more: dict[str, JsonValue], only_there: tuple[str, ...]
    ) -> None:
        other = record_with(id="2", name="Other AG", email=None)
        script = Routes({LIST: [page(other, total=total)], POST: [reply(record_with(**more))]})
        async with over(script=script) as writer:
            created = await create_customer(writer, new(**more))
        assert created.compared == Compared(0, 1, total, only_there)


@pytest.mark.parametrize("address", ["Musterstraße 1", "MUSTERSTR. 1", "Musterstrasse 1", "Muster Str.1"])
class TestSimilarAtTheSameAddress:
    async def test_the_user_is_to_be_asked_before_it_is_created(self, address: str) -> None:
        sister = record_with(**SISTER, address=address)
        async with over(page(sister)) as writer:
            with pytest.raises(Duplicate, match="A similar customer has the same address") as caught:
                await create_customer(writer, new())
        assert caught.value.advice == ASK_BEFORE
        (candidate,) = cast("list[dict[str, JsonValue]]", told(caught.value.details["candidates"]))
        assert candidate["reasons"] == ["same name, other legal form (GmbH, AG)", "same address"]
        assert candidate["address"] == address

    async def test_it_is_created_once_the_user_agreed(self, address: str) -> None:
        sister = record_with(**SISTER, address=address)
        async with over(page(sister), reply(RECORD), page(RECORD, sister)) as writer:
            created = await create_customer(writer, new(), allow_duplicate=True)
        assert reasons(created.similar) == [["same name, other legal form (GmbH, AG)", "same address"]]


class TestNewValues:
    @pytest.mark.parametrize(
        ("given", "present", "warnings"),
        [
            (
                {"category": "Premum"},
                {"category": "Premium"},
                ["category: new here: 'Premum'; existing: 'Premium'"],
            ),
            ({"country": "AT"}, {"country": "DE"}, ["country: new here: 'AT'; existing: 'DE'"]),
            ({"category": "Premium"}, {"category": "Premium"}, []),
            ({"category": "Premium"}, {"category": None}, []),
            ({}, {"category": "Premium"}, []),
        ],
    )
    async def test_a_category_or_country_that_nobody_else_has_is_a_warning(
        self, given: dict[str, JsonValue], present: dict[str, JsonValue], warnings: list[str]
    ) -> None:
        other = record_with(**UNRELATED | {"country": "DE"} | present)
        body = {"postcode": "1010"} | given if given.get("country") else given
        async with over(page(other)) as writer:
            created = await create_customer(writer, new(**body), dry_run=True)
        assert [text for text in map(line, created.warnings) if "new here" in text] == warnings


class TestDryRun:
    async def test_it_answers_the_body_that_would_be_sent_and_sends_nothing(self) -> None:
        script = Script(page())
        async with over(script=script) as writer:
            created = await create_customer(writer, new(postcode="D-10115"), dry_run=True)
        assert (created.customer, created.body) == (None, ACME)
        assert created.review.normalized == {"postcode": ("D-10115", "10115")}
        assert script.calls == [NEWEST]

    async def test_it_finds_duplicates(self) -> None:
        async with over(page(TWIN)) as writer:
            with pytest.raises(Duplicate):
                await create_customer(writer, new(), dry_run=True)

    async def test_it_finds_a_number_taken(self) -> None:
        async with over(page(record_with(**UNRELATED)), TAKEN, page()) as writer:
            with pytest.raises(Conflict):
                await create_customer(writer, new(customerId="CUST-1"), dry_run=True)

    async def test_it_draws_a_number_where_one_is_to_be_assigned(self) -> None:
        script = Routes({LIST: [page()], GENERATE: [reply({"value": "K-1"})], VERIFY: [FREE]})
        async with over(script=script) as writer:
            created = await create_customer(writer, new(), assign_number=True, dry_run=True)
        assert created.body == {**ACME, "customerId": "K-1"}
        assert script.calls == [NEWEST, GENERATE, f"{VERIFY}?value=K-1"]


def reasons(candidates: object) -> list[object]:
    return [candidate["reasons"] for candidate in cast("list[dict[str, object]]", told(candidates))]
