"""A change: read first, judged on the merged record, only what differs sent, compared with what is held."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast, get_args

from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import API_OWNED, WRITABLE, CustomerChanges, EntryList, Relation
from faktoora_mcp.api.outcomes import Pairs, Record, Updated
from faktoora_mcp.api.records import Customer, with_relations_of
from faktoora_mcp.errors import Conflict, FaktooraError, Fault, InvalidInput, NotFound, OutcomeUnknown
from faktoora_mcp.queries import lookup
from faktoora_mcp.rules import validation
from faktoora_mcp.rules.findings import Finding, found, how_to_correct

from . import entries
from .equality import changed, ignored, same
from .locks import change_key
from .patch import body_of, known_form, patched
from .reconcile import bounded_read, look_times, repeating
from .session import Writer, WriteSession
from .undo import undoing

MERGED: tuple[EntryList, ...] = get_args(EntryList)
LISTS = tuple(name for name in MERGED if name in validation.ENTRY_FIELDS)
"""Fields that are changed entry by entry."""
BLANK = "[empty]"


@dataclass(frozen=True, slots=True)
class Revision:
    """What is to change, what leaves the lists, and what has to be so before anything is sent."""

    changes: CustomerChanges
    remove_entries: Mapping[EntryList, Sequence[str]] = field(default_factory=dict[EntryList, Sequence[str]])
    expect: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def given(self) -> Record:
        return cast("Record", self.changes.as_sent)

    @property
    def names(self) -> set[str]:
        """Every field that has to be read before."""
        return {*self.given, *self.remove_entries, *self.expect}


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs from the record, and the review of its values."""

    before: Customer
    expected: Mapping[str, JsonValue]
    wanted: Record
    review: validation.Review
    warnings: tuple[Finding, ...]

    @property
    def old(self) -> Record:
        """The present values of what differs."""
        return {name: self.before.record.get(name) for name in self.wanted}


async def update_customer(
    writer: Writer,
    customer_id: str,
    revision: Revision,
    *,
    dry_run: bool = False,
) -> Updated:
    """Change what differs. Conflict, before anything is sent, where the record is not as `expect` says."""
    _refuse_empty(revision)
    async with writer.session("update_customer", customer_id, dry_run=dry_run) as session:
        if dry_run:
            plan = planned(revision, await read_for(session.client, customer_id, revision.names))
            body = body_of(known_form(session.client.dialect.forms), plan.wanted, plan.before.record)
            return replace(previewed(plan), body=body if plan.wanted else {}, dry_run=True)
        async with session.alone({change_key(session.client.account, customer_id)}):
            return await _updated(session, customer_id, revision)


async def _updated(session: WriteSession, customer_id: str, revision: Revision) -> Updated:
    plan = planned(revision, await read_for(session.client, customer_id, revision.names))
    if not plan.wanted:
        return previewed(plan)
    return await recorded(session, plan, compared(plan, await sent(session, plan)))


def previewed(plan: Plan) -> Updated:
    """What the change would make of the record."""
    if not plan.wanted:
        return Updated(plan.before, plan.review, warnings=plan.warnings)
    return compared(plan, Customer(plan.before.record | plan.wanted))


def _refuse_empty(revision: Revision) -> None:
    if not revision.given and not any(revision.remove_entries.values()):
        raise InvalidInput(
            "There is nothing to change.",
            fields={"changes": "is empty"},
            advice='Name the fields to change, for example {"city":"Hamburg"}.',
        )


async def read_for(
    client: FaktooraClient, customer_id: str, names: set[str], relations: tuple[Relation, ...] = ()
) -> Customer:
    """The record with the lists and extras to change; what is not shown cannot be changed without loss."""
    held = await lookup.by_id(client, customer_id, with_relations_of(names, relations))
    held = await lookup.with_fields(client, held, names & {"extras"})
    record, missing = held.customer.record, held.not_loaded
    lacking = [name for name in MERGED if name in missing or _is_odd(record.get(name))]
    if lacking:
        raise Conflict(
            f"faktoora does not show the present {' and '.join(lacking)}; nothing was sent.",
            advice="Entries could be lost: the user should change them in faktoora itself.",
        )
    return held.customer


