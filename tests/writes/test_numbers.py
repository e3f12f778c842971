"""The number of a new customer: given and free, or drawn, verified and held by one customer only."""

from typing import cast

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Conflict, InvalidInput
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.writes.create import create_customer
from tests.sandboxes import Sandbox
from tests.scripted import Script, page, reply
from tests.told import told
from tests.writes.scripts import (
    ACME,
    FREE,
    GENERATE,
    LIST,
    NEWEST,
    POST,
    TAKEN,
    VERIFY,
    Routes,
    copy,
    new,
    over,
    record_with,
)

pytestmark = pytest.mark.anyio
UNRELATED: dict[str, JsonValue] = {"name": "Bäckerei Weiß", "email": None}


class TestGivenNumber:
    async def test_a_free_one_is_verified_and_sent(self) -> None:
        script = Script(page(), copy(FREE), reply(record_with(customerId="K-1")), page())
        async with over(script=script) as writer:
            created = await create_customer(writer, new(customerId="K-1"))
        assert created.customer == Customer(record_with(customerId="K-1"))
        assert (script.calls, script.body(2)) == (
            [NEWEST, f"{VERIFY}?value=K-1", POST, NEWEST],
            {**ACME, "customerId": "K-1"},
        )

    async def test_a_taken_one_is_refused_with_its_holder_among_the_seen(self) -> None:
        script = Script(page(record_with(id="2", name="Other AG")), copy(TAKEN))
        async with over(script=script) as writer:
            with pytest.raises(Conflict, match="CUST-0042 is taken; nothing was created") as caught:
                await create_customer(writer, new(customerId="CUST-0042"), allow_duplicate=True)
        assert caught.value.details == {"holder": Customer(record_with(id="2", name="Other AG")).reduced()}
        assert script.calls == [NEWEST, f"{VERIFY}?value=CUST-0042"]

    async def test_the_holder_is_looked_up_where_it_was_not_seen(self) -> None:
        other = record_with(id="3", name="Bäckerei Weiß", email=None, customerId=None)
        first, searched = page(other, total=2910), [page()] * 4
        found = page(record_with(customerId="CUST-00420"), record_with(id="2"))
        script = Routes({LIST: [first, *searched, found], VERIFY: [TAKEN]})
        async with over(script=script) as writer:
            with pytest.raises(Conflict) as caught:
                await create_customer(writer, new(customerId="CUST-0042"))
        assert caught.value.details == {"holder": Customer(record_with(id="2")).reduced()}

    async def test_a_holder_that_nobody_finds_is_left_out(self) -> None:
        async with over(script=Routes({LIST: [page()], VERIFY: [TAKEN]})) as writer:
            with pytest.raises(Conflict) as caught:
                await create_customer(writer, new(customerId="CUST-0042"))
        assert caught.value.details == {}


