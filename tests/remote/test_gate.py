"""What a request over HTTP has to pass: host, origin, size, how many at a time."""

import json
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from anyio.abc import SocketStream
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from faktoora_mcp.api.pool import Credentials
from faktoora_mcp.server.remote.access import Denied
from faktoora_mcp.server.remote.bodies import CALL_BYTES, IMPORT_BYTES, received
from faktoora_mcp.server.remote.callers import Caller
from faktoora_mcp.server.remote.http import SENDING_S
from faktoora_mcp.server.remote.limits import FULL, Calls
from faktoora_mcp.settings import Settings
from tests.processes import DEADLINE_S
from tests.remote.inside import ACCEPT, URL, called, client_of, request, running
from tests.remote.serving import KEYS, served

pytestmark = pytest.mark.anyio
PASSED = 400
"""An empty request is no MCP: who gets this far was let in."""


async def post(url: str, content: bytes = b"{}", **headers: str) -> httpx.Response:
    given = {"X-API-KEY": KEYS[0]} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient() as client:
        return await client.post(url, content=content, headers=given | {"Content-Type": "application/json"})


async def never() -> Message:
    await anyio.sleep_forever()
    raise AssertionError


def asgi(method: str) -> tuple[Scope, Receive]:
    """A request of 2026-07-28 as a server of ASGI hands it over."""
    headers, body = request(method)
    given = {"Host": "localhost", "X-API-KEY": KEYS[0], "Content-Type": "application/json"} | ACCEPT | headers
    pairs = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    messages: list[Message] = [{"type": "http.request", "body": json.dumps(body).encode()}]

    async def receive() -> Message:
        return messages.pop() if messages else await never()

    return {"type": "http", "method": "POST", "path": "/mcp", "headers": pairs, "query_string": b""}, receive


class TestHost:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "[::1]:9", "LOCALHOST"])
    async def test_this_machine_is_let_in(self, host: str) -> None:
        with served() as url:
            assert (await post(url, Host=host)).status_code == PASSED

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil@localhost", "["],
    )
    async def test_another_name_is_refused_as_a_rebinding_page_would_send_it(self, host: str) -> None:
        with served() as url:
            assert (await post(url, Host=host)).status_code == 421

    async def test_names_that_the_operator_allows_are_let_in(self) -> None:
        with served(allowed_host="mcp.firm.example", public_url="https://public.firm.example/x") as url:
            for host in ("mcp.firm.example", "mcp.firm.example:443", "public.firm.example"):
                assert (await post(url, Host=host)).status_code == PASSED

    async def test_a_page_of_another_origin_is_refused_although_the_host_is_right(self) -> None:
        with served() as url:
            answers = [
                await post(url, Origin=it) for it in ("https://evil.example", "null", "http://localhost")
            ]
        assert [answer.status_code for answer in answers] == [403, 403, PASSED]

    async def test_health_is_told_under_any_name_and_without_a_key(self) -> None:
        with served() as url:
            root = url.removesuffix("/mcp")
            async with httpx.AsyncClient(headers={"Host": "10.0.0.7:8765"}) as client:
                answers = [await client.get(root + route) for route in ("/healthz", "/readyz")]
        assert [answer.json()["status"] for answer in answers] == ["ok", "ok"]


