"""One deadline for a whole call: a write that does not fit is not begun, and no call takes longer."""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.errors import FaktooraError, OutcomeUnknown, Timeout
from faktoora_mcp.settings import Settings
from faktoora_mcp.writes.create import create_customer
from faktoora_mcp.writes.session import Writer
from tests.agents import agent
from tests.clock import VirtualTime
from tests.scripted import ACME, reply
from tests.writes.scripts import (
    DONE,
    FREE,
    GENERATE,
    VERIFY,
    WRITES,
    Routes,
    Write,
    audit_lines,
    new,
    over,
)

pytestmark = pytest.mark.anyio
NUMBERED = {GENERATE: [reply({"value": "K-1"})], VERIFY: [FREE]}
CALLS: dict[str, Write] = {
    **WRITES,
    "create_customer with a number": lambda writer: create_customer(writer, new(), assign_number=True),
    "create_customer with a given number": lambda writer: create_customer(writer, new(customerId="K-1")),
}
READS = {"create_customer with a number": 3, "create_customer with a given number": 2}
"""Requests before the write; else one."""
SECONDS = st.sampled_from([0.1, 1.0, 4.9, 9.0, 14.0, 19.9, 20.1, math.inf])


class Sluggish(Routes):
    """Takes so many seconds for each request, the last of them for all further ones."""

    def __init__(self, *seconds: float) -> None:
        super().__init__(DONE | NUMBERED)
        self._seconds = seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        await anyio.sleep(self._seconds[min(len(self.requests), len(self._seconds)) - 1])
        return answer

    @property
    def written(self) -> list[str]:
        return [request.method for request in self.requests if request.method != "GET"]


@asynccontextmanager
async def at(api: Sluggish, **given: object) -> AsyncGenerator[Writer]:
    """A writer with the times that users have."""
    async with over(script=api, **{"timeout_s": 20} | given) as writer:
        yield writer


def test_a_call_takes_55_seconds_at_most_by_default() -> None:
    assert Settings.model_validate({"sandbox": True}).call_s == 55


class TestNotBegun:
    @pytest.mark.parametrize("call", CALLS)
    async def test_after_slow_reads_a_write_is_not_sent(self, call: str, tmp_path: Path) -> None:
        reads = READS.get(call, 1)
        call_s = 10 + 4.9 + reads * 15
        api = Sluggish(15)
        async with at(api, call_s=call_s, audit_log=tmp_path / "log") as writer:
            with pytest.raises(
                Timeout, match=f"of the {call_s:g} s for a call was left; nothing was sent"
            ) as caught:
                await CALLS[call](writer)
            assert anyio.current_time() == pytest.approx(reads * 15, abs=0.1)
        assert (api.written, audit_lines(tmp_path / "log")) == ([], [])
        assert (caught.value.retryable, caught.value.lost) == (True, False)

    @pytest.mark.parametrize("call", CALLS)
    async def test_with_five_seconds_left_for_it_it_is_sent(self, call: str) -> None:
        reads = READS.get(call, 1)
        api = Sluggish(*[15.0] * reads, 4.0, 0.1)
        async with at(api, call_s=10 + 5.1 + reads * 15) as writer:
            await CALLS[call](writer)
        assert len(api.written) == 1

    @pytest.mark.parametrize("call", CALLS)
    async def test_reads_that_never_end_are_a_timeout_with_nothing_sent(self, call: str) -> None:
        api = Sluggish(math.inf)
        async with at(api, timeout_s=60) as writer:
            with pytest.raises(Timeout):
                await CALLS[call](writer)
            assert anyio.current_time() <= 55
        assert api.written == []

    async def test_a_time_that_is_too_short_for_any_write_is_a_timeout(self) -> None:
        api = Sluggish(0)
        async with at(api, call_s=9) as writer:
            with pytest.raises(Timeout, match="nothing was sent"):
                await CALLS["create_customer"](writer)
        assert api.written == []

    @pytest.mark.parametrize("call", CALLS)
    async def test_short_times_are_enough_for_a_quick_api(self, call: str) -> None:
        api = Sluggish(0.01)
        async with at(api, call_s=3, timeout_s=1, reconcile_s=1) as writer:
            await CALLS[call](writer)
        assert len(api.written) == 1


class TestEnd:
    @pytest.mark.parametrize("call", CALLS)
    @pytest.mark.parametrize("timeout_s", [20, 60])
    async def test_a_write_without_an_answer_ends_in_time_with_an_unknown_outcome(
        self, call: str, timeout_s: float, tmp_path: Path
    ) -> None:
        api = Sluggish(*[5.0] * READS.get(call, 1), math.inf)
        async with at(api, timeout_s=timeout_s, audit_log=tmp_path / "log") as writer:
            with pytest.raises(OutcomeUnknown):
                await CALLS[call](writer)
            assert anyio.current_time() <= 55
        assert audit_lines(tmp_path / "log")[-1]["outcome"] == "outcome_unknown"

    async def test_an_agent_has_its_answer_in_time(self) -> None:
        async with agent("auto", Sluggish(5, math.inf), timeout_s=60) as caller:
            error = await caller.fails("create_customer", customer=ACME)
            assert anyio.current_time() <= 55
        assert error["code"] == "outcome_unknown"

    @given(
        st.sampled_from(sorted(CALLS)),
        st.lists(SECONDS, min_size=1, max_size=9),
        st.sampled_from([5.0, 12.0, 20.0, 55.0]),
        st.sampled_from([0.0, 3.0, 10.0]),
        st.sampled_from([1.0, 20.0, 60.0]),
    )
    def test_no_call_takes_longer_than_its_time_however_slow_the_api(
        self, call: str, seconds: list[float], call_s: float, reconcile_s: float, timeout_s: float
    ) -> None:
        api = Sluggish(*seconds)
        times = {"call_s": call_s, "reconcile_s": reconcile_s, "timeout_s": timeout_s}
        took_s, error = on_virtual_time(partial(timed, api, CALLS[call], times))
        assert took_s <= call_s + 0.01
        assert error is None or error.code in {"timeout", "busy", "outcome_unknown"}
        assert api.written or (error and error.code != "outcome_unknown")
        assert not (api.written and error) or isinstance(error, OutcomeUnknown)


async def timed(api: Sluggish, call: Write, times: dict[str, float]) -> tuple[float, FaktooraError | None]:
    """How long a call takes, and its error."""
    async with over(script=api, **times) as writer:
        try:
            await call(writer)
        except FaktooraError as error:
            return anyio.current_time(), error
    return anyio.current_time(), None


def on_virtual_time(
    work: Callable[[], Awaitable[tuple[float, FaktooraError | None]]],
) -> tuple[float, FaktooraError | None]:
    return anyio.run(work, backend_options={"loop_factory": VirtualTime})
