"""Two servers over HTTP that share one Redis: one API, and whichever of them is asked."""

import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import anyio
import httpx
import pytest

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import DOCUMENTED
from faktoora_mcp.settings import Settings
from faktoora_mcp.state.shared import AWAY_S
from tests.agents import Agent, text_of
from tests.processes import DEADLINE_S
from tests.remote.serving import KEYS, caller, served
from tests.remote.test_consent import NEW, SHARED, agreed, deleted
from tests.state.redis_server import RedisServer
from tests.state.test_consent import used

pytestmark = pytest.mark.anyio
SECRETS = "a-secret-of-at-least-thirty-two-characters"
CUSTOMER = NEW | {"name": "Kaufhaus Zwirn GmbH", "email": "einkauf@zwirn.example", "vatId": "DE136695976"}


class Replicas(NamedTuple):
    """The addresses of two servers, and the API behind them."""

    a: str
    b: str
    api: httpx.AsyncClient

    async def customers(self) -> list[dict[str, object]]:
        answer = await self.api.get(f"{SHARED.base_url}/customers", params={"perPage": 100})
        return [one for one in answer.json()["data"] if "Zwirn" in str(one["name"])]

    async def made(self) -> str:
        """The id of a customer."""
        return (await self.api.post(f"{SHARED.base_url}/customer", json=CUSTOMER)).json()["id"]


@contextmanager
def replicas(redis: RedisServer, **settings: object) -> Generator[Replicas]:
    ours = Settings.model_validate(SHARED.model_dump() | settings)
    api = httpx.ASGITransport(create_app(forms=DOCUMENTED))
    shared = {"state": redis.url, "state_keys": SECRETS}
    with ExitStack() as stack:
        a, b = (stack.enter_context(served(ours, api, **shared)) for _ in range(2))
        yield Replicas(a, b, httpx.AsyncClient(transport=api, headers={"X-API-KEY": KEYS[0]}))


async def goes_on(agent: Agent, tool: str, arguments: Mapping[str, object]) -> None:
    """A call succeeds again, once the server has seen that Redis is back."""
    with anyio.fail_after(DEADLINE_S):
        while (result := await agent.result(tool, **arguments)).is_error:
            assert "state_unavailable" in text_of(result)
            await anyio.to_thread.run_sync(time.sleep, AWAY_S)


async def test_the_same_creation_through_both_at_once_makes_one_customer(redis: RedisServer) -> None:
    outcomes: list[str] = []

    async def create(url: str) -> None:
        async with caller("auto", url) as agent:
            result = await agent.result("create_customer", customer=CUSTOMER)
            outcomes.append("duplicate" if result.is_error else "created")

    with replicas(redis) as two:
        async with anyio.create_task_group() as tasks:
            for url in (two.a, two.b) * 4:
                tasks.start_soon(create, url)
        found = await two.customers()
    assert sorted(outcomes) == ["created", *["duplicate"] * 7]
    assert len(found) == 1


async def test_a_confirmation_asked_on_one_is_good_on_the_other_and_only_once(redis: RedisServer) -> None:
    with replicas(redis) as two:
        customer_id = await two.made()
        asked = (await deleted(two.a, KEYS[0], customer_id))["result"]
        stolen = await deleted(two.b, KEYS[1], customer_id, **agreed(asked))
        done = await deleted(two.b, KEYS[0], customer_id, **agreed(asked))
        again = await deleted(two.a, KEYS[0], customer_id, **agreed(asked))
    assert stolen["error"]["message"] == "Invalid or expired requestState"
    assert done["result"]["structuredContent"]["outcome"] == "deleted"
    assert used(again) == (True, True, True)


async def test_a_value_that_confirms_a_change_of_many_is_good_on_the_other(redis: RedisServer) -> None:
    with replicas(redis) as two:
        change: dict[str, object] = {"ids": [await two.made()], "changes": {"category": "VIP"}}
        async with caller("legacy", two.a) as agent:
            shown = await agent.call("update_customers", **change)
        async with caller("legacy", two.b) as agent:
            done = await agent.call("update_customers", **change, dry_run=False, confirm=shown["confirm"])
        again = [customer["category"] for customer in await two.customers()]
    assert (done["outcome"], again) == ("done", ["VIP"])


async def test_hourly_limits_are_counted_for_each_caller_by_both(redis: RedisServer) -> None:
    codes: list[object] = []
    with replicas(redis, max_writes="3/h", max_deletes="1/h") as two:
        for url, name in zip((two.a, two.b) * 2, ("Amsel", "Buche", "Clemens", "Dahlie"), strict=True):
            async with caller("auto", url) as agent:
                result = await agent.result("create_customer", customer=NEW | {"name": f"{name} Bau GmbH"})
                codes.append(result.is_error)
        async with caller("auto", two.b) as agent:
            error = await agent.fails("create_customer", customer=NEW | {"name": "Erle Bau GmbH"})
        async with caller("auto", two.a, KEYS[1]) as agent:
            await agent.call("create_customer", customer=NEW | {"name": "Fuchs Bau GmbH"})
    assert codes == [False, False, False, True]
    assert (error["code"], error["message"]) == (
        "write_limit",
        "The operator allows each caller 3 changes in an hour, 3 are made; nothing was sent.",
    )
    assert error["next"] == "Tell the user what is left to do; one more is allowed in 60 min."


async def test_while_redis_is_away_reads_go_on_and_changes_are_refused_before_anything_is_sent(
    redis: RedisServer,
) -> None:
    with replicas(redis) as two:
        customer_id = await two.made()
        calls = {
            "create_customer": {"customer": CUSTOMER | {"name": "Zwei KG", "email": None, "vatId": None}},
            "update_customer": {"id": customer_id, "changes": {"city": "Köln"}},
            "delete_customer": {"id": customer_id, "confirm": CUSTOMER["name"]},
        }
        async with caller("auto", two.a) as agent:
            await agent.call("get_customer", id=customer_id)
            redis.kill()
            before = await two.customers()
            errors = [await agent.fails(tool, **arguments) for tool, arguments in calls.items()]
            found = await agent.call("get_customer", id=customer_id)
            tried = await agent.call("update_customer", **calls["update_customer"], dry_run=True)
            assert await two.customers() == before
            redis.start()
            for tool, arguments in calls.items():
                await goes_on(agent, tool, arguments)
    assert {error["code"] for error in errors} == {"state_unavailable"}
    assert {error["retryable"] for error in errors} == {True}
    assert (found["customer"]["id"], tried["dryRun"]) == (customer_id, True)


async def test_redis_holds_no_customer_and_no_key(redis: RedisServer) -> None:
    with replicas(redis, max_writes="100/h", max_deletes="100/h", api_rps=1000) as two:
        async with caller("auto", two.a) as agent:
            made = await agent.call("create_customer", customer=CUSTOMER, assign_number=True)
            customer_id = made["customer"]["id"]
            await agent.call("update_customer", id=customer_id, changes={"city": "Köln"})
        asked = (await deleted(two.a, KEYS[0], customer_id))["result"]
        await deleted(two.b, KEYS[0], customer_id, **agreed(asked))
    content = redis.written()
    for kind in ("window", "budget", "used"):
        assert f":{kind}:" in content
    secrets = (*KEYS, SECRETS, customer_id, asked["requestState"], made["customer"]["customerId"])
    private = [*secrets, "zwirn", "köln", "berlin", "10115", "136695976", "weg 1", SHARED.base_url]
    assert [text for text in private if str(text).casefold() in content.casefold()] == []