class TestAnswers:
    @pytest.mark.parametrize("path", ["/mcp", "/other", "/healthz", "/mcp/server-card"])
    async def test_a_browser_is_told_not_to_take_any_for_a_page(self, path: str) -> None:
        with served() as url:
            async with httpx.AsyncClient(headers={"X-API-KEY": KEYS[0]}) as client:
                headers = (await client.get(url.removesuffix("/mcp") + path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"

    async def test_no_cache_keeps_what_a_caller_was_told(self) -> None:
        async with running() as gate, client_of(gate, X_API_KEY=KEYS[0]) as client:
            headers, body = request("tools/call", name="list_customers", arguments={})
            answer = await client.post(URL, json=body, headers=headers)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


class TestSize:
    async def test_a_body_that_is_too_large_is_refused(self) -> None:
        with served() as url:
            assert (await post(url, b" " * (CALL_BYTES + 1))).status_code == 413

    async def test_it_is_refused_also_where_it_does_not_tell_its_size(self) -> None:
        async def pieces() -> AsyncGenerator[bytes]:
            for _ in range(CALL_BYTES // 65_536 + 1):
                yield b" " * 65_536

        with served() as url:
            async with httpx.AsyncClient(headers={"X-API-KEY": KEYS[0]}) as client:
                assert (await client.post(url, content=pieces())).status_code == 413

    async def test_an_import_may_bring_more_for_its_customers_may_be_in_it(self) -> None:
        with served() as url:
            answers = [
                await post(url, b" " * size, Mcp_Name="import_customers")
                for size in (IMPORT_BYTES, IMPORT_BYTES + 1)
            ]
        assert [answer.status_code for answer in answers] == [PASSED, 413]

    async def test_a_client_without_a_key_is_refused_before_its_body_is_read(self) -> None:
        with served() as url:
            assert (await post(url, b" " * (CALL_BYTES + 1), X_API_KEY="")).status_code == 401


class TestTime:
    async def test_a_body_that_does_not_arrive_in_time_is_given_up(self) -> None:
        with pytest.raises(Denied) as denied:
            await received(Headers(), never)
        assert denied.value.status == 408

    async def test_a_request_ends_at_its_deadline_although_its_client_does_not_read(self) -> None:
        sent: list[Message] = []

        async def stuck(message: Message) -> None:
            sent.append(message)
            await anyio.sleep_forever()

        async with running(Settings(sandbox=True, call_s=5)) as gate:
            began = anyio.current_time()
            await gate(*asgi("tools/list"), stuck)
        assert (len(sent), anyio.current_time() - began) == (1, pytest.approx(5 + SENDING_S))


class TestCallers:
    @pytest.mark.parametrize("key", ["short", "with blank in it", "key\xe9" * 5])
    async def test_what_can_be_no_key_is_refused(self, key: str) -> None:
        with served() as url:
            async with httpx.AsyncClient() as client:
                answer = await client.post(url, json={}, headers=[(b"X-API-KEY", key.encode("latin-1"))])
        assert answer.status_code == 401

    async def test_a_token_of_an_issuer_is_not_passed_on_as_a_key(self) -> None:
        with served() as url:
            answer = await post(url, X_API_KEY="eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl")
        assert answer.status_code == 401
        assert "access token" in answer.json()["error"]["message"]

    async def test_no_answer_and_no_error_shows_a_key(self) -> None:
        with served() as url:
            answers = [await post(url), await post(url, X_Account_Id="a b"), await post(url + "/other")]
        assert not any(KEYS[0] in answer.text for answer in answers)

    async def test_no_log_shows_a_key_however_much_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        async with running() as gate, client_of(gate, X_API_KEY=KEYS[0]) as client:
            await called(client, "list_customers", keywords=["Müller"])
            await client.post(URL, content=b"{")
        assert caplog.messages
        assert KEYS[0] not in caplog.text

    async def test_other_paths_say_where_mcp_is(self) -> None:
        with served() as url:
            answer = await post(url + "/other")
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "MCP is served at /mcp.")


def caller(key: str) -> Caller:
    return Caller("somebody", Credentials(key))


async def connected(url: str) -> SocketStream:
    """A connection on which nothing is sent."""
    return await anyio.connect_tcp("127.0.0.1", int(urlsplit(url).port or 0))


async def sending(stream: SocketStream) -> None:
    while True:
        await stream.send(b"x")


class TestConnections:
    async def test_one_more_than_there_may_be_is_told_when_to_try_again(self) -> None:
        with served(max_clients=2) as url:
            async with await connected(url), await connected(url):
                refused = await post(url)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
        assert refused.json()["error"]["message"] == FULL
        assert refused.headers["x-content-type-options"] == "nosniff"

    async def test_as_many_as_there_may_be_are_served(self) -> None:
        with served(max_clients=2) as url:
            async with await connected(url):
                assert (await post(url)).status_code == PASSED

    async def test_once_one_is_closed_there_is_room_again(self) -> None:
        with served(max_clients=1) as url, anyio.fail_after(DEADLINE_S):
            async with await connected(url):
                assert (await post(url)).status_code == 503
            while (await post(url)).status_code != PASSED:
                pass

    async def test_who_is_refused_cannot_stay(self) -> None:
        with served(max_clients=1) as url, anyio.fail_after(DEADLINE_S):
            async with await connected(url), await connected(url) as refused:
                with pytest.raises(anyio.BrokenResourceError):
                    await sending(refused)


class TestLimits:
    def test_one_key_has_so_many_requests_at_a_time_and_others_still_get_in(self) -> None:
        calls = Calls(most=3, most_per_key=1)
        with calls.running(caller(KEYS[0])):
            with pytest.raises(Denied) as busy, calls.running(caller(KEYS[0])):
                pass
            with calls.running(caller(KEYS[1])):
                pass
        assert (busy.value.status, busy.value.headers["Retry-After"]) == (429, "2")

    def test_all_keys_together_have_so_many(self) -> None:
        calls = Calls(most=1, most_per_key=1)
        with calls.running(caller(KEYS[0])), pytest.raises(Denied) as busy, calls.running(caller(KEYS[1])):
            pass
        assert busy.value.status == 503

    def test_nothing_is_kept_of_a_key_after_its_requests(self) -> None:
        calls = Calls(most=1, most_per_key=1)
        for number in range(1000):
            with calls.running(caller(f"key-number-{number}")):
                pass
        assert len(calls) == 0
