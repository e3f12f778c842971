"""The issuer's public keys: read when they are needed, kept, replaced; nobody makes the server ask often."""

import anyio
import httpx
import pytest

from faktoora_mcp.server.remote.jwks import KEPT_S, MOST_BYTES, PAUSE_S, IssuerUnavailable, Jwks
from tests.remote.issuer import Issuer, new_key

pytestmark = pytest.mark.anyio
URL = "https://id.firm.example"


class Web(httpx.AsyncBaseTransport):
    """The issuer as the server reaches it, while it can be reached."""

    def __init__(self) -> None:
        self.issuer, self.down = Issuer(), False
        self.issuer.url = URL
        self.keys = Jwks(URL, httpx.AsyncClient(transport=self))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down")
        found = self.issuer.document(request.url.path)
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    async def has(self, key_id: str) -> bool:
        return await self.keys.key(key_id) is not None

    @property
    def read(self) -> int:
        return self.issuer.asked.count("/keys")


async def test_keys_are_read_once_for_many_tokens() -> None:
    web = Web()
    assert [await web.has("first") for _ in range(9)] == [True] * 9
    assert web.read == 1


async def test_calls_at_the_same_time_wait_for_one_reading() -> None:
    web = Web()
    async with anyio.create_task_group() as tasks:
        for _ in range(9):
            tasks.start_soon(web.has, "first")
    assert web.read == 1


async def test_a_new_key_of_the_issuer_is_found_without_a_restart() -> None:
    web = Web()
    await web.has("first")
    web.issuer.keys["second"] = new_key()
    await anyio.sleep(PAUSE_S + 1)
    assert (await web.has("second"), web.read) == (True, 2)


async def test_a_key_that_the_issuer_withdrew_is_forgotten_in_time() -> None:
    web = Web()
    await web.has("first")
    web.issuer.keys = {"second": new_key()}
    await anyio.sleep(KEPT_S + 1)
    assert not await web.has("first")


async def test_made_up_ids_lead_to_one_reading_in_a_pause_however_many_they_are() -> None:
    web = Web()
    await web.has("first")
    for _ in range(3):
        await anyio.sleep(PAUSE_S + 1)
        assert not any([await web.has(f"made-up-{number}") for number in range(50)])
    assert web.read == 1 + 3


async def test_while_the_issuer_is_down_the_keys_it_had_go_on() -> None:
    web = Web()
    await web.has("first")
    web.down = True
    await anyio.sleep(KEPT_S + 1)
    assert await web.has("first")


async def test_an_issuer_that_was_never_reached_leaves_nothing_to_check_with() -> None:
    web = Web()
    web.down = True
    with pytest.raises(IssuerUnavailable):
        await web.has("first")


@pytest.mark.parametrize(
    "document",
    [
        {"jwks_uri": "http://id.firm.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {},
    ],
    ids=["not https", "file", "no address", "nothing"],
)
async def test_keys_from_an_unsafe_address_are_not_read(document: dict[str, object]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path.startswith("/.well-known/")
        return httpx.Response(200, json=document)

    with pytest.raises(IssuerUnavailable):
        await Jwks(URL, httpx.AsyncClient(transport=httpx.MockTransport(answer))).key("first")


async def test_a_document_without_end_is_not_taken_for_keys() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        told = {"jwks_uri": f"{URL}/keys"} if request.url.path != "/keys" else {"keys": "x" * MOST_BYTES}
        return httpx.Response(200, json=told)

    with pytest.raises(IssuerUnavailable):
        await Jwks(URL, httpx.AsyncClient(transport=httpx.MockTransport(answer))).key("first")