class TestAssignedNumber:
    async def test_it_is_drawn_verified_sent_and_looked_for_among_the_newest(self) -> None:
        held = record_with(customerId="K-1")
        script = Script(page(), drawn("K-1"), copy(FREE), reply(held), page(held))
        async with over(script=script) as writer:
            created = await create_customer(writer, new(), assign_number=True)
        assert (created.customer, created.warnings) == (Customer(held), ())
        assert script.body(-2) == {**ACME, "customerId": "K-1"}
        assert script.calls == [NEWEST, GENERATE, f"{VERIFY}?value=K-1", POST, NEWEST]

    @pytest.mark.parametrize("status", [400, 409, 422])
    async def test_one_that_is_taken_when_it_is_sent_is_drawn_anew(self, status: int) -> None:
        held = record_with(customerId="K-2")
        numbers = {GENERATE: [drawn("K-1"), drawn("K-2")], VERIFY: [FREE, TAKEN, FREE]}
        script = Routes({LIST: [page()], POST: [reply({}, status), reply(held)], **numbers})
        async with over(script=script) as writer:
            created = await create_customer(writer, new(), assign_number=True)
        assert (created.customer, created.ignored) == (Customer(held), {})
        assert sent_numbers(script) == ["K-1", "K-2"]

    async def test_a_refusal_for_another_reason_is_passed_on(self) -> None:
        refusal = reply({"message": "email is odd"}, 422)
        script = Routes({LIST: [page()], GENERATE: [drawn("K-1")], VERIFY: [FREE], POST: [refusal]})
        async with over(script=script) as writer:
            with pytest.raises(InvalidInput, match="email is odd"):
                await create_customer(writer, new(), assign_number=True)
        assert sent_numbers(script) == ["K-1"]

    async def test_five_refused_in_a_row_are_enough(self) -> None:
        numbers = {GENERATE: [drawn("K-1")], VERIFY: [FREE, TAKEN] * 5}
        script = Routes({LIST: [page()], POST: [reply({}, 409)] * 6, **numbers})
        async with over(script=script) as writer:
            with pytest.raises(Conflict, match="5 numbers in a row were taken"):
                await create_customer(writer, new(), assign_number=True)
        assert sent_numbers(script) == ["K-1"] * 5

    async def test_one_that_the_api_did_not_keep_is_reported(self) -> None:
        async with over(page(), drawn("K-1"), FREE, reply(record_with(customerId=None)), page()) as writer:
            created = await create_customer(writer, new(), assign_number=True)
        assert (created.ignored, created.warnings) == ({"customerId": ("K-1", None)}, ())

    async def test_a_number_both_given_and_assigned_is_refused_before_the_network(self) -> None:
        script = Script()
        async with over(script=script) as writer:
            with pytest.raises(InvalidInput) as caught:
                await create_customer(writer, new(customerId="K-1"), assign_number=True)
        assert caught.value.fields == {"customerId": "is given, and assign_number is true"}
        assert script.calls == []


class TestTakenDraw:
    """The API draws a number that is taken, as one does that counts its customers."""

    @pytest.mark.parametrize(
        ("taken", "free"),
        [
            ("CUST-0099", "CUST-0100"),
            ("CUST-0009", "CUST-0010"),
            ("9999", "10000"),
            ("007", "008"),
            ("0", "1"),
            ("2026/0042", "2026/0043"),
            ("K-7 (neu)", "K-8 (neu)"),
            ("A9B", "A10B"),
            ("NEU", "NEU-1"),
            ("№ ٣", "№ ٣-1"),
            ("1" + "0" * 30, "1" + "0" * 29 + "1"),
        ],
    )
    async def test_it_counts_on_in_the_same_form(self, taken: str, free: str) -> None:
        held = record_with(customerId=free)
        api = {LIST: [page()], GENERATE: [drawn(taken)], VERIFY: [TAKEN, FREE], POST: [reply(held)]}
        script = Routes(api)
        async with over(script=script) as writer:
            created = await create_customer(writer, new(), assign_number=True)
        assert (created.customer, created.warnings) == (Customer(held), ())
        assert verified(script) == [taken, free]
        assert (script.calls.count(GENERATE), sent_numbers(script)) == (1, [free])

    async def test_it_counts_on_until_a_number_is_free(self) -> None:
        numbers = {GENERATE: [drawn("K-098")], VERIFY: [TAKEN, TAKEN, TAKEN, FREE]}
        script = Routes({LIST: [page()], POST: [reply(record_with(customerId="K-101"))], **numbers})
        async with over(script=script) as writer:
            await create_customer(writer, new(), assign_number=True)
        assert verified(script) == ["K-098", "K-099", "K-100", "K-101"]

    async def test_fifty_taken_in_a_row_are_enough(self) -> None:
        script = Routes({LIST: [page()], GENERATE: [drawn("K-001")], VERIFY: [TAKEN]})
        async with over(script=script) as writer:
            with pytest.raises(Conflict) as caught:
                await create_customer(writer, new(), assign_number=True)
        assert "50" in caught.value.message
        assert (script.calls.count(GENERATE), script.calls.count(POST)) == (1, 0)
        assert verified(script) == [f"K-{number:03}" for number in range(1, 51)]

    async def test_a_number_that_is_taken_while_it_is_sent_is_drawn_anew(self) -> None:
        numbers = {GENERATE: [drawn("K-1"), drawn("K-1")], VERIFY: [FREE, TAKEN, TAKEN, FREE]}
        script = Routes(
            {LIST: [page()], POST: [reply({}, 409), reply(record_with(customerId="K-2"))], **numbers}
        )
        async with over(script=script) as writer:
            await create_customer(writer, new(), assign_number=True)
        assert sent_numbers(script) == ["K-1", "K-2"]

    @pytest.mark.parametrize(
        ("forms", "numbers"),
        [(DOCUMENTED, ["CUST-0062", "CUST-0063"]), (CURRENT, ["CUST-0060", "CUST-0062"])],
        ids=["documented", "current"],
    )
    async def test_new_customers_get_numbers_that_nobody_has(self, forms: Forms, numbers: list[str]) -> None:
        api = Sandbox(57, forms)
        for number in ("CUST-0059", "CUST-0061"):
            await api.add({**ACME, "customerId": number, **UNRELATED, "email": "x@y.example"})
        async with over(script=api) as writer:
            made = [
                await create_customer(writer, new(), assign_number=True, allow_duplicate=True)
                for _ in range(2)
            ]
        assert [created.customer and created.customer.number for created in made] == numbers

    async def test_a_dry_run_shows_the_free_number(self) -> None:
        script = Routes({LIST: [page()], GENERATE: [drawn("K-1")], VERIFY: [TAKEN, FREE]})
        async with over(script=script) as writer:
            tried = await create_customer(writer, new(), assign_number=True, dry_run=True)
        assert tried.body == {**ACME, "customerId": "K-2"}


