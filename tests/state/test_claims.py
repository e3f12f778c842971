"""What a write claims while the shared state fails: nothing that is due to another server's write."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from faktoora_mcp.errors import Busy, OutcomeUnknown, StateUnavailable
from faktoora_mcp.state.keys import Identities, StateKeys
from faktoora_mcp.state.shared import SharedState
from faktoora_mcp.writes.create import create_customer
from faktoora_mcp.writes.session import Writer
from tests.scripted import page
from tests.state.redis_server import RedisServer
from tests.state.test_replicas import SECRETS
from tests.writes.scripts import LIST, POST, WRITES, Routes, fresh, new, over

pytestmark = pytest.mark.anyio


class LosingTheAnswer(Routes):
    """Creates a customer, but the answer is lost; meanwhile something happens."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__({LIST: [page(), page(fresh())]})
        self._meanwhile = meanwhile

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.requests.append(request)
            self._meanwhile()
            raise httpx.ReadTimeout("late")
        return await super().handle_async_request(request)


@asynccontextmanager
async def writing(redis: RedisServer, api: httpx.AsyncBaseTransport) -> AsyncGenerator[Writer]:
    state = SharedState(redis.url, Identities(StateKeys([SECRETS])), 60)
    async with over(script=api, reconcile_s=0.2, call_s=10) as writer:
        yield replace(writer, state=state)
    await state.aclose()


async def test_with_its_keys_held_a_new_record_is_that_of_the_creation(redis: RedisServer) -> None:
    async with writing(redis, LosingTheAnswer(lambda: None)) as writer:
        assert (await create_customer(writer, new())).customer


@pytest.mark.parametrize("failure", ["killed", "forgotten"])
async def test_without_them_it_may_be_that_of_another_server(failure: str, redis: RedisServer) -> None:
    meanwhile = redis.kill if failure == "killed" else lambda: redis.ask("FLUSHALL")
    async with writing(redis, LosingTheAnswer(meanwhile)) as writer:
        with pytest.raises(OutcomeUnknown) as caught:
            await create_customer(writer, new())
    assert "'id': 'cust_new'" in str(caught.value.details["candidates"])


async def test_after_an_unknown_outcome_no_server_creates_the_customer_again(redis: RedisServer) -> None:
    class Nobody(LosingTheAnswer):
        def __init__(self) -> None:
            super().__init__(lambda: None)
            self._routes[LIST] = [page()]

    api = Nobody()
    async with writing(redis, api) as one, writing(redis, api) as other:
        with pytest.raises(OutcomeUnknown):
            await create_customer(one, new())
        with pytest.raises(Busy, match="its outcome is not known"):
            await create_customer(other, new())
    assert api.calls.count(POST) == 1


@pytest.mark.parametrize("tool", WRITES)
async def test_while_the_state_is_away_nothing_is_sent(tool: str, redis: RedisServer) -> None:
    redis.kill()
    api = LosingTheAnswer(lambda: None)
    async with writing(redis, api) as writer:
        with pytest.raises(StateUnavailable, match="nothing was sent"):
            await WRITES[tool](writer)
    assert {request.method for request in api.requests} <= {"GET"}
