"""A creation whose answer was lost: found out by reading, never by sending it again."""

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Compared, Created
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import NotCreated, OutcomeUnknown
from faktoora_mcp.rules.validation import Review
from faktoora_mcp.writes.create import create_customer
from tests.scripted import RECORD, Reply, Script, page, reply
from tests.writes.scripts import (
    ACME,
    FREE,
    GENERATE,
    LATER,
    LIST,
    LOOK_FIRST,
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
UNRELATED: dict[str, JsonValue] = {"name": "Bäckerei Weiß", "email": None, "customerId": None}
OTHER = record_with(id="other", name="Other AG", email="other@example.com")
NOTHING, LATE = page(), httpx.ReadTimeout("late")
SETTLED = ["500", "unreadable", "HTML", "error in a 200", "nothing"]
"""Losses after which the API has finished; with the others it may still be working."""
OPEN = [loss for loss in LOST if loss not in SETTLED]


def lost(*reads: Reply, answer: Reply = LATE) -> Routes:
    """An API that loses its answer to the creation; the last of the reads is given again and again."""
    return Routes({LIST: reads, POST: [answer]})


async def created(script: Script, **more: JsonValue) -> Created:
    async with over(script=script) as writer:
        return await create_customer(writer, new(**more))


class TestFound:
    @pytest.mark.parametrize("loss", LOST)
    async def test_a_new_record_with_what_was_sent_is_the_outcome(self, loss: str) -> None:
        script = lost(NOTHING, page(fresh()), answer=LOST[loss])
        found = Created(Customer(fresh()), Review({**ACME}, {}, [], {}), compared=Compared(0, 0, 0))
        assert await created(script) == found
        assert script.calls.count(POST) == 1

    async def test_it_is_looked_for_among_the_newest(self) -> None:
        script = lost(NOTHING, page(fresh()))
        await created(script)
        assert script.calls == [NEWEST, POST, NEWEST, NEWEST]

    @pytest.mark.parametrize("before", [NOTHING, reply({}, 403)], ids=["not there", "not readable"])
    async def test_it_may_show_up_only_at_a_later_look(self, before: Reply) -> None:
        script = lost(NOTHING, *[before] * 4, page(fresh()))
        assert (await created(script)).customer == Customer(fresh())

    async def test_what_the_api_did_not_keep_is_reported(self) -> None:
        held = fresh(category="B")
        assert (await created(lost(NOTHING, page(held)), category="A")).ignored == {"category": ("A", "B")}

    @pytest.mark.parametrize(
        "more", [{"name": "Other AG", "email": "o@example.com"}, {"email": "o@example.com"}]
    )
    async def test_new_customers_of_others_are_not_taken_for_it(self, more: dict[str, JsonValue]) -> None:
        script = lost(NOTHING, page(fresh(id="other", **more), fresh()))
        assert (await created(script)).customer == Customer(fresh())

    async def test_it_is_found_with_the_number_that_was_assigned(self) -> None:
        held = fresh(customerId="K-1")
        numbers = {GENERATE: [reply({"value": "K-1"})], VERIFY: [FREE]}
        script = Routes({LIST: [NOTHING, page(fresh(id="near"), held)], POST: [LATE], **numbers})
        async with over(script=script) as writer:
            assert (await create_customer(writer, new(), assign_number=True)).customer == Customer(held)

    async def test_more_than_a_page_of_new_customers_is_read(self) -> None:
        others = [record_with(id=str(number), **UNRELATED) for number in range(100)]
        pages = [
            page(*others, per_page=100, total=102),
            page(fresh(), RECORD, page=2, per_page=100, total=102),
        ]
        script = Routes({LIST: [page(RECORD | UNRELATED), *pages], POST: [LATE]})
        assert (await created(script)).customer == Customer(fresh())


class TestClocks:
    """Ids tell what is new; the clock of the API may be wrong in either direction, or be two clocks."""

    @pytest.mark.parametrize("created_at", ["1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "today", None])
    async def test_the_time_of_creation_of_a_new_record_does_not_matter(self, created_at: JsonValue) -> None:
        held = fresh(createdAt=created_at)
        assert (await created(lost(NOTHING, page(held)))).customer == Customer(held)

    @pytest.mark.parametrize("created_at", ["1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "today", None])
    async def test_a_customer_known_before_is_never_new(self, created_at: JsonValue) -> None:
        script = lost(page(fresh(createdAt=created_at)), answer=LOST["500"])
        async with over(script=script) as writer:
            with pytest.raises(NotCreated):
                await create_customer(writer, new(), allow_duplicate=True)

    @pytest.mark.parametrize("known_at", ["2026-02-03T05:05:06.000Z", "2026-02-03T04:05:06.000Z"])
    async def test_a_new_record_may_stand_below_a_known_one(self, known_at: str) -> None:
        known = record_with(id="known", createdAt=known_at, **UNRELATED)
        script = lost(page(known), page(known, fresh()))
        assert (await created(script)).customer == Customer(fresh())

    async def test_a_new_record_that_stands_below_known_ones_is_never_called_not_created(self) -> None:
        ahead, behind = (record_with(id=f"k{n}", createdAt=f"{2999 - n}", **UNRELATED) for n in (1, 2))
        script = lost(page(ahead, behind, total=2), page(ahead, fresh(), total=2), answer=LOST["500"])
        assert (await created(script)).customer == Customer(fresh())


class TestNotCreated:
    @pytest.mark.parametrize("loss", SETTLED)
    async def test_after_a_last_word_of_the_api_an_unchanged_base_proves_it(self, loss: str) -> None:
        script = lost(NOTHING, answer=LOST[loss])
        with pytest.raises(NotCreated, match="The newest customers show that nothing was created") as caught:
            await created(script)
        assert (caught.value.retryable, script.calls.count(POST)) == (True, 1)
        assert caught.value.advice == "Nothing was created; correct what failed, or create it again."

    async def test_a_success_without_a_record_is_looked_into_too(self) -> None:
        script = lost(NOTHING, answer=reply({"succeed": False}))
        with pytest.raises(NotCreated):
            await created(script)
        assert len(script.calls) > 2

    async def test_a_known_customer_and_the_total_prove_it_in_a_large_base(self) -> None:
        large = page(RECORD | UNRELATED, total=2910)
        with pytest.raises(NotCreated):
            await created(lost(large, *[NOTHING] * 3, large, answer=LOST["500"]))

    async def test_the_reason_of_the_api_stays_a_sentence(self) -> None:
        with pytest.raises(NotCreated) as caught:
            await created(lost(NOTHING, answer=LOST["500"]))
        assert caught.value.message == (
            "The API answered 500: broken. The newest customers show that nothing was created."
        )


class TestUnknown:
    @pytest.mark.parametrize("loss", OPEN)
    async def test_without_a_last_word_of_the_api_it_may_be_carried_out_later(self, loss: str) -> None:
        script = lost(NOTHING, answer=LOST[loss])
        with pytest.raises(OutcomeUnknown, match="Whether the customer was created is not known") as caught:
            await created(script)
        assert (caught.value.retryable, script.calls.count(POST)) == (False, 1)

    @pytest.mark.parametrize(
        ("status", "settled"), [(500, True), (502, False), (503, False), (504, False), (302, False)]
    )
    async def test_of_all_failures_500_alone_is_a_last_word(self, status: int, *, settled: bool) -> None:
        with pytest.raises(NotCreated if settled else OutcomeUnknown):
            await created(lost(NOTHING, answer=httpx.Response(status, headers={"Location": "/"})))

    @pytest.mark.parametrize(
        "after",
        [
            page(total=1),
            page(fresh(name="Other AG", email="o@example.com")),
            page(fresh(name=None, email=None)),
            reply([]),
            reply({}, 403),
        ],
        ids=["another total", "a new customer", "a nameless customer", "no total", "unreadable"],
    )
    async def test_a_base_that_is_not_as_before_proves_nothing(self, after: Reply) -> None:
        with pytest.raises(OutcomeUnknown):
            await created(lost(NOTHING, after, answer=LOST["500"]))

    async def test_a_base_whose_known_customers_are_all_gone_proves_nothing(self) -> None:
        known, others = record_with(id="known", **UNRELATED), record_with(id="2", **UNRELATED)
        with pytest.raises(OutcomeUnknown):
            await created(lost(page(known), page(others), answer=LOST["500"]))

    async def test_a_partial_match_is_a_candidate(self) -> None:
        part = fresh(email="other@example.com")
        script = lost(NOTHING, page(part))
        with pytest.raises(OutcomeUnknown) as caught:
            await created(script)
        assert caught.value.details == {"candidates": [Customer(part).reduced()]}
        assert script.calls.count(POST) == 1

    async def test_two_that_match_are_both_candidates(self) -> None:
        twins = (fresh(), fresh(id="twin"))
        with pytest.raises(OutcomeUnknown) as caught:
            await created(lost(NOTHING, page(*twins)))
        assert caught.value.details == {"candidates": [Customer(twin).reduced() for twin in twins]}

    @pytest.mark.parametrize("failure", ["timeout", "500", "HTML"])
    async def test_without_reads_nothing_is_claimed_and_nothing_sent_again(self, failure: str) -> None:
        script = lost(NOTHING, LOST[failure], answer=LOST["500"])
        with pytest.raises(OutcomeUnknown, match="The newest customers could not be read") as caught:
            await created(script)
        assert (caught.value.retryable, script.calls.count(POST)) == (False, 1)

    async def test_an_api_that_hangs_to_the_end_leaves_it_open(self) -> None:
        async with over(script=Hanging(NOTHING)) as writer:
            with pytest.raises(OutcomeUnknown, match="The newest customers could not be read"):
                await create_customer(writer, new())


class TestAdvice:
    """To create again is advised only where the duplicate check would find a late arrival."""

    async def test_in_a_base_that_was_read_whole_creating_again_later_is_safe(self) -> None:
        with pytest.raises(OutcomeUnknown) as caught:
            await created(lost(NOTHING))
        assert caught.value.advice == LATER

    async def test_in_a_base_too_large_to_be_read_whole_it_is_not(self) -> None:
        with pytest.raises(OutcomeUnknown) as caught:
            await created(lost(page(RECORD | UNRELATED, total=2910), page(RECORD | UNRELATED)))
        assert caught.value.advice == LOOK_FIRST

    async def test_a_customer_that_its_own_check_would_not_find_is_to_be_looked_for(self) -> None:
        nameless: dict[str, JsonValue] = {"name": None, "firstName": "?", "lastName": "!", "email": None}
        with pytest.raises(OutcomeUnknown) as caught:
            await created(lost(NOTHING), **nameless)
        assert caught.value.advice == LOOK_FIRST

    async def test_it_says_until_when_it_was_looked_for(self) -> None:
        with pytest.raises(OutcomeUnknown) as caught:
            await created(lost(NOTHING))
        assert caught.value.message.startswith(
            "The API gave no answer in time. Whether the customer was created is not known. "
            "Looked for it until "
        )
        assert caught.value.message.endswith(" UTC among the newest customers.")


class TestOtherRecord:
    """A success whose record cannot be the one that was created."""

    async def test_another_customer_in_the_answer_is_not_taken_for_the_new_one(self) -> None:
        script = lost(NOTHING, page(OTHER, fresh()), answer=reply(OTHER))
        assert (await created(script)).customer == Customer(fresh())

    async def test_a_customer_known_before_is_not_taken_for_the_new_one(self) -> None:
        script = lost(page(RECORD), page(fresh(), RECORD), answer=reply(RECORD))
        async with over(script=script) as writer:
            outcome = await create_customer(writer, new(), allow_duplicate=True)
        assert outcome.customer == Customer(fresh())

    async def test_where_nothing_is_new_nothing_was_created(self) -> None:
        script = lost(page(OTHER), answer=reply(OTHER))
        with pytest.raises(NotCreated, match="The API answered with another customer"):
            await created(script)
        assert script.calls.count(POST) == 1
