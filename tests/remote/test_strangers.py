"""What a stranger may try who has two keys and writes requests by hand: no answer mixes their customers."""

from random import Random
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from anyio.abc import SocketStream
from mcp import Client, MCPError
from mcp.types import ResourceTemplateReference

from faktoora_mcp.server.resources import CUSTOMER
from tests.agents import ERAS
from tests.processes import DEADLINE_S
from tests.remote.inside import ACCEPT, URL, client_of, request, running
from tests.remote.serving import KEYS, caller, served
from tests.remote.test_interleaving import FIRMS, Echo
from tests.scripted import settings

pytestmark = pytest.mark.anyio
ONE, OTHER = KEYS
PASSED = 400
"""An empty request is no MCP: who gets this far was let in."""
HEADERS, BODY = request("tools/call", name="get_customer", arguments={"id": "cust_abc123"})


async def answered(url: str, sent: bytes) -> bytes:
    """All that comes back on one connection until the server closes it."""
    got = b""
    with anyio.fail_after(DEADLINE_S):
        async with await anyio.connect_tcp("127.0.0.1", int(urlsplit(url).port or 0)) as stream:
            await stream.send(sent)
            async for piece in stream:
                got += piece
    return got


async def sending(stream: SocketStream, piece: bytes) -> None:
    while True:
        await stream.send(piece)


def written(content: bytes, *more: str, line: str = "POST /mcp HTTP/1.1") -> bytes:
    """A request as it goes over the wire, with these lines among its headers."""
    given = {"Host": "localhost", "Content-Type": "application/json"} | ACCEPT | HEADERS
    lines = [line, *(f"{name}: {value}" for name, value in given.items()), *more, "", ""]
    return "\r\n".join(lines).encode() + content


def call(key: str, *more: str) -> bytes:
    content = httpx.Request("POST", URL, json=BODY).content
    return written(content, f"X-API-KEY: {key}", f"Content-Length: {len(content)}", *more)


class TestHeaders:
    @pytest.mark.parametrize(
        "name", ["Host", "Origin", "Authorization", "X-API-KEY", "X-Account-Id", "X-Faktoora-Readonly"]
    )
    async def test_one_that_decides_is_not_taken_twice(self, name: str) -> None:
        value = "localhost" if name == "Host" else "http://localhost" if name == "Origin" else ONE
        headers = [("Authorization", f"Bearer {ONE}"), (name, value), (name.lower(), value)]
        async with running() as gate, client_of(gate) as client:
            refused = await client.post(URL, json={}, headers=headers)
        assert refused.status_code == 400
        assert refused.json()["error"]["message"] == f"The header {name.lower()} was sent more than once."

    @pytest.mark.parametrize(("token", "status"), [(ONE, PASSED), (OTHER, 400)])
    async def test_two_keys_are_refused_and_one_may_come_both_ways(self, token: str, status: int) -> None:
        headers = {"X-API-KEY": ONE, "Authorization": f"Bearer {token}"}
        async with running() as gate, client_of(gate) as client:
            answer = await client.post(URL, json={}, headers=headers)
        assert (answer.status_code, "Two different keys" in answer.text) == (status, token == OTHER)

    @pytest.mark.parametrize(
        ("headers", "told"),
        [
            ({"X-API-KEY": f"{ONE}, {OTHER}"}, "no faktoora API key"),
            ({"X-API-KEY": "x" * 501}, "no faktoora API key"),
            ({"Authorization": f"Bearer {ONE} {OTHER}"}, "no faktoora API key"),
            ({"Authorization": f"Basic {ONE}"}, "Send the faktoora API key"),
            ({"X_API_KEY": ONE}, "Send the faktoora API key"),
            ({"X-API-KEY": ONE, "X-Account-Id": "one two"}, "no account's id"),
        ],
        ids=["two in one", "long", "two tokens", "another scheme", "underscores", "account"],
    )
    async def test_what_is_no_key_is_told_as_such(self, headers: dict[str, str], told: str) -> None:
        async with running() as gate, client_of(gate) as client:
            refused = await client.post(URL, json={}, headers=headers)
        assert refused.status_code == 401
        assert told in refused.json()["error"]["message"]

    async def test_those_that_never_end_are_not_kept(self) -> None:
        with served() as url, anyio.fail_after(DEADLINE_S):
            async with await anyio.connect_tcp("127.0.0.1", int(urlsplit(url).port or 0)) as stream:
                await stream.send(b"POST /mcp HTTP/1.1\r\n")
                with pytest.raises(anyio.BrokenResourceError):
                    await sending(stream, b"X-Long: " + b"x" * 65_536)


