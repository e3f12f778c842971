"""Two servers over HTTP that share one Redis: one API, and whichever of them is asked."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import anyio
import httpx
import pytest

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import DOCUMENTED
from faktoora_mcp.settings import Settings
from tests.remote.serving import KEYS, caller, served
from tests.remote.test_consent import SHARED, agreed, deleted
from tests.state.redis_server import RedisServer

pytestmark = pytest.mark.anyio
SECRETS = "a-secret-of-at-least-thirty-two-characters"
NEW: dict[str, object] = {
    "isCompany": True,
    "name": "Kaufhaus Zwirn GmbH",
    "address": "Weg 1",
    "postcode": "10115",
    "city": "Berlin",
    "extras": {},
}


class Replicas(NamedTuple):
    """The addresses of two servers, and the API behind them."""

    a: str
    b: str
    api: httpx.AsyncClient


@contextmanager
def replicas(redis: RedisServer, **settings: object) -> Generator[Replicas]:
    ours = Settings.model_validate(SHARED.model_dump() | settings)
    api = httpx.ASGITransport(create_app(forms=DOCUMENTED))
    with ExitStack() as stack:
        a, b = (stack.enter_context(served(ours, api, state=redis.url, state_keys=SECRETS)) for _ in range(2))
        yield Replicas(a, b, httpx.AsyncClient(transport=api, headers={"X-API-KEY": KEYS[0]}))


async def test_the_same_creation_through_both_at_once_makes_one_customer(redis: RedisServer) -> None:
    outcomes: list[str] = []

    async def create(url: str) -> None:
        async with caller("auto", url) as agent:
            result = await agent.result("create_customer", customer=NEW)
            outcomes.append("duplicate" if result.is_error else "created")

    with replicas(redis) as two:
        async with anyio.create_task_group() as tasks:
            for url in (two.a, two.b) * 4:
                tasks.start_soon(create, url)
        found = await two.api.get(f"{SHARED.base_url}/customers", params={"keywords[]": "Zwirn"})
    assert sorted(outcomes) == ["created", *["duplicate"] * 7]
    assert len(found.json()["data"]) == 1


async def test_a_confirmation_asked_on_one_is_good_on_the_other_and_only_once(redis: RedisServer) -> None:
    with replicas(redis) as two:
        made = await two.api.post(f"{SHARED.base_url}/customer", json=NEW)
        customer_id = made.json()["id"]
        asked = (await deleted(two.a, KEYS[0], customer_id))["result"]
        done = await deleted(two.b, KEYS[0], customer_id, **agreed(asked))
        again = await deleted(two.a, KEYS[0], customer_id, **agreed(asked))
    assert done["result"]["structuredContent"]["outcome"] == "deleted"
    error = again["result"]["content"][0]["text"]
    assert '"not_confirmed"' in error
    assert "already used" in error
