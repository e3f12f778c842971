"""Who may only read: no caller can widen what the operator allows, and each sees what it may use."""

import pytest

from faktoora_mcp.settings import Settings
from tests.agents import ERAS, Agent
from tests.remote.serving import KEYS, caller, served

pytestmark = pytest.mark.anyio
WRITING = "delete_customer"


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def offers_writing(someone: Agent) -> bool:
    return WRITING in {tool.name for tool in (await someone.client.list_tools()).tools}


async def test_a_caller_who_asks_for_reading_only_can_do_no_more(era: str) -> None:
    with served() as url:
        async with caller(era, url, X_Faktoora_Readonly="1") as reader:
            assert not await offers_writing(reader)
            assert (await reader.fails(WRITING, id="cust_abc123", confirm="x"))["code"] == "read_only"
            await reader.call("list_customers")


async def test_others_at_the_same_server_may_still_write(era: str) -> None:
    with served() as url:
        async with caller(era, url, X_Faktoora_Readonly="1") as reader, caller(era, url, KEYS[1]) as writer:
            assert (await offers_writing(reader), await offers_writing(writer)) == (False, True)


@pytest.mark.parametrize("value", ["0", "false", "no", ""])
async def test_no_header_widens_what_the_operator_allows(era: str, value: str) -> None:
    with served(Settings(sandbox=True, read_only=True)) as url:
        async with caller(era, url, X_Faktoora_Readonly=value) as someone:
            assert not await offers_writing(someone)
            assert (await someone.fails(WRITING, id="cust_abc123"))["code"] == "read_only"


async def test_the_list_of_tools_is_private_to_its_caller() -> None:
    with served() as url:
        async with caller("auto", url) as someone:
            listed = await someone.client.list_tools()
    assert listed.model_dump(by_alias=True)["cacheScope"] == "private"
