"""What an agent reads about a scan: progress, what was not read, and why."""

from collections.abc import Awaitable, Callable

import anyio
import pytest
from anyio.lowlevel import checkpoint

from tests.agents import ERAS, agent
from tests.bases import Base, Record, at_once, firms, nothing
from tests.faulty import FaultyApi, said

pytestmark = pytest.mark.anyio
TOOLS = ["query_customers", "find_duplicate_customers"]
NOT_READ = "could not be read (The API's answer follows no known form)"
UNSTEADY = "the pages do not fit together, as if customers changed while they were read"


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def only_the_first_page() -> Callable[[int], Awaitable[None]]:
    async def wait(number: int) -> None:
        await (at_once(number) if number == 1 else anyio.sleep_forever())

    return wait


def replaces_the_first(records: list[Record]) -> None:
    gone = records.pop(0)
    records.append(gone | {"id": f"after {gone['id']}"})


def creates_one(records: list[Record]) -> None:
    records.append({"id": "new", "name": "Neu", "country": "DE"})


async def test_progress_shows_the_pages_read_and_the_total(era: str, tool: str) -> None:
    told: list[tuple[float, float | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        await checkpoint()
        told.append((progress, total))

    async with agent(era, Base(firms(250))) as someone:
        await someone.client.call_tool(tool, {}, progress_callback=note)
    assert told == [(1, None), (2, 5), (3, 5), (4, 5), (5, 5)]


async def test_a_host_that_cancels_stops_the_requests(era: str, tool: str) -> None:
    four_are_running = anyio.Event()

    async def wait(_number: int) -> None:
        if base.running == 4:
            four_are_running.set()
        if base.answered >= 2:
            await anyio.sleep_forever()

    base = Base(firms(1000), wait=wait)
    async with agent(era, base) as someone:
        async with anyio.create_task_group() as host:
            host.start_soon(someone.client.call_tool, tool)
            await four_are_running.wait()
            host.cancel_scope.cancel()
        with anyio.fail_after(5):
            await base.idle.wait()
        assert (await someone.client.list_tools()).tools
    assert len(base.asked) == 2 + 4


async def test_the_end_of_the_time_is_reported_with_the_customers_read(era: str, tool: str) -> None:
    base = Base(firms(250), wait=only_the_first_page())
    async with agent(era, base, scan_s=0.2) as someone:
        answer = await someone.call(tool)
    assert seen(answer) == {
        "scanned": 100,
        "complete": False,
        "reason": "time ran out after 0.2 s: 100 of 250 customers were read",
    }


async def test_the_cap_is_reported_with_the_customers_read(era: str, tool: str) -> None:
    async with agent(era, Base(firms(250)), max_scan=150) as someone:
        answer = await someone.call(tool)
    assert seen(answer) == {
        "scanned": 150,
        "complete": False,
        "reason": "--max-scan ended the walk: 150 of 250 customers were read",
    }


async def test_a_failed_page_is_reported_and_the_others_are_counted(era: str, tool: str) -> None:
    async with agent(era, Base(firms(450), unreadable=[3])) as someone:
        answer = await someone.call(tool)
    assert seen(answer) == {
        "scanned": 350,
        "complete": False,
        "reason": f"page 3 {NOT_READ}: 350 of 450 customers were read",
    }


async def test_no_readable_page_is_an_error(era: str, tool: str) -> None:
    api = FaultyApi(57)
    api.meet(said(403, {}), "GET /customers", always=True)
    async with agent(era, api) as someone:
        error = await someone.fails(tool)
    assert error["code"] == "forbidden"


async def test_a_customer_created_during_the_scan_is_counted(era: str) -> None:
    base = Base(firms(250), meanwhile={3: creates_one})
    async with agent(era, base) as someone:
        answer = await someone.call("query_customers", group_by="country", limit=0)
    assert answer == {
        "scanned": 251,
        "complete": True,
        "matched": 251,
        "groups": {"columns": ["country", "customers"], "rows": [["DE", 167], ["AT", 84]]},
    }


async def test_a_deletion_during_the_scan_hides_no_customer(era: str) -> None:
    base = Base(firms(550), meanwhile={4: replaces_the_first})
    async with agent(era, base) as someone:
        answer = await someone.call("query_customers", limit=0)
    assert answer == {"scanned": 551, "complete": True, "matched": 551}


async def test_constant_changes_make_the_scan_incomplete(era: str, tool: str) -> None:
    base = Base(firms(550), meanwhile=dict.fromkeys(range(100), replaces_the_first))
    async with agent(era, base) as someone:
        answer = await someone.call(tool)
    assert not answer["complete"]
    assert answer["reason"] == f"{UNSTEADY}: {answer['scanned']} of 550 customers were read"


async def test_no_customers_are_complete(era: str, tool: str) -> None:
    async with agent(era, Base([], meanwhile={1: nothing})) as someone:
        answer = await someone.call(tool)
    assert seen(answer) == {"scanned": 0, "complete": True}


def seen(answer: dict[str, object]) -> dict[str, object]:
    return {key: answer[key] for key in ("scanned", "complete", "reason") if key in answer}
