"""The key appears in nothing that an agent, a host or a reader of the log sees, whatever the API answers."""

import json
from base64 import b64encode
from pathlib import Path

import httpx
import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import PromptReference, TextResourceContents
from pydantic import JsonValue

from faktoora_mcp.text import MASK
from tests.agents import ERAS, agent, text_of
from tests.fuzz.wire import becomes, http_server
from tests.processes import Process, environment
from tests.remote.serving import KEYS, caller, served
from tests.scripted import ACME, KEY, RECORD, Reply, Script, page, reply

BASIC = b64encode(f"user:{KEY}".encode()).decode()
LEAKS = [KEY, KEY.upper(), KEY[:12], f"Basic {BASIC}", "".join(f"%{ord(letter):02x}" for letter in KEY)]


def hides(shown: str, leak: str) -> bool:
    return MASK in shown and leak not in shown and leak.rsplit(maxsplit=1)[-1][-8:] not in shown


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("status", [400, 403, 409, 413, 500])
async def test_an_error_of_the_api_does_not_show_it(era: str, leak: str, status: int) -> None:
    refusal = reply({"message": f"header {leak} is not accepted"}, status)
    async with agent(era, Script(*[refusal] * 5)) as someone:
        error = await someone.fails("get_customer", id="cust_abc123")
    assert hides(error["message"], leak)
    assert "is not accepted" in error["message"]


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("leak", LEAKS)
async def test_a_record_does_not_show_it(era: str, leak: str) -> None:
    record = RECORD | {"note": f"ours: {leak}", "extras": {leak: [leak]}, "user": {"apiKey": leak}}
    async with agent(era, Script(reply(record), page(record))) as someone:
        one = await someone.result("get_customer", id="cust_abc123", fields=["*"])
        several = await someone.result("list_customers", fields=["note", "extras"])
    assert hides(text_of(one), leak)
    assert hides(str(one.structured_content), leak)
    assert hides(text_of(several), leak)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("leak", LEAKS)
async def test_a_resource_does_not_show_it(era: str, leak: str) -> None:
    record = reply(RECORD | {"note": leak})
    refusal = reply({"message": leak}, 400)
    async with agent(era, Script(record, refusal)) as someone:
        (content,) = (await someone.client.read_resource("faktoora://customers/cust_abc123")).contents
        with pytest.raises(MCPError) as caught:
            await someone.client.read_resource("faktoora://customers/cust_abc123")
    assert isinstance(content, TextResourceContents)
    assert hides(content.text, leak)
    assert hides(caught.value.error.message, leak)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_completion_does_not_offer_it(era: str) -> None:
    listed: list[Reply] = [page(RECORD | {"category": KEY}, RECORD | {"category": "Secret"})]
    async with agent(era, Script(*listed)) as someone:
        asked = PromptReference(type="ref/prompt", name="onboard_customer")
        found = await someone.client.complete(asked, {"name": "category", "value": "s"})
    assert found.completion.values == ["Secret"]


@pytest.mark.anyio
async def test_words_of_a_message_stay_where_the_key_is_a_word() -> None:
    message = "isCompany must be any of true and false"
    async with agent("auto", Script(reply({"message": message}, 400)), api_key="any") as someone:
        assert (await someone.fails("get_customer", id="1"))["message"].endswith(message)


def test_the_log_does_not_show_it() -> None:
    env = environment(FAKTOORA_API_KEY=KEY, FAKTOORA_BASE_URL="http://127.0.0.1:9/x", FAKTOORA_TIMEOUT_S="3")
    with Process("serve", env=env) as server:
        server.initialize()
        server.send("tools/call", {"name": "get_customer", "arguments": {"id": KEY}}, request_id=2)
        answer = str(server.receive())
        server.end_of_input()
        log = server.stderr()
    assert "unreachable" in answer
    assert f"GET /customer/{MASK} failed" in log
    assert KEY not in log + answer


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_over_http_each_caller_never_sees_its_own_key(era: str) -> None:
    record = ACME | {"note": f"{KEYS[0]}, {KEYS[1]}"}
    with served() as url:
        async with caller(era, url, KEYS[0]) as one, caller(era, url, KEYS[1]) as other:
            for someone, shown in ((one, f"{MASK}, {MASK}b-0815"), (other, f"{MASK}a-4711, {MASK}")):
                created = await someone.call("create_customer", customer=record)
                known = created["customer"]["id"]
                found = await someone.call("get_customer", id=known)
                (content,) = (await someone.client.read_resource(f"faktoora://customers/{known}")).contents
                assert found["customer"]["note"] == shown
                assert shown in str(content)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("leak", LEAKS)
async def test_the_audit_log_does_not_show_it(era: str, leak: str, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    lists: dict[str, JsonValue] = {"customerContacts": [], "deliveryAddresses": []}
    record = RECORD | lists | {"note": f"ours: {leak}", "extras": {leak: "1"}}
    async with agent(era, Script(reply(record), reply({"succeed": True})), audit_log=log) as someone:
        await someone.call("delete_customer", id="cust_abc123", confirm="CUST-0042")
    assert hides(log.read_text("utf-8"), leak)


def test_over_http_the_log_does_not_show_the_key_of_a_caller() -> None:
    params = {"name": "get_customer", "arguments": {"id": KEYS[0]}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    types = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    with http_server(environment(FAKTOORA_SANDBOX="true")) as server:
        url = f"http://{server.host}:{server.port}/mcp"
        httpx.post(url, content=body, headers={"X-API-KEY": KEYS[0]} | types).raise_for_status()
        assert becomes(lambda: f"GET /customer/{MASK} 404" in server.log(), wanted=True)
        assert KEYS[0] not in server.log()