def _is_odd(value: JsonValue) -> bool:
    return isinstance(value, list) and not all(isinstance(entry, dict) for entry in value)


def planned(revision: Revision, before: Customer) -> Plan:
    """What has to be sent. Conflict where the record is not as expected, InvalidInput for a broken rule."""
    _check_expected(revision.expect, before)
    faults = _misnamed_entries(revision, before)
    given = _merged(revision, revision.given, before, given_only=True, apart=faults.keys())
    review = _reviewed(given, before, [*faults.values()])
    values = _merged(revision, revision.given | _judged(revision.given, review), before)
    wanted = {name: value for name, value in values.items() if _differs(name, value, before)}
    kept = [name for name in LISTS if name in revision.given and not revision.given[name]]
    stays = (name for name in kept if before.record.get(name) and name not in wanted)
    return Plan(before, revision.expect, wanted, review, tuple(found("list_stays", name) for name in stays))


def _judged(given: Record, review: validation.Review) -> Record:
    """The given values as the rules normalised them; of list entries only what differs was judged."""
    values = cast("Record", {name: review.values[name] for name in review.values.keys() - {"extras"}})
    lists = {name: entries.judged(given[name], values[name]) for name in LISTS if given.get(name)}
    return {name: value for name, value in values.items() if name in given} | lists


def _check_expected(expected: Mapping[str, JsonValue], before: Customer) -> None:
    """Conflict with the present values of the fields that are not as expected."""
    if unknown := [name for name in expected if name not in (*WRITABLE, *API_OWNED)]:
        near = validation.nearest(unknown[0], (*WRITABLE, *API_OWNED))
        raise InvalidInput(
            "An expected field is unknown; nothing was sent.",
            fields={f"expect.{unknown[0]}": f"is unknown{f'; did you mean {near}?' if near else ''}"},
            advice="Use the names of a record's fields.",
        )
    current = {
        name: BLANK if (held := before.record.get(name)) is None else held
        for name, value in expected.items()
        if not (same(name, value, before.record.get(name)) or (name == "name" and value == before.name))
    }
    if current:
        raise Conflict(
            "The customer is not as expected; nothing was sent.",
            advice="Look at the present values, then decide anew.",
            current=current,
        )


def _misnamed_entries(revision: Revision, before: Customer) -> dict[str, InvalidInput]:
    """What is wrong with lists whose entries are not there, apart: the other fields are judged as well."""
    faults: dict[str, InvalidInput] = {}
    for name in MERGED:
        try:
            removals = revision.remove_entries.get(name, ())
            entries.merged(name, revision.given.get(name), removals, before.record.get(name))
        except InvalidInput as fault:
            faults[name] = fault
    return faults


def _merged(
    revision: Revision,
    given: Record,
    before: Customer,
    *,
    given_only: bool = False,
    apart: Collection[str] = (),
) -> Record:
    """The fields as they will be, less those `apart`; with `given_only` lists hold just the given entries."""
    made = {name: value for name, value in given.items() if name not in apart}
    for name in MERGED:
        removals = revision.remove_entries.get(name, ())
        if name not in apart and (name in given or removals):
            merged = entries.merged(name, given.get(name), removals, before.record.get(name))
            made[name] = merged.given if given_only else merged.value
    return made


