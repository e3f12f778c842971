"""Every write meets every fault: nothing twice, nothing lost, and what the answer claims is true."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from faktoora_mcp.sandbox.forms import CURRENT, Forms
from tests.agents import Agent, agent, text_of
from tests.attempts import Write, prepared
from tests.clock import VIRTUAL_TIME
from tests.faulty import FAULTS, Base, FaultyApi
from tests.scripted import ACME, KEY
from tests.writes.scripts import AGAIN, LATER, LOOK_FIRST, READ_FIRST

pytestmark = pytest.mark.anyio
LOOK_AT_NEWEST = (
    "Before importing again, list_customers with sort createdAt, order desc. totalItems was 4 before."
)
TRACES = (KEY, "<", "Traceback", "boom.js", "at Api.post")

C, U, D, I = "created", "changed", "deleted", "imported"  # noqa: E741 (the columns of the table)
X, N = "outcome_unknown", "not_created"
ONCE = {
    # fault: create_customer, update_customer, delete_customer, import_customers
    "connection refused": (C, U, D, I),
    "reset before": (X, U, D, X),
    "reset after": (C, U, D, I),
    "closed after": (C, U, D, I),
    "reset during": (C, U, D, I),
    "closed during": (C, U, D, I),
    "timeout before": (X, X, X, X),
    "timeout after": (C, U, D, I),
    "silent before": (X, X, X, X),
    "silent after": (C, U, D, I),
    "late by 2 reads": (C, U, D, I),
    "late by 7 reads": (X, X, X, X),
    "late by 3 s": (C, U, D, I),
    "late by 30 s": (X, U, D, X),
    "400": ("invalid_input", U, "conflict", "invalid_input"),
    "401": ("unauthorized",) * 4,
    "403": ("forbidden",) * 4,
    "404": ("upstream_error", "not_found", "not_found", "not_found"),
    "409": ("conflict",) * 4,
    "422": ("invalid_input", U, "conflict", "invalid_input"),
    "429": ("rate_limited", U, D, "rate_limited"),
    "429, at once": ("rate_limited", U, D, "rate_limited"),
    "429, in a minute": ("rate_limited",) * 4,
    "500 before": (N, U, D, N),
    "500 after": (C, U, D, I),
    "502 before": (X, U, D, X),
    "502 after": (C, U, D, I),
    "503 before": (X, U, D, X),
    "503 after": (C, U, D, I),
    "504 before": (X, U, D, X),
    "504 after": (C, U, D, I),
    "302": (X, X, X, X),
    "truncated": (C, U, D, I),
    "200 with an error": (N, X, X, N),
    "200 with another": (N, "ignored", X, N),
    "200 succeed false": (N, "conflict", "conflict", N),
}
ALWAYS = {
    "connection refused": ("unreachable",) * 4,
    "400": ("invalid_input", "invalid_input", "conflict", "invalid_input"),
    "422": ("invalid_input", "invalid_input", "conflict", "invalid_input"),
    "reset before": (X, X, X, X),
    "reset after": (C, U, D, I),
    "reset during": (C, U, D, I),
    "429": ("rate_limited",) * 4,
    "500 before": (N, X, X, N),
    "500 after": (C, U, D, I),
    "502 before": (X, X, X, X),
    "502 after": (C, U, D, I),
    "late by 30 s": (X, X, X, X),
}
"""Where a fault that stays makes a difference, or could make duplicates."""
REFUSED_WITH_REQUIRED_FIELDS = {("update_customer", "400"), ("update_customer", "422")}
"""An update that sent the required fields at once has no other form left that could be accepted."""
COLUMNS = {
    "create_customer": 0,
    "create_customer with a number": 0,
    "update_customer": 1,
    "delete_customer": 2,
    "import_customers": 3,
}
SKEWED = ("reset after", "timeout before", "500 before", "500 after", "200 with another", "late by 3 s")
READS_BEFORE = {
    "create_customer": 1,
    "create_customer with a number": 3,
    "update_customer": 1,
    "delete_customer": 1,
    "import_customers": 1,
}
OF_READS = (
    *("reset during", "silent before", "401", "404", "502 before", "truncated"),
    *("200 with an error", "200 with another", "200 succeed false"),
)
CHANGING: set[tuple[str, bool]] = {AGAIN, READ_FIRST}
NEXT: dict[str, set[tuple[str, bool]]] = {
    "create_customer": {(LATER, False), (LOOK_FIRST, False)},
    "update_customer": CHANGING,
    "delete_customer": CHANGING,
    "import_customers": {(LOOK_AT_NEWEST, False)},
}
"""What to do next where the outcome is unknown, and whether the call may be repeated."""


@pytest.fixture
def anyio_backend() -> object:
    return VIRTUAL_TIME


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered, and the whole base before and after."""

    word: str
    answer: dict[str, Any]
    before: Base
    after: Base


