"""Whether the server can reach the API, as a load balancer asks it."""

import anyio
import httpx
import pytest

from faktoora_mcp.server.remote.health import READY_S
from tests.remote.inside import client_of, running
from tests.scripted import page, reply, settings

pytestmark = pytest.mark.anyio


class Api(httpx.AsyncBaseTransport):
    """An API that always gives this answer, or cannot be reached."""

    def __init__(self, answer: httpx.Response | None) -> None:
        self.answer, self.asked = answer, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += request.url.path.endswith("/customers")
        if self.answer is None:
            raise httpx.ConnectError("no route")
        return self.answer


async def ready(client: httpx.AsyncClient) -> int:
    return (await client.get("http://localhost/readyz")).status_code


@pytest.mark.parametrize(
    ("answer", "status"),
    [(page(), 200), (reply({"errors": []}, 401), 200), (None, 503)],
    ids=["answers", "refuses the key", "cannot be reached"],
)
async def test_it_is_ready_where_the_api_answers_whatever_that_says(
    answer: httpx.Response | None, status: int
) -> None:
    async with running(settings(), Api(answer)) as gate, client_of(gate) as client:
        assert await ready(client) == status


async def test_the_api_is_asked_once_in_ten_seconds_however_often_it_is_wanted_to_know() -> None:
    api = Api(page())
    async with running(settings(), api) as gate, client_of(gate) as client:
        for _ in range(5):
            await ready(client)
        assert api.asked == 1
        await anyio.sleep(READY_S)
        await ready(client)
    assert api.asked == 2


async def test_an_api_that_is_back_is_seen_after_that() -> None:
    api = Api(None)
    async with running(settings(), api) as gate, client_of(gate) as client:
        seen = [await ready(client)]
        api.answer = page()
        seen.append(await ready(client))
        await anyio.sleep(READY_S)
        seen.append(await ready(client))
    assert seen == [503, 503, 200]
