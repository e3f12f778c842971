"""What calls share: limits hold before a question, the audit log names the client, a read ends in time."""

import json
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client
from mcp.types import ElicitResult, Implementation

from faktoora_mcp.server.app import create_server
from tests.agents import ERAS, Agent, agent, text_of
from tests.clock import VIRTUAL_TIME
from tests.scripted import RECORD, Script, page, reply, settings
from tests.server.test_elicitation import ID, OneCustomerApi, User, agent_with

pytestmark = pytest.mark.anyio
YES = ElicitResult(action="accept", content={"agreed": True})


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("limit", ["max_writes", "max_deletes"])
async def test_the_user_is_not_asked_about_a_deletion_that_the_operator_does_not_allow(
    era: str, limit: str
) -> None:
    user, api = User(YES), OneCustomerApi()
    async with agent_with(era, user, api, **{limit: 0}) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], user.asked, api.methods) == ("write_limit", [], [])


async def test_the_user_is_not_asked_where_the_audit_log_cannot_be_written(era: str, tmp_path: Path) -> None:
    user, api = User(YES), OneCustomerApi()
    async with agent_with(era, user, api, audit_log=tmp_path / "missing" / "audit.jsonl") as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], user.asked, api.methods) == ("audit_unavailable", [], [])


async def test_the_audit_log_names_the_client_that_asked_for_a_change(era: str, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    script = Script(reply(RECORD), reply(RECORD | {"city": "Hamburg"}))
    server = create_server(settings(audit_log=log), script)
    client = Client(server, mode=era, client_info=Implementation(name="Claude", version="1.2"))
    async with client:
        await Agent(client).call("update_customer", id=ID, changes={"city": "Hamburg"})
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [(line["event"], line["client"]) for line in lines] == [
        ("intent", "Claude 1.2"),
        ("outcome", "Claude 1.2"),
    ]


class Slow(httpx.AsyncBaseTransport):
    """Answers every request after nineteen seconds."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(19)
        taken = request.url.path.endswith("verify-customer-number")
        return reply({"succeed": False}) if taken else page(RECORD, total=900, per_page=100)


@pytest.mark.parametrize("anyio_backend", [VIRTUAL_TIME])
async def test_a_read_of_many_requests_ends_with_the_time_of_a_call(era: str) -> None:
    async with agent(era, Slow(), timeout_s=20) as someone:
        start = anyio.current_time()
        error = await someone.fails("get_customer", number="CUST-9")
        assert anyio.current_time() - start == pytest.approx(55, abs=1)
    assert (error["code"], error["message"]) == ("timeout", "No answer within 55 s.")


@pytest.mark.parametrize("anyio_backend", [VIRTUAL_TIME])
async def test_a_question_says_what_it_read_before_its_time_was_over(era: str) -> None:
    async with agent(era, Slow(), timeout_s=20, call_s=30, scan_s=50) as someone:
        answer = await someone.call("query_customers", limit=0)
    assert (answer["scanned"], answer["complete"]) == (1, False)
    assert answer["reason"].startswith("time ran out after 28.5 s")


async def test_a_free_number_that_another_has_in_other_case_says_so(era: str) -> None:
    async with agent(era, Script(reply({"succeed": True}), page(RECORD))) as someone:
        answer = await someone.call("verify_customer_number", number="cust-0042")
    assert answer["available"]
    assert "differs from it in upper and lower case only" in answer["note"]


async def test_parallel_calls_never_make_more_changes_than_allowed(era: str, tmp_path: Path) -> None:
    codes: list[str] = []

    async def update(someone: Agent, customer_id: str) -> None:
        result = await someone.result("update_customer", id=customer_id, changes={"city": "Hamburg"})
        codes.append(json.loads(text_of(result)).get("error", {}).get("code", "changed"))

    async with agent(era, sandbox=True, max_writes=1, audit_log=tmp_path / "audit.jsonl") as someone:
        rows = (await someone.call("list_customers", fields=["id"]))["rows"]
        async with anyio.create_task_group() as tasks:
            for (customer_id,) in rows[:3]:
                tasks.start_soon(update, someone, customer_id)
    assert sorted(codes) == ["changed", "write_limit", "write_limit"]