@asynccontextmanager
async def at_work(
    name: str,
    forms: Forms,
    era: str = "auto",
    *,
    customers: int = 3,
    hours: int = 0,
) -> AsyncGenerator[tuple[FaultyApi, Agent, Write]]:
    """An agent at an API whose clock is wrong by `hours` before the write, in the other direction then.

    What an update has to send is known from one before.
    """
    api = FaultyApi(customers, forms)
    api.clock.hours = hours
    write = await prepared(api, name)
    api.clock.hours = -hours
    async with agent(era, api) as caller:
        if name == "update_customer":
            await caller.call(name, id="cust_abc123", changes={"phoneNo": "030 1"})
        yield api, caller, write


async def outcome_of(api: FaultyApi, caller: Agent, write: Write) -> Outcome:
    """What is answered, with what holds after any write: the server lives, no POST is repeated, no leak."""
    before = await api.settled()
    result = await caller.result(write.tool, **write.arguments)
    text = text_of(result)
    api.heal()
    after = await api.settled()
    await caller.call("list_customers")
    assert sum(times for call, times in api.left.items() if call.startswith("POST")) <= 1
    assert not result.is_error or not [trace for trace in TRACES if trace in text]
    answer = json.loads(text)
    return Outcome(word_of(write.tool, answer), answer, before, after)


def word_of(tool: str, answer: dict[str, Any]) -> str:
    if "error" in answer:
        return answer["error"]["code"]
    if tool == "update_customer":
        return "changed" if "changed" in answer else "ignored"
    return answer.get("outcome") or "imported"


def check_truth(write: Write, outcome: Outcome) -> None:
    """The base is as before or exactly as if done, and as the answer claims."""
    untouched = outcome.after == outcome.before
    done = write.is_done(outcome.before, outcome.after)
    assert untouched or done
    if outcome.word == X:
        error = outcome.answer["error"]
        assert (error["next"], error["retryable"]) in NEXT[write.tool]
    elif outcome.word in (C, U, D, I):
        assert done
        write.check_answer(outcome.answer, outcome.before, outcome.after)
    else:
        assert untouched


TABLE = [
    pytest.param(name, fault, always, words[column], id=f"{name}, {fault}, {'always' if always else 'once'}")
    for always, table in ((False, ONCE), (True, ALWAYS))
    for fault, words in table.items()
    for name, column in COLUMNS.items()
]


def test_the_table_holds_every_fault() -> None:
    assert ONCE.keys() == FAULTS.keys()