class TestSharedNumber:
    """What the newest customers show once a customer was created."""

    @pytest.mark.parametrize("assign", [True, False])
    async def test_a_number_that_another_program_gave_out_too_is_warned_of(self, *, assign: bool) -> None:
        held, other = record_with(customerId="K-1"), record_with(id="2", customerId="K-1", **UNRELATED)
        near = record_with(id="3", customerId="K-10", **UNRELATED)
        numbers = {GENERATE: [drawn("K-1")], VERIFY: [FREE]}
        script = Routes({LIST: [page(), page(near, other, held)], POST: [reply(held)], **numbers})
        wanted = new() if assign else new(customerId="K-1")
        async with over(script=script) as writer:
            created = await create_customer(writer, wanted, assign_number=assign)
        assert told(created.warnings) == (
            "number_shared: the customer with id 2 got K-1 too; change one of them",
        )

    async def test_what_cannot_be_read_then_is_warned_of(self) -> None:
        held = record_with(customerId="K-1")
        async with over(page(), drawn("K-1"), FREE, reply(held), reply({}, 403)) as writer:
            created = await create_customer(writer, new(), assign_number=True)
        assert told(created.warnings) == (
            "duplicate: whether another program created this customer at the same time could not be read",
        )


class TestCase:
    """Numbers are compared to the letter; a difference in case only deserves a look."""

    @pytest.mark.parametrize("dry_run", [False, True])
    async def test_a_number_that_differs_in_case_only_is_warned_of(self, *, dry_run: bool) -> None:
        other = record_with(id="2", customerId="k-1", **UNRELATED)
        held = record_with(customerId="K-1")
        script = Routes({LIST: [page(other)], VERIFY: [FREE], POST: [reply(held)]})
        async with over(script=script) as writer:
            created = await create_customer(writer, new(customerId="K-1"), dry_run=dry_run)
        assert told(created.warnings) == (
            "customerId: K-1 differs from the k-1 of the customer with id 2 in upper and lower case only",
        )

    @pytest.mark.parametrize("number", ["K-2", "K-10", "", None])
    async def test_other_numbers_are_not(self, number: str | None) -> None:
        other = record_with(id="2", customerId=number, **UNRELATED)
        script = Routes({LIST: [page(other)], VERIFY: [FREE], POST: [reply(record_with(customerId="K-1"))]})
        async with over(script=script) as writer:
            assert (await create_customer(writer, new(customerId="K-1"))).warnings == ()


def drawn(number: str) -> httpx.Response:
    return reply({"value": number})


def verified(script: Script) -> list[str]:
    asked = [request.url for request in script.requests]
    return [url.params["value"] for url in asked if url.path.endswith("/verify-customer-number")]


def sent_numbers(script: Script) -> list[object]:
    bodies = [script.body(place) for place, call in enumerate(script.calls) if call == POST]
    return [body["customerId"] for body in cast("list[dict[str, object]]", bodies)]
