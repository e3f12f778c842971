"""What the API carries out late never takes back what an answer claimed after it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest

from faktoora_mcp.sandbox.forms import Forms
from faktoora_mcp.settings import LATE_COMMIT_S
from tests.agents import Agent, Answer, agent, text_of
from tests.faulty import FAULTS, FaultyApi, Record
from tests.writes.pairs import pair_in

pytestmark = pytest.mark.anyio
ID = "cust_abc123"
MAY_COME_LATE = [
    *("reset before", "reset after", "closed after", "reset during", "closed during", "timeout before"),
    *("timeout after", "silent before", "silent after", "late by 2 reads", "late by 7 reads", "late by 3 s"),
    *("late by 30 s", "502 before", "502 after", "503 before", "503 after", "504 before", "504 after", "302"),
]
"""Faults after which the API may still carry out what it was sent; after all others it is through with it."""


@asynccontextmanager
async def at_work(forms: Forms) -> AsyncGenerator[tuple[FaultyApi, Agent]]:
    """An agent that has made one change, so that the form of the API is known."""
    api = FaultyApi(3, forms)
    async with agent("auto", api) as caller:
        await caller.call("update_customer", id=ID, changes={"phoneNo": "030 1"})
        yield api, caller


async def told(caller: Agent, tool: str, **arguments: object) -> Answer:
    return json.loads(text_of(await caller.result(tool, **arguments)))


async def changed(caller: Agent, changes: Record, customer: str = ID) -> Answer:
    return await told(caller, "update_customer", id=customer, changes=changes)


async def late_change(api: FaultyApi, caller: Agent, changes: Record) -> Answer:
    """A change whose first attempt is carried out 30 s later."""
    api.meet(FAULTS["late by 30 s"], "PATCH *")
    answer = await changed(caller, changes)
    api.heal()
    return answer


async def held(api: FaultyApi, name: str) -> object:
    return (await api.settled())[ID].get(name)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_change_that_is_claimed_after_a_fault_stays(forms: Forms, fault: str) -> None:
    async with at_work(forms) as (api, caller):
        api.meet(FAULTS[fault], "PATCH *")
        await changed(caller, {"note": "first"})
        api.heal()
        second = await changed(caller, {"note": "second"})
        refused = "error" in second
        assert refused == (fault in MAY_COME_LATE)
        assert not refused or (second["error"]["code"], second["error"]["retryable"]) == ("busy", True)
        assert (await held(api, "note") == "second") is not refused
        await anyio.sleep(LATE_COMMIT_S)
        third = await changed(caller, {"note": "third"})
        assert third["changed"]["note"][1] == await held(api, "note") == "third"


async def test_the_refusal_says_what_may_come_and_how_long_to_wait(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        assert "changed" in await late_change(api, caller, {"note": "first"})
        error = (await changed(caller, {"note": "second"}))["error"]
    assert "A change of note, sent at 20" in error["message"]
    assert "Nothing was sent now." in error["message"]
    assert error["next"] == "Try again in 120 s, when it is overdue; read the customer before."


async def test_the_undo_of_a_change_waits_too_and_is_then_taken(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        undo = (await late_change(api, caller, {"city": "Kiel"}))["undo"]
        assert (await told(caller, "update_customer", **undo))["error"]["code"] == "busy"
        await anyio.sleep(LATE_COMMIT_S)
        assert "changed" in await told(caller, "update_customer", **undo)
        assert await held(api, "city") == undo["changes"]["city"]


async def test_other_fields_other_customers_and_the_same_values_do_not_wait(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        await late_change(api, caller, {"note": "first", "city": "Kiel"})
        other = next(customer for customer in await api.base() if customer != ID)
        assert "changed" in await changed(caller, {"email": "neu@example.com"})
        assert "changed" in await changed(caller, {"city": "Kiel", "note": "first", "phoneNo": "030 2"})
        assert "changed" in await changed(caller, {"note": "second"}, other)
        now = (await api.settled())[ID]
    assert (now["email"], now["phoneNo"], now["note"]) == ("neu@example.com", "030 2", "first")


async def test_a_required_field_that_went_along_is_not_changed_either(forms: Forms) -> None:
    """In one form of the API a late change of the note would restore the city."""
    async with at_work(forms) as (api, caller):
        await late_change(api, caller, {"note": "first"})
        answer = await changed(caller, {"city": "Kiel"})
        assert ("error" in answer) is forms.patch_needs_required
        assert (await held(api, "city") == "Kiel") is ("changed" in answer)


async def test_a_change_that_stays_unknown_can_be_repeated_but_not_replaced(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        api.meet(FAULTS["late by 30 s"], "PATCH *", always=True)
        assert (await changed(caller, {"note": "first"}))["error"]["code"] == "outcome_unknown"
        api.heal()
        assert (await changed(caller, {"note": "second"}))["error"]["code"] == "busy"
        assert "error" not in await changed(caller, {"note": "first"})
        assert await held(api, "note") == "first"


async def test_a_deletion_does_not_wait_for_a_late_change(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        await late_change(api, caller, {"note": "first"})
        name = (await api.base())[ID]["name"]
        assert (await told(caller, "delete_customer", id=ID, confirm=name))["outcome"] == "deleted"
        assert ID not in await api.settled()


async def test_who_may_still_be_deleted_is_not_changed(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        api.meet(FAULTS["late by 30 s"], "DELETE *", always=True)
        name = (await api.base())[ID]["name"]
        assert (await told(caller, "delete_customer", id=ID, confirm=name))["error"]["code"] == (
            "outcome_unknown"
        )
        error = (await changed(caller, {"note": "first"}))["error"]
        assert (error["code"], "A deletion of this customer, sent at" in error["message"]) == ("busy", True)
        api.heal()
        assert (await told(caller, "delete_customer", id=ID, confirm=name))["outcome"] == "deleted"


async def test_a_change_that_its_caller_gave_up_may_come_late_as_well(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        api.meet(FAULTS["silent before"], "PATCH *")
        with anyio.move_on_after(1):
            await changed(caller, {"note": "first"})
        await anyio.sleep(60)
        assert (await changed(caller, {"note": "second"}))["error"]["code"] == "busy"


async def test_of_many_customers_only_those_wait_that_a_late_change_could_reach(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        await late_change(api, caller, {"category": "A"})
        ids = sorted(await api.base())[:3]
        request = {"ids": ids, "changes": {"category": "B"}}
        confirm = (await told(caller, "update_customers", **request))["confirm"]
        answer = await told(caller, "update_customers", **request, dry_run=False, confirm=confirm)
        now = await api.settled()
    ((reason, failed),) = [(group["reason"], group["ids"]) for group in answer["failed"]]
    assert (reason.startswith("A change of category, sent at"), failed) == (True, [ID])
    assert [now[each]["category"] for each in ids] == ["A" if each == ID else "B" for each in ids]


async def test_a_merge_keeps_what_it_claims_after_a_late_change(forms: Forms) -> None:
    async with at_work(forms) as (api, caller):
        pair = await pair_in(api)
        api.meet(FAULTS["late by 30 s"], "PATCH *")
        await changed(caller, {"note": "allein"}, pair.keep)
        api.heal()
        first = await told(caller, "merge_customers", **pair.confirmed)
        assert first["error"]["code"] == "busy"
        assert pair.remove in await api.settled()
        await anyio.sleep(LATE_COMMIT_S)
        assert (await told(caller, "merge_customers", **pair.confirmed))["outcome"] == "merged"
        assert "Hintereingang" in str((await api.settled())[pair.keep]["note"])
