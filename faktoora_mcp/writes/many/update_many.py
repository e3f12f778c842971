"""One change for many customers: shown first, confirmed, carried out customer by customer, taken back."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

from faktoora_mcp.api.many_outcomes import BulkPreview, Failed, ManyUpdated
from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.api.outcomes import Record, Updated
from faktoora_mcp.errors import AuditUnavailable, Conflict
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.settings import UNDO_BYTES
from faktoora_mcp.writes.equality import same
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.update import Plan, Revision, update_customer

from .bulk_request import BulkRequest
from .confirmation import is_confirmed
from .pace import Attempt, Attempts, Progress, each, no_progress
from .planning import plan_update

TOOL = "update_customers"


@dataclass(frozen=True, slots=True)
class Consent:
    """`confirm` as the caller gives it, or what the user `agreed` to when asked."""

    confirm: str | None = None
    agreed: str | None = None

    def covers(self, preview: BulkPreview) -> bool:
        return is_confirmed(self.agreed or self.confirm, preview.confirm)


async def update_customers(
    writer: Writer, request: BulkRequest, limits: Limits, consent: Consent, progress: Progress = no_progress
) -> BulkPreview | ManyUpdated:
    """Change the customers of the request; what would happen, where that is not what was agreed to.

    WriteLimit and AuditUnavailable before anything is sent.
    """
    await writer.check_allowed(TOOL)
    writer, batch = writer.for_many(TOOL)
    ahead = await plan_update(writer, request, limits)
    if not ahead.plans and ahead.preview.incomplete is None:
        return told(ahead.preview, Attempts(()), None)
    if not consent.covers(ahead.preview):
        return ahead.preview
    check_undoable(writer, ahead.preview)

    async def update(plan: Plan) -> Updated:
        return await updated_as_shown(writer, request.wanted, plan)

    made = await each(ahead.plans, update, writer.settings, batch.deadline, progress)
    return told(ahead.preview, made, batch.id if writer.audit else None)


async def updated_as_shown(writer: Writer, changes: CustomerChanges, plan: Plan) -> Updated:
    """The update, only of what is as it was shown; what is as wanted already stays."""
    revision = Revision(changes, expect=plan.old)
    try:
        return await update_customer(writer, plan.before.id, revision)
    except Conflict as conflict:
        current = cast("Record", conflict.details.get("current") or {})
        done = [name for name, held in current.items() if same(name, plan.wanted[name], held)]
        if not current or len(done) < len(current):
            raise
    rest = {name: old for name, old in plan.old.items() if name not in done}
    return await update_customer(writer, plan.before.id, replace(revision, expect=rest))


def undo_calls(updates: Iterable[Updated]) -> tuple[Record, ...]:
    """Calls of update_customers that restore the old values, grouped by these."""
    groups: dict[str, tuple[list[str], Record]] = {}
    for updated in updates:
        if updated.undo:
            key = json.dumps(updated.undo, sort_keys=True)
            ids, _ = groups.setdefault(key, ([], updated.undo))
            ids.append(updated.customer.id)
    return tuple({"ids": [*ids], "changes": changes} for ids, changes in groups.values())


def fits_an_answer(undo: tuple[Record, ...]) -> bool:
    return len(json.dumps(undo, ensure_ascii=False).encode(errors="replace")) <= UNDO_BYTES


def check_undoable(writer: Writer, preview: BulkPreview) -> None:
    """AuditUnavailable where neither the answer nor an audit log could take the changes back."""
    if not writer.audit and not fits_an_answer(undo_calls(preview.updates)):
        raise AuditUnavailable(
            "The old values of so many customers do not fit into an answer, and there is no audit log that "
            "keeps them. Nothing was sent.",
            advice="Change fewer customers at a time, or ask the operator for the option --audit-log.",
        )


def told(preview: BulkPreview, made: Attempts[Plan, Updated], call: str | None) -> ManyUpdated:
    """What became of every customer."""
    done = tuple(attempt.done for attempt in made.having("done") if attempt.done)
    undo = undo_calls(done)
    not_begun = made.having("not_begun")
    left = [attempt.item.before.id for attempt in not_begun]
    return ManyUpdated(
        preview=preview,
        done=done,
        failed=(*preview.refused, *_failed(made.having("failed"))),
        unknown=tuple(_failed(made.having("unknown"))),
        left=(*left, *preview.more),
        stopped=made.stopped,
        refusal=next((attempt.error for attempt in not_begun if attempt.error), None),
        undo=undo if fits_an_answer(undo) else None,
        call=call,
    )


def _failed(attempts: Iterable[Attempt[Plan, Updated]]) -> Iterable[Failed]:
    return (Failed(each.item.before.id, each.error) for each in attempts if each.error)
