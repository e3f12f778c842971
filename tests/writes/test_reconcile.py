"""A creation whose answer was lost: found out by reading, never by sending it again."""

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Created
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import NotCreated, OutcomeUnknown
from faktoora_mcp.rules.validation import Review
from faktoora_mcp.writes.create import create_customer
from tests.scripted import RECORD, Reply, Script, page, reply
from tests.writes.scripts import (
    ACME,
    FREE,
    GENERATE,
    LIST,
    LOST,
    NEWEST,
    POST,
    VERIFY,
    Hanging,
    Routes,
    fresh,
    new,
    over,
    record_with,
)

pytestmark = pytest.mark.anyio
STRANGER = record_with(id="other", name="Other AG", email="other@example.com")
NOTHING, LATE = page(), httpx.ReadTimeout("late")
SEARCHES = 4
"""By e-mail, name, postcode, and postcode with address."""


def lost(*reads: Reply, answer: Reply = LATE) -> Routes:
    """An API that loses its answer to the creation; reads are answered in session, then as the last one."""
    return Routes({LIST: reads, POST: [answer]})


async def created(script: Script, **more: JsonValue) -> Created:
    async with over(script=script) as writer:
        return await create_customer(writer, new(**more))


class TestFound:
    @pytest.mark.parametrize("loss", LOST)
    async def test_a_record_that_says_what_was_sent_is_the_outcome(self, loss: str) -> None:
        script = lost(NOTHING, page(fresh()), answer=LOST[loss])
        assert await created(script) == Created(Customer(fresh()), Review({**ACME}, {}, [], {}))
        assert script.calls.count(POST) == 1

    async def test_it_is_searched_for_by_email_name_postcode_and_address(self) -> None:
        script = lost(NOTHING, page(fresh()))
        await created(script)
        words = ["billing%40acme.example.com", "Acme", "10115", "10115&keywords[]=Musterstra%C3%9Fe%201"]
        found = [NEWEST.replace("?", f"?keywords[]={word}&") for word in words]
        assert script.calls == [NEWEST, POST, *found]

    async def test_it_may_show_up_only_at_a_later_look(self) -> None:
        script = lost(NOTHING, *[NOTHING] * SEARCHES, page(fresh()))
        assert (await created(script)).customer == Customer(fresh())

    async def test_it_may_be_readable_only_at_a_later_look(self) -> None:
        script = lost(NOTHING, *[reply({}, 403)] * SEARCHES, page(fresh()))
        assert (await created(script)).customer == Customer(fresh())

    async def test_what_the_api_did_not_keep_is_told(self) -> None:
        held = fresh(category="B")
        assert (await created(lost(NOTHING, page(held)), category="A")).ignored == {"category": ("A", "B")}

    async def test_it_is_told_from_new_customers_of_others(self) -> None:
        other = fresh(id="other", name="Other AG", email="other@example.com")
        script = lost(NOTHING, page(other, fresh()))
        assert (await created(script)).customer == Customer(fresh())

    async def test_it_is_told_from_a_new_one_that_says_only_a_part(self) -> None:
        script = lost(NOTHING, page(fresh(id="part", email="other@example.com"), fresh()))
        assert (await created(script)).customer == Customer(fresh())

    async def test_a_number_that_was_assigned_is_searched_for_too(self) -> None:
        held = fresh(customerId="K-1")
        numbers = {GENERATE: [reply({"value": "K-1"})], VERIFY: [FREE]}
        script = Routes({LIST: [NOTHING, page(held)], POST: [LATE], **numbers})
        async with over(script=script) as writer:
            assert (await create_customer(writer, new(), assign_number=True)).customer == Customer(held)
        assert NEWEST.replace("?", "?keywords[]=K-1&") in script.calls[4:]


