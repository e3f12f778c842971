"""Takes back a call by the audit log: old values are restored, what it created is named for deletion."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.many_outcomes import BulkPreview, Failed, ManyUpdated
from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.api.outcomes import Pairs, Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Conflict, Correctable
from faktoora_mcp.rules.validation import ENTRY_FIELDS
from faktoora_mcp.writes.audit import Line, outcomes
from faktoora_mcp.writes.equality import same
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.undo import undoing
from faktoora_mcp.writes.update import Plan, Revision, planned, previewed, read_for

from .pace import Attempts, Progress, each, no_progress
from .update_many import told, updated_as_shown

TOOL = "undo"
SINCE = "It changed since, so that it is left as it is."
MERGED = "It holds values of the customer that the same call deleted: {}."
LISTS = "Entries of lists are not restored: the log does not say which of them are still wanted."


@dataclass(slots=True)
class Recorded:
    """What the log says of one call: old and new values by customer, and the customers that it created."""

    call: str
    tool: str
    time: str
    account: str | None
    changed: dict[str, Pairs] = field(default_factory=dict[str, Pairs])
    created: list[str] = field(default_factory=list[str])
    deleted: list[str] = field(default_factory=list[str])

    def add(self, line: Line) -> None:
        ids = line.get("id")
        if line.get("outcome") == "updated":
            pairs = cast("dict[str, list[JsonValue]]", line.get("changed") or {})
            known = self.changed.setdefault(str(ids), {})
            for name, (old, new) in pairs.items():
                known[name] = (known[name][0] if name in known else old, new)
        elif line.get("outcome") == "deleted":
            self.deleted.append(str(ids))
        elif line.get("outcome") in ("created", "imported"):
            self.created += [
                str(one) for one in cast("list[object]", ids if isinstance(ids, list) else [ids])
            ]


def recorded_calls(path: Path) -> list[Recorded]:
    """Every call of the log that changed or created something, oldest first. OSError."""
    calls: dict[str, Recorded] = {}
    for line in outcomes(path):
        key = str(line.get("call") or line.get("write"))
        tool, time = str(line.get("callTool") or line.get("tool")), str(line.get("time"))
        account = cast("str | None", line.get("account"))
        calls.setdefault(key, Recorded(key, tool, time, account)).add(line)
    return [call for call in calls.values() if call.changed or call.created]


@dataclass(frozen=True, slots=True)
class Restoring:
    """What taking back would do, and how: the changes and the plan for each customer."""

    preview: BulkPreview
    steps: tuple[tuple[CustomerChanges, Plan], ...]


async def plan_restoring(client: FaktooraClient, recorded: Recorded) -> Restoring:
    """What would be restored; refused where a customer changed since, or its old value breaks a rule.

    After a merge nothing is: the kept customer alone holds what was the other's.
    """
    steps: list[tuple[CustomerChanges, Plan]] = []
    refused: list[Failed] = []
    unchanged = 0
    for customer_id, pairs in recorded.changed.items():
        try:
            _refuse_merged(recorded)
            step = await _step(client, customer_id, pairs)
        except Correctable as error:
            refused.append(Failed(customer_id, error))
            continue
        if step:
            steps.append(step)
        else:
            unchanged += 1
    updates = tuple(previewed(plan) for _, plan in steps)
    return Restoring(
        BulkPreview(len(recorded.changed), unchanged, updates, refused=tuple(refused)), tuple(steps)
    )


async def restore(writer: Writer, restoring: Restoring, progress: Progress = no_progress) -> ManyUpdated:
    """Restore the old values, a few customers at a time; stops as every call for many does."""
    writer, batch = writer.for_many(TOOL, seconds=float("inf"))

    async def update(step: tuple[CustomerChanges, Plan]) -> Updated:
        return await updated_as_shown(writer, *step)

    made = await each(restoring.steps, update, writer.settings, batch.deadline, progress)
    plans = tuple(attempt.of(attempt.item[1]) for attempt in made.all)
    return told(restoring.preview, Attempts(plans, made.stopped), batch.id if writer.audit else None)


async def _step(
    client: FaktooraClient, customer_id: str, pairs: Pairs
) -> tuple[CustomerChanges, Plan] | None:
    """None where the old values are there already. Conflict where the customer changed since."""
    if lists := [name for name in pairs if name in ENTRY_FIELDS]:
        raise Conflict(LISTS, advice=f"Restore {', '.join(lists)} in faktoora, with the log beside it.")
    before = await read_for(client, customer_id, _fields(pairs))
    held = {name: _held(before, name) for name in pairs}
    if all(same(name, old, held[name]) for name, (old, _) in pairs.items()):
        return None
    if any(not same(name, new, held[name]) for name, (_, new) in pairs.items()):
        raise Conflict(SINCE, advice="Compare it with the log.")
    undo, _ = undoing(pairs, {}, before.record)
    changes = CustomerChanges.model_validate(undo)
    plan = planned(Revision(changes), before)
    return (changes, plan) if plan.wanted else None


def _refuse_merged(recorded: Recorded) -> None:
    if recorded.deleted:
        raise Conflict(
            MERGED.format(", ".join(recorded.deleted)),
            advice="Create that one again with its values in the log, then correct this one.",
        )


def _fields(paths: Iterable[str]) -> set[str]:
    return {path.partition(".")[0] for path in paths}


def _held(customer: Customer, path: str) -> JsonValue:
    name, _, key = path.partition(".")
    value = customer.record.get(name)
    if not key:
        return value
    return value.get(key) if isinstance(value, dict) else None
