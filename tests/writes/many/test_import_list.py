"""A list of customers on a bad line, killed, and given again: every customer once, and every claim true."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.sandbox.forms import Forms
from faktoora_mcp.settings import LATE_COMMIT_S
from faktoora_mcp.writes.session import Writer
from tests import scripted
from tests.crashing import Killed, servers, until_killed
from tests.faulty import FAULTS, FaultyApi
from tests.test_faults import ALWAYS, COLUMNS, ONCE, C, X
from tests.writes.many.lists import check_claims, imported, mixed, statuses, times_held

pytestmark = pytest.mark.anyio
COUNT = 8
PLACES = {"first": 1, "middle": COUNT // 2, "last": COUNT}
CREATE = COLUMNS["create_customer"]
KILLED = 3
"""So many rows are killed at every request."""
REQUESTS = 5 + 4 * KILLED
"""Reading all customers, and four requests for each row; the last kill comes after all of them."""


@asynccontextmanager
async def at_work(forms: Forms, customers: int = 3) -> AsyncGenerator[tuple[FaultyApi, Writer]]:
    api, ours = FaultyApi(customers, forms), scripted.settings(timeout_s=20)
    async with FaktooraClient(ours, api) as client:
        yield api, Writer(client, ours)


@pytest.mark.parametrize("carried_out", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", range(1, REQUESTS + 2))
def test_killed_at_any_request_the_same_list_again_creates_everybody_once(
    forms: Forms,
    nth: int,
    carried_out: bool,  # noqa: FBT001 (a parameter)
) -> None:
    api = FaultyApi(3, forms)
    with servers(api) as (first, second):
        first.line.begin([0.05], (nth, carried_out))
        with pytest.raises(Killed):
            first.run(until_killed(first.writer, imported(first.writer, mixed(KILLED))))
        there = times_held(second.run(api.settled()), mixed(KILLED))
        listed = second.run(imported(second.writer, mixed(KILLED)))
        after = second.run(api.settled())
    assert times_held(after, mixed(KILLED)) == [1] * KILLED
    assert statuses(listed) == ["exists" if times else "created" for times in there]
    check_claims(listed, mixed(KILLED), after)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_one_creation_leaves_every_claim_true_and_the_next_run_goes_on(
    forms: Forms, fault: str, place: str
) -> None:
    async with at_work(forms) as (api, writer):
        api.meet(FAULTS[fault], "POST /customer", nth=PLACES[place])
        listed = await imported(writer, mixed(COUNT))
        api.heal()
        check_claims(listed, mixed(COUNT), await api.settled())
        word, found = ONCE[fault][CREATE], statuses(listed)
        assert word != C or {*found} <= {"created", "exists"}
        assert word != X or found.count("unknown") <= 1
        assert listed.stopped in {None, "unknown"}
        await anyio.sleep(LATE_COMMIT_S)
        again = await imported(writer, mixed(COUNT))
        after = await api.settled()
    check_claims(again, mixed(COUNT), after)
    assert {*statuses(again)} <= {"created", "exists"}


@pytest.mark.parametrize("fault", ALWAYS)
async def test_a_fault_that_stays_stops_the_list_and_leaves_no_twin(forms: Forms, fault: str) -> None:
    async with at_work(forms) as (api, writer):
        api.meet(FAULTS[fault], "POST /customer", nth=3, always=True)
        listed = await imported(writer, mixed(COUNT))
        api.heal()
        check_claims(listed, mixed(COUNT), await api.settled())
        await anyio.sleep(LATE_COMMIT_S)
        await imported(writer, mixed(COUNT))
        after = await api.settled()
    assert times_held(after, mixed(COUNT)) == [1] * COUNT


@pytest.mark.parametrize("fault", ["401", "502 before", "truncated", "200 with an error", "silent before"])
@pytest.mark.parametrize("nth", [1, 2, 3, 6, 12])
async def test_a_fault_of_a_read_leaves_no_twin(forms: Forms, fault: str, nth: int) -> None:
    async with at_work(forms) as (api, writer):
        api.meet(FAULTS[fault], "GET *", nth=nth)
        try:
            listed = await imported(writer, mixed(COUNT))
        except Exception:  # noqa: BLE001 (where nobody can be read, nothing is sent)
            assert api.left["POST /customer"] == 0
        else:
            check_claims(listed, mixed(COUNT), await api.settled())
        api.heal()
        await anyio.sleep(LATE_COMMIT_S)
        await imported(writer, mixed(COUNT))
        after = await api.settled()
    assert times_held(after, mixed(COUNT)) == [1] * COUNT


def test_stopped_by_the_host_what_was_begun_ends_and_the_next_run_goes_on(forms: Forms) -> None:
    async def stopped(writer: Writer) -> None:
        with anyio.move_on_after(0.75):
            await imported(writer, mixed(COUNT))

    api = FaultyApi(3, forms)
    with servers(api) as (first, second):
        first.line.begin([0.1], None)
        first.run(stopped(first.writer))
        there = times_held(second.run(api.settled()), mixed(COUNT))
        listed = second.run(imported(second.writer, mixed(COUNT)))
    assert 0 < sum(there) < COUNT
    assert statuses(listed) == ["exists" if times else "created" for times in there]


async def test_a_base_too_large_to_be_read_is_searched_for_every_row(forms: Forms) -> None:
    few = Limits(scan_s=50, max_scan=100)
    async with at_work(forms, customers=600) as (api, writer):
        await api.add(mixed(1)[0])
        runs = [await imported(writer, mixed(COUNT), limits=few) for _ in range(2)]
        after = await api.settled()
    assert [statuses(run) for run in runs] == [["exists", *["created"] * (COUNT - 1)], ["exists"] * COUNT]
    for run in runs:
        check_claims(run, mixed(COUNT), after)
