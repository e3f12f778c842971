"""Two entries of one customer become one: the kept one is completed and read, then the other is deleted."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import anyio

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.merge_outcomes import Merged, Merging
from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.api.outcomes import Deleted, Found, Record, Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Conflict, FaktooraError, InvalidInput, NotConfirmed, NotFound
from faktoora_mcp.insight.different_customers import differences
from faktoora_mcp.rules import validation
from faktoora_mcp.rules.findings import Finding, found

from .delete import deleted, is_called
from .equality import changed, same
from .locks import change_key
from .merged_record import EXTRAS, NOTE, NUMBER, PREFERABLE, Preferred, Side, is_blank, united
from .session import DELETION, Writer, WriteSession
from .update import MERGED, Plan, compared, previewed, read_for, recorded, sent

TOOL = "merge_customers"
NEVER_PREFERRED = {
    NUMBER: "never moves: the kept customer keeps its own",
    NOTE: "needs no preference: notes are joined",
}


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """Which customer stays, which goes, and by path whose value wins where both have one."""

    keep: str
    remove: str
    prefer: Preferred = field(default_factory=dict[str, Side])
    different_ok: bool = False

    def check(self) -> None:
        """InvalidInput where it names one customer twice, or a field that cannot be preferred."""
        if self.keep == self.remove:
            raise _not_two()
        if faults := {f"prefer.{path}": fault for path in self.prefer if (fault := _not_preferable(path))}:
            raise InvalidInput(
                "This cannot be merged.", fields=faults, advice="Correct these and call again."
            )


@dataclass(frozen=True, slots=True)
class MergePlan:
    """The facts, and the plan of the update."""

    merging: Merging
    plan: Plan

    @property
    def changes(self) -> int:
        """How many changes the merge makes, with the deletion."""
        return 2 if self.plan.wanted else 1

    def is_like(self, other: Merging) -> bool:
        """Whether a merge of the same customers would do the same."""
        mine = self.merging
        pairs = (mine.keep, other.keep), (mine.remove, other.remove)
        return mine.union == other.union and all(one.reduced() == two.reduced() for one, two in pairs)


@dataclass(frozen=True, slots=True)
class Consent:
    """`confirm` as the caller gives it, or what the user `agreed` to when asked."""

    confirm: str | None = None
    agreed: Merging | None = None

    def check(self, ahead: MergePlan) -> None:
        """NotConfirmed, or Conflict where the user was asked about something else."""
        if self.agreed is None:
            check_confirmation(ahead.merging, self.confirm)
        elif not ahead.is_like(self.agreed):
            raise Conflict(
                "Nothing was sent: one of the customers changed after the user was asked.",
                advice="Ask the user again.",
            )


def check_confirmation(merging: Merging, confirm: str | None) -> None:
    """NotConfirmed unless the words are the number of the customer to remove, or its id."""
    keep, remove = merging.keep, merging.remove
    if is_called(confirm, (remove.id, remove.number if remove.number != keep.number else None), remove.id):
        return
    lacking = (
        "is missing" if confirm is None else "is neither the number nor the id of the customer to remove"
    )
    raise NotConfirmed(
        f"Nothing was sent: confirm {lacking}.",
        advice="Show the user the dry run; confirm with the number of the customer to remove, or its id.",
    )


async def plan_merge(client: FaktooraClient, request: MergeRequest) -> MergePlan:
    """Read both and plan the merge.

    NotFound; Conflict for what looks like two customers; InvalidInput where the merged record breaks a rule.
    """
    request.check()
    keep = await _whole(client, request.keep)
    remove = await _removable(client, request.remove)
    if keep.id == remove.id:
        raise _not_two()
    if not request.different_ok:
        _refuse_different(keep, remove)
    union = united(keep.record, remove.record, request.prefer)
    review = _reviewed(union.changes, keep.record, remove.record)
    plan = Plan(keep, {}, union.changes, review, ())
    plan = replace(plan, expected=plan.old)
    return MergePlan(Merging(keep, remove, union, previewed(plan), tuple(_not_moved(keep, remove))), plan)


async def merge_customers(writer: Writer, request: MergeRequest, consent: Consent) -> Merged:
    """Complete the customer to keep, read it again, and delete the other once everything is held.

    What `plan_merge` raises, NotConfirmed, WriteLimit and AuditUnavailable, before anything is sent. A failed
    update raises, and deletes nothing; a failed deletion is told with the update.
    """
    await writer.check_allowed(DELETION)
    writer, batch = writer.for_many(TOOL)
    keys = {change_key(writer.client.account, customer_id) for customer_id in (request.keep, request.remove)}
    wait_s = max(0.0, batch.deadline - anyio.current_time() - writer.settings.reconcile_s)
    async with writer.state.hold(keys, wait_s) as hold:
        writer = replace(writer, hold=hold)
        async with writer.session(TOOL, request.remove, dry_run=True) as looking:
            ahead = await plan_merge(looking.client, request)
        consent.check(ahead)
        await writer.check_allowed(DELETION, changes=ahead.changes)
        merging, (updated, failure) = ahead.merging, await _updated(writer, ahead.plan)
        if failure:
            return Merged(merging, updated, failure=failure, is_held=False)
        try:
            return Merged(merging, updated, await _deleted(writer, merging.remove))
        except FaktooraError as error:
            return Merged(merging, updated, failure=error)


async def _updated(writer: Writer, plan: Plan) -> tuple[Updated, Conflict | None]:
    """What the update did, and what forbids to delete the other: the kept one does not hold everything."""
    if not plan.wanted:
        return previewed(plan), None
    async with writer.session("update_customer", plan.before.id) as session:
        after = await sent(session, plan)
        held = await _read_back(session, plan.before.id)
        updated = await recorded(session, plan, compared(plan, held or after))
    return updated, _not_held(updated, held)


def _not_held(updated: Updated, held: Customer | None) -> Conflict | None:
    lacking = [name for name, pair in updated.ignored.items() if pair != ([], [])]
    if held is not None and not lacking:
        return None
    why = f"faktoora did not take over {' and '.join(lacking)}" if held else "it could not be read again"
    return Conflict(
        f"Nothing was deleted: {why}.",
        advice="The same call goes on. What faktoora never takes over can be given up by prefer: keep.",
    )


async def _read_back(session: WriteSession, customer_id: str) -> Customer | None:
    """None where it cannot be read, or not in time for the deletion."""
    with anyio.move_on_after(session.seconds_left() / 2):
        try:
            return await _whole(session.client, customer_id)
        except FaktooraError:
            return None
    return None


async def _deleted(writer: Writer, expected: Customer) -> Deleted:
    """Delete the other customer. Conflict where it is not as it was when it was merged."""
    async with writer.session(DELETION, expected.id) as session:
        held = await _whole(session.client, expected.id)
        known = [name for name in WRITABLE if name in held.record]
        if any(changed(name, expected.record.get(name), held.record[name]) for name in known):
            raise Conflict(
                "Nothing was deleted: the customer to remove changed meanwhile.",
                advice="The same call merges what is new.",
            )
        return await deleted(session, Found(held))


async def _whole(client: FaktooraClient, customer_id: str) -> Customer:
    """The record with its lists, extras and legal form, which is shown as an object and written as an id."""
    customer = await read_for(client, customer_id, {*MERGED}, ("legalform",))
    form = customer.record.get("legalform")
    return Customer({**customer.record, "legalform": form.get("id")}) if isinstance(form, dict) else customer


async def _removable(client: FaktooraClient, customer_id: str) -> Customer:
    try:
        return await _whole(client, customer_id)
    except NotFound as gone:
        raise NotFound(
            gone.told,
            said=gone.said,
            advice="If it was merged before, nothing is left to do: read the kept one.",
        ) from None


def _not_two() -> InvalidInput:
    return InvalidInput(
        "This cannot be merged.",
        fields={"remove": "is the customer to keep"},
        advice="Give the ids of two customers.",
    )


def _refuse_different(keep: Customer, remove: Customer) -> None:
    if reasons := differences(keep.record, remove.record):
        raise Conflict(
            "They look like two different customers; nothing was sent.",
            fields=reasons,
            advice="Ask the user. If it is one customer all the same: different_ok true.",
        )


def _reviewed(changes: Record, keep: Record, remove: Record) -> validation.Review:
    """Doubts about the values that move; an error only where the other record does not hold it already."""
    values = {name: value for name, value in changes.items() if name not in MERGED}
    made = validation.review(values, keep)
    stored = validation.review({name: remove.get(name) for name in values}, remove).errors
    if news := {path: fault for path, fault in made.errors.items() if path not in stored}:
        raise InvalidInput(
            "The merged record would break a rule; nothing was sent.",
            fields=news,
            advice="Settle these by prefer, or correct one of the customers before.",
        )
    kept = [found("moved_as_it_is", path, error=fault) for path, fault in made.errors.items()]
    return replace(made, errors={}, normalized={}, warnings=[*made.warnings, *kept])


def _not_moved(keep: Customer, remove: Customer) -> Iterator[Finding]:
    if remove.number and not keep.number:
        yield found("number_stays", NUMBER, number=remove.number)
    for name, value in remove.record.items():
        if name not in (*WRITABLE, *API_OWNED) and not (
            is_blank(value) or same(name, value, keep.record.get(name))
        ):
            yield found("not_merged", name)


def _not_preferable(path: str) -> str | None:
    """Why nobody can prefer this field."""
    name = path.partition(".")[0]
    if name in NEVER_PREFERRED:
        return NEVER_PREFERRED[name]
    if path in PREFERABLE or (name == EXTRAS and path != name):
        return None
    near = validation.nearest(path, PREFERABLE)
    return f"is no field to choose{f'; did you mean {near}?' if near else ''}"
