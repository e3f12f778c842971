"""A change whose answer was lost is repeated; a refusal of the repetition is never the last word."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.agents import Agent, agent
from tests.attempts import Write, prepared
from tests.clock import VIRTUAL_TIME
from tests.faulty import BOOM, FAULTS, Fault, FaultyApi, late, said
from tests.scripted import reply
from tests.test_faults import X, check_truth, outcome_of
from tests.writes.scripts import AGAIN, READ_FIRST

pytestmark = pytest.mark.anyio


async def unchanged(api: FaultyApi, request: httpx.Request) -> httpx.Response:
    """The API answers with the record as it is, and does nothing."""
    identity = request.url.path.rpartition("/")[2]
    held = (await api.base()).get(identity)
    return reply(held) if held else reply(BOOM, 404)


LOST: dict[str, tuple[Fault, bool]] = {
    name: (FAULTS[name], "before" not in name)
    for name in (
        *("reset before", "reset after", "closed after", "reset during", "closed during"),
        *("500 before", "500 after", "502 before", "502 after", "503 before", "503 after"),
        *("504 before", "504 after", "late by 3 s"),
    )
}
"""What happens to the first request, which is repeated, and whether it is carried out."""
NOT_REPEATED: dict[str, bool] = {
    "timeout before": False,
    "timeout after": True,
    "silent before": False,
    "silent after": True,
    "late by 2 reads": True,
}
REFUSALS: dict[str, Fault] = {
    **{str(status): said(status, BOOM) for status in (400, 401, 403, 404, 409, 422)},
    "200 succeed false": said(200, {"succeed": False}),
}
WRITES = {"update_customer": "changed", "delete_customer": "deleted"}
CASES = [("update_customer", DOCUMENTED), ("update_customer", CURRENT), ("delete_customer", CURRENT)]
"""A deletion is the same request in either form."""


@pytest.fixture
def anyio_backend() -> object:
    return VIRTUAL_TIME


@asynccontextmanager
async def at_work(name: str, forms: Forms) -> AsyncGenerator[tuple[FaultyApi, Agent, Write]]:
    """An agent who knows from an update before what an update has to send."""
    api = FaultyApi(forms=forms)
    write = await prepared(api, name)
    async with agent("auto", api) as caller:
        await caller.call("update_customer", id="cust_abc123", changes={"phoneNo": "030 1"})
        yield api, caller, write
    await api.aclose()


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("loss", LOST)
@pytest.mark.parametrize(("name", "forms"), CASES)
async def test_a_refusal_after_a_lost_answer_is_looked_into(
    name: str, forms: Forms, loss: str, refusal: str
) -> None:
    fault, carried_out = LOST[loss]
    async with at_work(name, forms) as (api, caller, write):
        api.meet(fault, write.request)
        api.meet(REFUSALS[refusal], write.request, nth=2)
        outcome = await outcome_of(api, caller, write)
        assert api.left[write.request] == 2
    check_truth(write, outcome)
    if carried_out:
        assert outcome.word == WRITES[name]
    else:
        error = outcome.answer["error"]
        assert (error["code"], error["next"], error["retryable"]) == (X, *READ_FIRST)
        assert "The answer to a first attempt was lost, and its repetition was refused" in error["message"]


@pytest.mark.parametrize("loss", [loss for loss in LOST if "late" not in loss])
async def test_a_repetition_that_changes_nothing_shows_what_the_first_attempt_did(
    forms: Forms, loss: str
) -> None:
    fault, carried_out = LOST[loss]
    async with at_work("update_customer", forms) as (api, caller, write):
        api.meet(fault, write.request)
        api.meet(unchanged, write.request, nth=2)
        outcome = await outcome_of(api, caller, write)
    check_truth(write, outcome)
    assert outcome.word == ("changed" if carried_out else "ignored")


@pytest.mark.parametrize("loss", NOT_REPEATED)
@pytest.mark.parametrize(("name", "forms"), CASES)
async def test_after_a_timeout_it_is_read_and_not_sent_again(name: str, forms: Forms, loss: str) -> None:
    async with at_work(name, forms) as (api, caller, write):
        api.meet(FAULTS[loss], write.request)
        outcome = await outcome_of(api, caller, write)
        assert api.left[write.request] == 1
    check_truth(write, outcome)
    if NOT_REPEATED[loss]:
        assert outcome.word == WRITES[name]
    else:
        error = outcome.answer["error"]
        assert (error["code"], error["next"], error["retryable"]) == (X, *AGAIN)


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize(("name", "forms"), CASES)
async def test_where_reads_are_refused_too_nothing_is_claimed(name: str, forms: Forms, refusal: str) -> None:
    async with at_work(name, forms) as (api, caller, write):
        api.meet(FAULTS["reset after"], write.request)
        api.meet(REFUSALS[refusal], write.request, nth=2)
        api.meet(FAULTS["401"], "GET *", nth=2, always=True)
        outcome = await outcome_of(api, caller, write)
    error = outcome.answer["error"]
    assert (error["code"], error["next"], error["retryable"]) == (X, *READ_FIRST)
    assert "is not known" in error["message"]


@pytest.mark.parametrize(("name", "forms"), CASES)
async def test_the_same_call_again_after_an_unknown_outcome_does_it_once(name: str, forms: Forms) -> None:
    async with at_work(name, forms) as (api, caller, write):
        before = await api.base()
        api.meet(late(httpx.ReadTimeout, reads=9), write.request)
        await caller.fails(write.tool, **write.arguments)
        answer = await caller.call(write.tool, **write.arguments)
        after = await api.settled()
    assert write.is_done(before, after)
    write.check_answer(answer, before, after)