class TestNotFound:
    @pytest.mark.parametrize("loss", LOST)
    async def test_a_creation_that_no_search_finds_was_not_carried_out(self, loss: str) -> None:
        script = lost(NOTHING, answer=LOST[loss])
        with pytest.raises(NotCreated, match="A search shows that the customer was not created") as caught:
            await created(script)
        assert (caught.value.retryable, script.calls.count(POST)) == (True, 1)

    async def test_a_success_without_a_record_is_looked_into_too(self) -> None:
        script = lost(NOTHING, answer=reply({"succeed": False}))
        with pytest.raises(NotCreated):
            await created(script)
        assert len(script.calls) > 2

    async def test_a_customer_known_before_is_none_that_was_created(self) -> None:
        script = lost(page(fresh()))
        async with over(script=script) as writer:
            with pytest.raises(NotCreated):
                await create_customer(writer, new(), allow_duplicate=True)

    async def test_an_older_customer_is_none_that_was_created(self) -> None:
        large, unseen = page(STRANGER, total=2910), [NOTHING] * 3
        with pytest.raises(NotCreated):
            await created(lost(large, *unseen, page(RECORD)))

    async def test_a_new_customer_of_somebody_else_is_none_that_was_created(self) -> None:
        with pytest.raises(NotCreated):
            await created(lost(NOTHING, page(fresh(name="Other AG", email="other@example.com"))))

    async def test_a_new_customer_without_a_name_at_the_same_place_is_not_the_one_asked_for(self) -> None:
        with pytest.raises((NotCreated, OutcomeUnknown)):
            await created(lost(NOTHING, page(fresh(name=None, email=None))))

    async def test_the_reason_of_the_api_stays_a_sentence(self) -> None:
        with pytest.raises(NotCreated) as caught:
            await created(lost(NOTHING, answer=LOST["500"]))
        assert caught.value.message == (
            "The API answered 500: broken. A search shows that the customer was not created."
        )


class TestInDoubt:
    async def test_a_new_record_that_says_only_a_part_is_a_candidate(self) -> None:
        part = fresh(email="other@example.com")
        script = lost(NOTHING, page(part))
        with pytest.raises(OutcomeUnknown) as caught:
            await created(script)
        assert caught.value.details == {"candidates": [Customer(part).reduced()]}
        assert script.calls.count(POST) == 1

    async def test_two_that_fit_are_both_candidates(self) -> None:
        twins = (fresh(), fresh(id="twin"))
        with pytest.raises(OutcomeUnknown) as caught:
            await created(lost(NOTHING, page(*twins)))
        assert caught.value.details == {"candidates": [Customer(twin).reduced() for twin in twins]}

    @pytest.mark.parametrize("failure", ["timeout", "500", "HTML"])
    async def test_without_reads_nothing_is_claimed_and_nothing_sent_again(self, failure: str) -> None:
        script = lost(NOTHING, LOST[failure])
        with pytest.raises(OutcomeUnknown, match="Whether the customer was created is not known") as caught:
            await created(script)
        assert (caught.value.retryable, script.calls.count(POST)) == (False, 1)

    async def test_reads_that_fail_in_the_end_leave_it_open(self) -> None:
        script = lost(NOTHING, *[NOTHING] * SEARCHES, reply({}, 403))
        with pytest.raises(OutcomeUnknown):
            await created(script)

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"customerId": "CUST-1"}, "'CUST-1'"),
            ({}, "'billing@acme.example.com'"),
            ({"email": None}, "'Acme'"),
            ({"email": None, "name": "Möbel Acme GmbH"}, "'Möbel', 'Acme'"),
            ({"email": None, "name": None, "lastName": "Muster"}, "'Muster'"),
            ({"email": None, "name": None}, "'10115'"),
        ],
    )
    async def test_the_advice_says_what_to_look_for(self, more: dict[str, JsonValue], words: str) -> None:
        script = Routes({LIST: [NOTHING, reply({}, 403)], POST: [LATE], VERIFY: [FREE]})
        with pytest.raises(OutcomeUnknown) as caught:
            await created(script, **more)
        assert caught.value.advice == f"Before creating again, list_customers with keywords {words}."

    async def test_an_api_that_hangs_to_the_end_leaves_the_same_advice(self) -> None:
        async with over(script=Hanging(NOTHING), timeout_s=0.4, reconcile_s=0.4) as writer:
            with pytest.raises(OutcomeUnknown) as caught:
                await create_customer(writer, new())
        assert "'billing@acme.example.com'" in caught.value.advice


class TestStranger:
    """A success whose record cannot be the one that was created."""

    async def test_another_customer_in_the_answer_is_not_taken_for_the_new_one(self) -> None:
        script = lost(NOTHING, page(STRANGER, fresh()), answer=reply(STRANGER))
        assert (await created(script)).customer == Customer(fresh())

    async def test_a_customer_known_before_is_not_taken_for_the_new_one(self) -> None:
        script = lost(page(RECORD), page(RECORD, fresh(id="new")), answer=reply(RECORD))
        async with over(script=script) as writer:
            outcome = await create_customer(writer, new(), allow_duplicate=True)
        assert outcome.customer == Customer(fresh(id="new"))

    async def test_where_no_other_is_found_nothing_was_created(self) -> None:
        script = lost(NOTHING, page(STRANGER), answer=reply(STRANGER))
        with pytest.raises(NotCreated, match="The API answered with another customer"):
            await created(script)
        assert script.calls.count(POST) == 1
