"""Either request of a merge meets every fault: nothing of either customer is lost, every claim is true."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from faktoora_mcp.sandbox.forms import Forms
from tests.agents import ERAS, Agent, Answer, agent, text_of
from tests.faulty import FAULTS, FaultyApi
from tests.scripted import KEY
from tests.test_faults import (
    ALWAYS,
    COLUMNS,
    OF_READS,
    ONCE,
    REFUSED_WITH_REQUIRED_FIELDS,
    TRACES,
    D,
    U,
    X,
)
from tests.writes.pairs import Pair, check_claims, pair_in

pytestmark = pytest.mark.anyio
UPDATE, DELETION = COLUMNS["update_customer"], COLUMNS["delete_customer"]
TABLE = [(fault, False) for fault in FAULTS] + [(fault, True) for fault in ALWAYS]


@asynccontextmanager
async def at_work(forms: Forms, era: str = "auto") -> AsyncGenerator[tuple[FaultyApi, Agent, Pair]]:
    """An agent at a base with a pair; what an update has to send is known from one before."""
    api = FaultyApi(3, forms)
    pair = await pair_in(api)
    async with agent(era, api) as caller:
        await caller.call("update_customer", id="cust_abc123", changes={"phoneNo": "030 1"})
        yield api, caller, pair


async def word_of(api: FaultyApi, caller: Agent, pair: Pair) -> str:
    """What is said, once it is seen to be true; then the same call again ends what was left."""
    before = await api.settled()
    answer = await merged(caller, pair)
    api.heal()
    after = await api.settled()
    word = check_claims(answer, pair, before, after)
    await check_the_same_call_goes_on(api, caller, pair)
    return word


async def merged(caller: Agent, pair: Pair) -> Answer:
    """What is answered; nothing of the API's inside is shown."""
    text = text_of(await caller.result("merge_customers", **pair.confirmed))
    assert not [trace for trace in (*TRACES, KEY) if trace in text]
    return json.loads(text)


async def check_the_same_call_goes_on(api: FaultyApi, caller: Agent, pair: Pair) -> None:
    before = await api.settled()
    again = await merged(caller, pair)
    if pair.remove not in before:
        assert again["error"]["code"] == "not_found"
        return
    assert again["outcome"] == "merged"
    assert pair.remove not in await api.settled()


def of_update(forms: Forms, fault: str, word: str) -> set[str]:
    """What is said where the update meets the fault."""
    if forms.patch_needs_required and ("update_customer", fault) in REFUSED_WITH_REQUIRED_FIELDS:
        return {"invalid_input"}
    return {{U: "merged", "ignored": "not_deleted"}.get(word, word)}


def of_deletion(word: str) -> set[str]:
    return {{D: "merged", X: "deletion_unknown"}.get(word, "not_deleted")}


@pytest.mark.parametrize(("fault", "always"), TABLE)
async def test_an_update_that_meets_a_fault_deletes_nobody_unless_everything_is_held(
    forms: Forms,
    fault: str,
    always: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    async with at_work(forms) as (api, caller, pair):
        api.meet(FAULTS[fault], "PATCH *", always=always)
        word = await word_of(api, caller, pair)
    expected = (ALWAYS if always else ONCE)[fault][UPDATE]
    assert word in of_update(forms, fault, expected)


@pytest.mark.parametrize(("fault", "always"), TABLE)
async def test_a_deletion_that_meets_a_fault_is_told_with_the_update(
    forms: Forms,
    fault: str,
    always: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    async with at_work(forms) as (api, caller, pair):
        api.meet(FAULTS[fault], "DELETE *", always=always)
        word = await word_of(api, caller, pair)
    expected = (ALWAYS if always else ONCE)[fault][DELETION]
    assert word in of_deletion(expected)


@pytest.mark.parametrize("nth", range(1, 8))
@pytest.mark.parametrize("fault", OF_READS)
async def test_a_fault_of_any_read_leaves_every_claim_true(forms: Forms, fault: str, nth: int) -> None:
    async with at_work(forms) as (api, caller, pair):
        api.meet(FAULTS[fault], "GET *", nth=nth)
        await word_of(api, caller, pair)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("request_", ["PATCH *", "DELETE *"])
@pytest.mark.parametrize("fault", ["reset after", "timeout before", "500 before", "truncated"])
async def test_both_protocol_eras_are_told_the_same(
    forms: Forms, era: str, request_: str, fault: str
) -> None:
    async with at_work(forms, era) as (api, caller, pair):
        api.meet(FAULTS[fault], request_)
        word = await word_of(api, caller, pair)
    row = ONCE[fault]
    assert word in (
        of_deletion(row[DELETION]) if request_ == "DELETE *" else of_update(forms, fault, row[UPDATE])
    )