class TestOneConnection:
    @pytest.mark.parametrize("keys", [(ONE, OTHER), (ONE, OTHER, ONE, OTHER), (OTHER, OTHER, ONE)])
    async def test_requests_that_do_not_wait_for_each_other_are_answered_each_for_its_key(
        self, keys: tuple[str, ...]
    ) -> None:
        with served(settings(), Echo(Random(1))) as url:
            sent = b"".join(call(key) for key in keys[:-1]) + call(keys[-1], "Connection: close")
            got = (await answered(url, sent)).decode()
        answers = got.split("HTTP/1.1 ")[1:]
        assert [answer[:3] for answer in answers] == ["200"] * len(keys)
        for key, answer in zip(keys, answers, strict=True):
            assert {firm for firm in FIRMS.values() if firm in answer} == {FIRMS[key]}

    async def test_nothing_is_left_for_who_comes_next_without_a_key(self) -> None:
        with served(settings(), Echo(Random(1))) as url:
            sent = call(ONE) + written(b"", "Content-Length: 0", "Connection: close")
            got = (await answered(url, sent)).split(b"HTTP/1.1 ")[1:]
        assert [answer[:3] for answer in got] == [b"200", b"401"]

    async def test_a_body_of_two_sizes_is_refused_with_all_that_follows_it(self) -> None:
        hidden = call(OTHER)
        sizes = (f"Content-Length: {len(hidden) + 5}", "Transfer-Encoding: chunked")
        with served(settings(), Echo(Random(1))) as url:
            got = await answered(url, written(b"0\r\n\r\n" + hidden, f"X-API-KEY: {ONE}", *sizes))
        assert [answer[:3] for answer in got.split(b"HTTP/1.1 ")[1:]] == [b"400"]


class TestPaths:
    @pytest.mark.parametrize(
        "target",
        [
            *("//mcp", "/mcp/", "/MCP", "/mcp/../metrics", "/mcp/%2e%2e/metrics", "/mcp;/metrics", "*"),
            *("/mcp%00", "/metrics/", "//metrics", "http://evil.example/metrics", "/mcp/resources"),
        ],
    )
    async def test_no_other_spelling_leads_anywhere(self, target: str) -> None:
        line, end = f"GET {target} HTTP/1.1", "Connection: close"
        with served(metrics=True) as url:
            got = await answered(url, written(b"", f"X-API-KEY: {ONE}", end, line=line))
        assert got.startswith(b"HTTP/1.1 404 ")

    async def test_a_request_of_the_first_protocol_needs_a_host_too(self) -> None:
        with served(metrics=True) as url:
            got = await answered(url, b"GET /metrics HTTP/1.0\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("era", ERAS)
async def test_neither_resources_nor_completions_show_what_another_key_has(era: str) -> None:
    new = {
        "isCompany": True,
        "name": "Probe GmbH",
        "address": "Weg 1",
        "postcode": "20457",
        "city": "Hamburg",
    }
    with served() as url:
        async with caller(era, url, ONE) as owner, caller(era, url, OTHER) as stranger:
            made = (await owner.call("create_customer", customer=new))["customer"]["id"]
            found = [await ids(someone.client, "Probe") for someone in (owner, stranger)]
            with pytest.raises(MCPError, match="No customer has the id"):
                await stranger.client.read_resource(f"faktoora://customers/{made}")
    assert found == [[made], []]


async def ids(client: Client, typed: str) -> list[str]:
    of_customer = ResourceTemplateReference(uri=CUSTOMER)
    return (await client.complete(of_customer, {"name": "id", "value": typed})).completion.values