@pytest.mark.parametrize(("name", "fault", "always", "word"), TABLE)
async def test_a_write_that_meets_a_fault_claims_what_is_true(
    forms: Forms,
    name: str,
    fault: str,
    always: bool,  # noqa: FBT001 (a column of the table)
    word: str,
) -> None:
    async with at_work(name, forms) as (api, caller, write):
        api.meet(FAULTS[fault], write.request, always=always)
        outcome = await outcome_of(api, caller, write)
    check_truth(write, outcome)
    refused = forms.patch_needs_required and (name, fault) in REFUSED_WITH_REQUIRED_FIELDS
    assert outcome.word == ("invalid_input" if refused else word)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_first_update_that_meets_a_fault_claims_what_is_true_and_can_be_repeated(fault: str) -> None:
    """The first one is refused, because the API needs the required fields; the fault may hide the refusal."""
    api = FaultyApi(3, CURRENT)
    write = await prepared(api, "update_customer")
    async with agent("auto", api) as caller:
        api.meet(FAULTS[fault], write.request)
        outcome = await outcome_of(api, caller, write)
        again = await outcome_of(api, caller, write)
    check_truth(write, outcome)
    assert outcome.word in {ONCE[fault][COLUMNS["update_customer"]], X}
    assert write.is_done(outcome.before, again.after) or outcome.word == "changed"


@pytest.mark.parametrize("fault", ["reset after", "timeout before", "500 before", "truncated"])
@pytest.mark.parametrize("name", COLUMNS)
async def test_an_agent_of_the_older_protocol_era_gets_the_same_answer(
    forms: Forms, name: str, fault: str
) -> None:
    async with at_work(name, forms, "legacy") as (api, caller, write):
        api.meet(FAULTS[fault], write.request)
        outcome = await outcome_of(api, caller, write)
    check_truth(write, outcome)
    assert outcome.word == ONCE[fault][COLUMNS[name]]


@pytest.mark.parametrize("fault", OF_READS)
@pytest.mark.parametrize("name", COLUMNS)
async def test_a_fault_of_the_first_read_never_makes_the_answer_untrue(
    forms: Forms, name: str, fault: str
) -> None:
    async with at_work(name, forms) as (api, caller, write):
        api.meet(FAULTS[fault], "GET *")
        outcome = await outcome_of(api, caller, write)
    check_truth(write, outcome)


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("fault", SKEWED)
@pytest.mark.parametrize("name", COLUMNS)
async def test_clocks_that_are_wrong_change_no_outcome(
    forms: Forms, name: str, fault: str, hours: int
) -> None:
    async with at_work(name, forms, hours=hours) as (api, caller, write):
        api.meet(FAULTS[fault], write.request)
        outcome = await outcome_of(api, caller, write)
    check_truth(write, outcome)
    assert outcome.word == ONCE[fault][COLUMNS[name]]


@pytest.mark.parametrize("fault", ["timeout before", "timeout after", "late by 2 reads"])
@pytest.mark.parametrize(("name", "reads_before"), READS_BEFORE.items())
async def test_where_reads_fail_too_after_a_lost_answer_the_outcome_is_unknown(
    forms: Forms, name: str, reads_before: int, fault: str
) -> None:
    async with at_work(name, forms) as (api, caller, write):
        api.meet(FAULTS[fault], write.request)
        api.meet(FAULTS["401"], "GET *", nth=reads_before + 1, always=True)
        outcome = await outcome_of(api, caller, write)
    check_truth(write, outcome)
    assert outcome.word == X


@pytest.mark.parametrize("fault", ["reset after", "500 after", "timeout before", "500 before"])
async def test_in_a_base_too_large_to_be_read_whole_a_new_customer_is_found_by_searching(
    forms: Forms, fault: str
) -> None:
    async with at_work("create_customer", forms, customers=502) as (api, caller, write):
        api.meet(FAULTS[fault], write.request)
        outcome = await outcome_of(api, caller, write)
    check_truth(write, outcome)
    assert outcome.word == ONCE[fault][0]


@pytest.mark.parametrize("fault", ["reset after", "late by 7 reads", "timeout before", "200 with another"])
async def test_a_twin_that_was_there_before_is_never_taken_for_the_new_customer(
    forms: Forms, fault: str
) -> None:
    async with at_work("create_customer", forms) as (api, caller, write):
        await api.add(ACME)
        twice = replace(write, arguments=write.arguments | {"allow_duplicate": True})
        api.meet(FAULTS[fault], write.request)
        outcome = await outcome_of(api, caller, twice)
    check_truth(twice, outcome)
    assert outcome.word == ONCE[fault][0]
