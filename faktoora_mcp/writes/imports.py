"""An import: sent once, its customers found by the file they name if the answer is lost."""

from anyio import to_thread
from pydantic import JsonValue

from faktoora_mcp.api.models import WRITABLE, Relation
from faktoora_mcp.api.outcomes import Doubtful, Imported
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import Fault, NotCreated, OutcomeUnknown, UpstreamUnreadable
from faktoora_mcp.rules import validation
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.sheets.damage import Damage, damage_of

from .candidates import NewRecords, new_records, newest
from .reconcile import SHOWN, bounded_read, look_times
from .session import Writer, WriteSession

RELATIONS: tuple[Relation, ...] = ("importedFile",)


async def import_customers(writer: Writer, file_id: str) -> Imported:
    """Import once, after reading the newest customers, by which the outcome of a lost answer is found."""
    async with writer.session("import_customers") as session:
        before = await session.client.list_customers(newest(relations=RELATIONS))
        warnings: list[Finding] = []
        try:
            async with session.sending({"fileId": file_id}):
                customers = await session.client.import_customers(file_id)
            _check_new(customers, before)
        except Fault as fault:
            if not fault.lost:
                raise
            customers, warnings = await _reconciled(session, file_id, before, fault), [found("found_by_file")]
        warnings += await session.record("imported", [customer.id for customer in customers])
        doubtful = await to_thread.run_sync(_doubtful, customers)
        return Imported(customers, doubtful, before.total_items, tuple(warnings))


async def _reconciled(
    session: WriteSession, file_id: str, before: CustomerPage, fault: Fault
) -> list[Customer]:
    """The customers that name the file, once their number is steady; else NotCreated or OutcomeUnknown."""
    now, earlier = None, None
    async for end in look_times(session):
        earlier, now = now, await _look(session, before, end)
    ours = [customer for customer in now.customers if _is_of(customer, file_id)] if now else []
    if ours and now == earlier:
        return ours
    if now and fault.settled and _shows_nothing_new(now, before):
        raise NotCreated(
            f"{fault.sentence} The newest customers show that nothing was imported.",
            said=fault.said,
            advice="The file can be imported again.",
        )
    raise _unknown(fault, now.customers if now else [], before)


def _shows_nothing_new(now: NewRecords, before: CustomerPage) -> bool:
    return now.complete and not now.customers and now.total is not None and now.total == before.total_items


def _check_new(customers: list[Customer], before: CustomerPage) -> None:
    """A fault where the answer lists customers that were there before."""
    if {customer.id for customer in customers} & {customer.id for customer in before.customers}:
        raise UpstreamUnreadable("The API answered with other customers.", advice="", settled=True)


async def _look(session: WriteSession, before: CustomerPage, end: float) -> NewRecords | None:
    async with bounded_read(session, end):
        known = {customer.id for customer in before.customers}
        return await new_records(session.client, known, RELATIONS, whole=before.next_page is None)
    return None


def _is_of(customer: Customer, file_id: str) -> bool:
    match customer.record.get("importedFile"):
        case {"id": str(held)} | str(held):
            return held == file_id
        case _:
            return False


def _unknown(fault: Fault, new: list[Customer], before: CustomerPage) -> OutcomeUnknown:
    was = "" if before.total_items is None else f" totalItems was {before.total_items} before."
    since = f" Created since, by this import or by others: {len(new)}." if new else ""
    return OutcomeUnknown(
        f"{fault.sentence} Whether the file was imported is not known.{since}",
        said=fault.said,
        advice=f"Before importing again, list_customers with sort createdAt, order desc.{was}",
        candidates=[customer.reduced() for customer in new[:SHOWN]],
    )


def _doubtful(customers: list[Customer]) -> list[Doubtful]:
    return [one for one in map(_doubts, customers) if one.errors or one.doubts]


def _doubts(customer: Customer) -> Doubtful:
    """What breaks a rule, damaged text included, and what else may be wrong."""
    given = {name: _written(value) for name in WRITABLE if (value := customer.record.get(name)) is not None}
    review = validation.review(given)
    damages = {name: damage for name, value in given.items() if (damage := _damage(name, value))}
    certain = [_told(name, one) for name, one in damages.items() if not one.doubtful]
    doubts = [_told(name, one) for name, one in damages.items() if one.doubtful]
    errors = [error.at(path) for path, error in review.errors.items() if path not in damages]
    warnings = [warning for warning in review.warnings if warning.path not in damages]
    return Doubtful(customer, (*certain, *errors), (*doubts, *warnings))


def _written(value: JsonValue) -> JsonValue:
    """The API's own ids may be numbers, or objects where a relation is loaded; both are no fault."""
    match value:
        case bool():
            return value
        case int():
            return str(value)
        case {"id": str(identity)} | {"id": int(identity)}:
            return str(identity)
        case _:
            return value


def _damage(name: str, value: JsonValue) -> Damage | None:
    return damage_of(name, value) if isinstance(value, str) else None


def _told(name: str, damage: Damage) -> Finding:
    if damage.meant is None:
        return found(damage.code, name, seen=damage.seen)
    return found(f"{damage.code}_meant", name, seen=damage.seen, meant=damage.meant)