def _reviewed(given: Record, before: Customer, faults: Sequence[InvalidInput]) -> validation.Review:
    """The review of the values; InvalidInput names all that is wrong, `faults` of entries included."""
    review = validation.review(given, before.record)
    broken = {**review.errors, **{name: text for fault in faults for name, text in fault.fields.items()}}
    if broken:
        steps = [how_to_correct(review.errors.values())] if review.errors else []
        raise InvalidInput(
            "The changed record would break a rule; nothing was sent." if review.errors else faults[0].told,
            fields=broken,
            advice=" ".join(dict.fromkeys([*steps, *(fault.advice for fault in faults)])),
        )
    return review


def _differs(name: str, value: JsonValue, before: Customer) -> bool:
    held = before.record.get(name)
    if name == "extras":
        return bool(entries.extras_pairs(held, value))
    return changed(name, held, value) if name in MERGED else not same(name, value, held)


async def sent(session: WriteSession, plan: Plan) -> Customer:
    """Send what the plan wants; the record after it. OutcomeUnknown where that cannot be read."""
    before, wanted = plan.before, plan.wanted
    try:
        after = await patched(session, before, wanted, partial(_check_expected, plan.expected))
    except Fault as fault:
        if not fault.lost:
            raise
        return await _reconciled(session, before, wanted, fault)
    if after and after.id == before.id and wanted.keys() <= after.record.keys():
        return after
    try:
        return await read_for(session.client, before.id, {*wanted})
    except FaktooraError as error:
        raise OutcomeUnknown(
            f"The API took the change, but its outcome cannot be read: {error.told}",
            said=error.said,
            advice="Read the customer with get_customer before you go on.",
        ) from None


async def _reconciled(session: WriteSession, before: Customer, wanted: Record, fault: Fault) -> Customer:
    """The record if it shows the change although its answer was lost. NotFound where it is gone."""
    after = None
    async for end in look_times(session):
        after = await _read_again(session, before.id, {*wanted}, end) or after
        if isinstance(after, NotFound):
            raise after
        if after and ignored(wanted, after.record).keys() != wanted.keys():
            return after
    known = "Read afterwards, the customer was as before." if after else "Whether it was made is not known."
    raise OutcomeUnknown(f"{fault.sentence} {known}", said=fault.said, **repeating(fault))


async def _read_again(
    session: WriteSession, customer_id: str, names: set[str], end: float
) -> Customer | NotFound | None:
    async with bounded_read(session, end):
        try:
            return await read_for(session.client, customer_id, names)
        except NotFound as gone:
            return gone
    return None


def compared(plan: Plan, after: Customer) -> Updated:
    """What became of the plan, by the record after it."""
    old, new, wanted = plan.before.record, after.record, plan.wanted
    pairs = {name: (old.get(name), new.get(name)) for name in wanted if name not in MERGED}
    differing = {name: pair for name, pair in pairs.items() if changed(name, *pair)}
    extras = entries.extras_pairs(old.get("extras"), new.get("extras")) if "extras" in wanted else {}
    lists = {name: entries.compared(name, old.get(name), new.get(name)) for name in LISTS if name in wanted}
    undo, warnings = undoing(differing | extras, lists, new)
    return Updated(
        after,
        plan.review,
        differing | extras,
        _ignored(wanted, new),
        lists,
        undo,
        {name: named for name, done in lists.items() if (named := entries.labels(name, done.added))},
        body=wanted,
        warnings=(*plan.warnings, *warnings),
    )


def _ignored(wanted: Record, held: Record) -> Pairs:
    """As ignored() says, but of lists only the entries that differ."""
    return {
        name: entries.differing(name, *pair) if name in LISTS else pair
        for name, pair in ignored(wanted, held).items()
    }


async def recorded(session: WriteSession, plan: Plan, updated: Updated) -> Updated:
    """The same, once the audit log has it; the record after the change was read, or the API answered it."""
    old, new = plan.before.record, updated.customer.record
    lists = {name: (old.get(name), new.get(name)) for name in updated.entries}
    warnings = await session.record("updated", plan.before.id, updated.changed | lists)
    return replace(updated, verified=True, warnings=(*updated.warnings, *warnings))
