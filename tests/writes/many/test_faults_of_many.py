"""One of many changes meets a fault: what is said of each customer is true, and no harm is done after it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from faktoora_mcp.sandbox.forms import Forms
from tests.agents import ERAS, Agent, Answer, agent, text_of
from tests.faulty import FAULTS, Base, FaultyApi
from tests.scripted import KEY
from tests.test_faults import ALWAYS, COLUMNS, ONCE, REFUSED_WITH_REQUIRED_FIELDS, TRACES, U, X
from tests.writes.many.prospects import REQUEST, check_claims, confirmed, prospects, words

pytestmark = pytest.mark.anyio
COUNT = 12
PLACES = {"first": 0, "middle": COUNT // 2, "last": COUNT - 1}
UPDATE = COLUMNS["update_customer"]
SOONER = {"late by 7 reads": "changed"}
"""Reads of the other customers count, too, so that it is found to be done in time."""


@asynccontextmanager
async def at_work(forms: Forms, era: str = "auto") -> AsyncGenerator[tuple[FaultyApi, Agent, list[str]]]:
    """An agent at a base with prospects; what an update has to send is known from one before."""
    api = FaultyApi(3, forms)
    ids = await prospects(api, COUNT)
    async with agent(era, api) as caller:
        await caller.call("update_customer", id="cust_abc123", changes={"phoneNo": "030 1"})
        yield api, caller, ids


async def outcome_of(api: FaultyApi, caller: Agent, call: Answer) -> tuple[Answer, Base, Base]:
    """What is answered, and the base before and after; nothing of the API's inside is shown."""
    before = await api.settled()
    text = text_of(await caller.result("update_customers", **call))
    api.heal()
    assert not [trace for trace in (*TRACES, KEY) if trace in text]
    return json.loads(text), before, await api.settled()


def expected(forms: Forms, fault: str, table: dict[str, tuple[str, ...]]) -> str:
    """What is said of the customer whose change meets the fault."""
    word = table[fault][UPDATE]
    refused = forms.patch_needs_required and ("update_customer", fault) in REFUSED_WITH_REQUIRED_FIELDS
    if word == X:
        return "unknown"
    return "changed" if word == U and not refused else "failed"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_one_change_leaves_every_claim_true(forms: Forms, fault: str, place: str) -> None:
    async with at_work(forms) as (api, caller, ids):
        call = await confirmed(caller, **REQUEST)
        victim = ids[PLACES[place]]
        api.meet(FAULTS[fault], f"PATCH /customer/{victim}")
        answer, before, after = await outcome_of(api, caller, call)
    said = words(answer)
    check_claims(said, before, after)
    assert said.keys() == {*ids}
    assert said[victim] in {expected(forms, fault, ONCE), SOONER.get(fault)}
    assert {word for identity, word in said.items() if identity != victim} <= {"changed", "left"}
    assert ("left" in said.values()) == (answer["outcome"] == "stopped")
    assert answer["outcome"] == "done" or "unknown" in said.values()


@pytest.mark.parametrize("fault", ALWAYS)
async def test_a_fault_that_stays_stops_the_changes(forms: Forms, fault: str) -> None:
    async with at_work(forms) as (api, caller, ids):
        call = await confirmed(caller, **REQUEST)
        api.meet(FAULTS[fault], "PATCH *", nth=5, always=True)
        answer, before, after = await outcome_of(api, caller, call)
    said = words(answer)
    check_claims(said, before, after)
    assert said.keys() == {*ids}
    word, own_fault = expected(forms, fault, ALWAYS), ALWAYS[fault][UPDATE] == "invalid_input"
    assert {*said.values()} <= {"changed", "left", word}
    assert (answer["outcome"] == "stopped") == (word != "changed" and not own_fault)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("fault", ["reset after", "timeout before", "500 before", "truncated"])
async def test_both_protocol_eras_are_told_the_same(forms: Forms, era: str, fault: str) -> None:
    async with at_work(forms, era) as (api, caller, ids):
        call = await confirmed(caller, **REQUEST)
        api.meet(FAULTS[fault], f"PATCH /customer/{ids[3]}")
        answer, before, after = await outcome_of(api, caller, call)
    said = words(answer)
    check_claims(said, before, after)
    assert said[ids[3]] == expected(forms, fault, ONCE)


@pytest.mark.parametrize("fault", ["401", "502 before", "truncated", "200 with an error", "silent before"])
async def test_a_fault_of_a_read_leaves_every_claim_true(forms: Forms, fault: str) -> None:
    async with at_work(forms) as (api, caller, ids):
        call = await confirmed(caller, **REQUEST)
        api.meet(FAULTS[fault], f"GET /customer/{ids[3]}")
        answer, before, after = await outcome_of(api, caller, call)
    said = words(answer)
    check_claims(said, before, after)
    assert said[ids[3]] in {"changed", "failed"}


async def test_what_was_left_is_done_by_the_same_call_again(forms: Forms) -> None:
    async with at_work(forms) as (api, caller, ids):
        call = await confirmed(caller, **REQUEST)
        api.meet(FAULTS["502 before"], "PATCH *", nth=5, always=True)
        answer, _, _ = await outcome_of(api, caller, call)
        rest = answer["left"]
        again = await confirmed(caller, ids=rest, changes={"category": "Kunde"})
        done = words(await caller.call("update_customers", **again))
        last = await caller.call("update_customers", **REQUEST)
        held = await api.settled()
    assert (done.keys(), {*done.values()}) == ({*rest}, {"changed"})
    unknown = [identity for group in answer["unknown"] for identity in group["ids"]]
    assert last["wouldChange"] == len(unknown)
    assert [held[identity]["category"] for identity in ids].count("Interessent") == len(unknown)
