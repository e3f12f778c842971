"""A thousand times two keys at once, in the order of chance: no answer holds customers of the other."""

import json
from random import Random

import anyio
import httpx
import pytest
from pydantic import JsonValue

from tests.remote.inside import called, client_of, running
from tests.remote.serving import KEYS
from tests.scripted import RECORD, page, reply, settings

pytestmark = pytest.mark.anyio
ROUNDS, AT_ONCE = 1000, 25
FIRMS: dict[str, str] = dict(zip(KEYS, ("Amsel & Co", "Biber & Co"), strict=True))
TOOLS: tuple[tuple[str, dict[str, object]], ...] = (
    ("get_customer", {"id": "cust_abc123"}),
    ("list_customers", {"keywords": ["Acme"]}),
    ("update_customer", {"id": "cust_abc123", "changes": {"city": "Bonn"}, "dry_run": True}),
)


class Echo(httpx.AsyncBaseTransport):
    """An API in which the key of a request decides about its customers; it answers after any time."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        record: dict[str, JsonValue] = RECORD | {"name": FIRMS[request.headers["X-API-KEY"]]}
        await anyio.sleep(self._chance.randrange(4) / 3)
        return reply(record) if "/customer/" in request.url.path else page(record)


async def test_no_answer_holds_customers_of_another_key() -> None:
    chance, seen = Random(4711), {key: list[str]() for key in KEYS}
    many = {"max_calls": 10 * AT_ONCE, "max_calls_per_key": 10 * AT_ONCE}
    async with running(settings(max_connections=2 * AT_ONCE), Echo(chance), **many) as gate:

        async def call(key: str) -> None:
            tool, arguments = chance.choice(TOOLS)
            await anyio.sleep(chance.randrange(3) / 3)
            async with client_of(gate, X_API_KEY=key) as client:
                seen[key].append(json.dumps(await called(client, tool, **arguments)))

        for _ in range(ROUNDS // AT_ONCE):
            async with anyio.create_task_group() as tasks:
                for key in KEYS * AT_ONCE:
                    tasks.start_soon(call, key)
    assert [len(answers) for answers in seen.values()] == [ROUNDS, ROUNDS]
    for key, other in (KEYS, KEYS[::-1]):
        assert all(FIRMS[key] in answer and FIRMS[other] not in answer for answer in seen[key])
