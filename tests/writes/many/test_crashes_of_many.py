"""Killed at any request of one change for many: the log names who may have changed, the same call goes on."""

from pathlib import Path
from typing import cast

import anyio
import pytest

from faktoora_mcp.api.many_outcomes import BulkPreview, ManyUpdated
from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.sandbox.forms import Forms
from faktoora_mcp.writes.many.bulk_request import BulkRequest
from faktoora_mcp.writes.many.planning import plan_update
from faktoora_mcp.writes.many.taking_back import plan_restoring, recorded_calls, restore
from faktoora_mcp.writes.many.update_many import Consent, update_customers
from faktoora_mcp.writes.session import Writer
from tests.crashing import Killed, servers, until_killed
from tests.faulty import Base, FaultyApi
from tests.writes.many.prospects import CHANGES, WHERE, prospects
from tests.writes.scripts import audit_lines

COUNT = 5
REQUESTS = 2 + 2 * COUNT
"""The walks and the two requests of every change; the last kill comes after all of them."""
LIMITS = Limits(scan_s=50, max_scan=1000)
REQUEST = BulkRequest(
    tuple(Condition.model_validate(one) for one in WHERE), changes=CustomerChanges.model_validate(CHANGES)
)


async def change_all(writer: Writer) -> ManyUpdated | BulkPreview:
    shown = (await plan_update(writer, REQUEST, LIMITS)).preview
    return await update_customers(writer, REQUEST, LIMITS, Consent(shown.confirm))


async def take_back_all(writer: Writer, log: Path) -> None:
    """Every call in the log, the latest first."""
    for call in reversed(recorded_calls(log)):
        if call.tool == "update_customers":
            await restore(writer, await plan_restoring(writer.client, call))


def by_category(base: Base, category: str) -> set[str]:
    return {identity for identity, record in base.items() if record.get("category") == category}


@pytest.mark.parametrize("carried_out", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", range(1, REQUESTS + 2))
def test_killed_at_any_request_nothing_is_lost_and_the_next_run_goes_on(
    forms: Forms,
    tmp_path: Path,
    nth: int,
    carried_out: bool,  # noqa: FBT001 (a parameter)
) -> None:
    api, log = FaultyApi(3, forms), tmp_path / "audit.jsonl"
    with servers(api, log) as (first, second):
        ids = {*first.run(prospects(api, COUNT))}
        before = first.run(api.settled())
        first.line.begin([0.05], (nth, carried_out))
        with pytest.raises(Killed):
            first.run(until_killed(first.writer, change_all(first.writer)))
        after = second.run(api.settled())
        changed = by_category(after, "Kunde") & ids
        lines = audit_lines(log)
        intents = {str(line["id"]) for line in lines if line["event"] == "intent"}
        told = {str(line["id"]) for line in lines if line.get("outcome") == "updated"}
        assert told <= changed <= intents
        assert {identity: after[identity] for identity in before if identity not in intents} == {
            identity: before[identity] for identity in before if identity not in intents
        }
        made = second.run(change_all(second.writer))
        assert by_category(second.run(api.settled()), "Kunde") >= ids
        assert isinstance(made, ManyUpdated)
        assert {each.customer.id for each in made.done} == ids - changed
        second.run(take_back_all(second.writer, log))
        restored = second.run(api.settled())
        assert ids - by_category(restored, "Interessent") <= changed - told


def test_stopped_by_the_host_the_log_names_all_that_was_begun(forms: Forms, tmp_path: Path) -> None:
    api, log = FaultyApi(3, forms), tmp_path / "audit.jsonl"

    async def stopped(writer: Writer) -> None:
        with anyio.move_on_after(0.5):
            await change_all(writer)

    with servers(api, log) as (first, _):
        ids = {*first.run(prospects(api, COUNT))}
        first.line.begin([0.1], None)
        first.run(stopped(first.writer))
        changed = by_category(first.run(api.settled()), "Kunde") & ids
    outcomes = {
        cast("str", line["id"]): line["outcome"] for line in audit_lines(log) if line["event"] == "outcome"
    }
    assert outcomes == dict.fromkeys(changed, "updated")
    assert 0 < len(changed) < COUNT
