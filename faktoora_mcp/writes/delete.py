"""A deletion: agreed to by the user, of exactly the customer that was named, and recoverable."""

from collections.abc import Iterable
from dataclasses import replace

from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import WRITABLE
from faktoora_mcp.api.outcomes import Deleted, Found, Record
from faktoora_mcp.api.records import LIST_RELATIONS, Customer
from faktoora_mcp.errors import Conflict, Fault, NotConfirmed, NotFound, OutcomeUnknown
from faktoora_mcp.insight.normalization import cased
from faktoora_mcp.queries import lookup
from faktoora_mcp.rules import validation
from faktoora_mcp.rules.findings import found
from faktoora_mcp.text import clean

from .late import deleting
from .locks import change_key
from .reconcile import bounded_read, look_times, repeating
from .session import DELETION, Writer, WriteSession
from .undo import without


async def delete_customer(
    writer: Writer,
    customer_id: str,
    confirm: str | None,
    *,
    agreed: Customer | None = None,
    dry_run: bool = False,
) -> Deleted:
    """Delete for good the customer that `confirm` names, or that the user `agreed` to delete.

    It is read again right before. NotConfirmed; Conflict where it is not what the user was shown, or where
    the API keeps it.
    """
    async with writer.session(DELETION, customer_id, dry_run=dry_run) as session:
        keys = () if dry_run else {change_key(session.client.account, customer_id)}
        async with session.alone(keys):
            held = await lookup.by_id(session.client, customer_id, LIST_RELATIONS)
            held = await lookup.with_fields(session.client, held, {"extras"})
            await _check_agreed(session.client, held.customer, agreed, confirm, needed=not dry_run)
            return replace(_planned(held), dry_run=True) if dry_run else await deleted(session, held)


async def deleted(session: WriteSession, held: Found) -> Deleted:
    """Delete the customer that was read right before, and say how to bring it back."""
    ready = _planned(held)
    await _sent(session, held.customer)
    gone = {name: (value, None) for name, value in ready.customer.record.items() if value is not None}
    warnings = await session.record("deleted", held.customer.id, gone)
    return replace(ready, warnings=(*ready.warnings, *warnings))


async def check_confirmation(client: FaktooraClient, customer: Customer, confirm: str | None) -> None:
    """NotConfirmed unless the words are the customer's number, or its name where nobody else is called so.

    The name is searched for first; where it is not unique the id stands for a number that is lacking.
    """
    by_name, by_number, by_id = (
        bool(text) and is_called(confirm, (text,), customer.id)
        for text in (customer.name, customer.number, None if customer.number else customer.id)
    )
    if by_number:
        return
    is_unique = (by_name or by_id) and await lookup.is_only_one_named(client, customer)
    if by_name and not is_unique:
        asked = "number" if customer.number else "id"
        raise _not_confirmed("is a name that several customers may have", asked)
    if not by_name and (is_unique or not by_id):
        lacking = "is missing" if confirm is None else "is neither the name nor the number of this customer"
        raise _not_confirmed(lacking, "name or number")


def _not_confirmed(lacking: str, asked: str) -> NotConfirmed:
    return NotConfirmed(
        f"Nothing was deleted: confirm {lacking}.",
        advice=f"Read it with get_customer, ask the user, then confirm with its {asked}.",
    )


async def _check_agreed(
    client: FaktooraClient, present: Customer, agreed: Customer | None, confirm: str | None, *, needed: bool
) -> None:
    if agreed is None and (needed or confirm is not None):
        await check_confirmation(client, present, confirm)
    if agreed and agreed.reduced() != present.reduced():
        raise Conflict(
            "Nothing was deleted: the customer changed after the user was asked.",
            advice="Ask the user again.",
            current=present.reduced(),
        )


def _planned(held: Found) -> Deleted:
    """What a deletion answers, with warnings for what could not be brought back."""
    restore = _restorable(held.customer)
    refused = validation.review(restore).errors
    restore = without(restore, refused)
    missing = [
        name for name in validation.REQUIRED if name not in restore and name not in {"extras", *refused}
    ]
    return Deleted(
        held.customer,
        restore,
        warnings=(
            *(found("not_shown", name) for name in held.not_loaded),
            *(found("restore_refused", path, error=refused[path]) for path in refused),
            *(found("restore_needs", name) for name in missing),
        ),
    )


def _restorable(customer: Customer) -> Record:
    """What create_customer takes of a record; entries get new ids."""
    record = customer.record
    filled = {name: record[name] for name in WRITABLE if record.get(name) not in (None, "")}
    return {
        name: _without_ids(value) if name in validation.ENTRY_FIELDS else value
        for name, value in filled.items()
    }


def _without_ids(entries: JsonValue) -> JsonValue:
    if not isinstance(entries, list):
        return entries
    return [
        {key: value for key, value in entry.items() if key != "id"} if isinstance(entry, dict) else entry
        for entry in entries
    ]


async def _sent(session: WriteSession, customer: Customer) -> None:
    try:
        async with deleting(session, customer):
            await session.client.delete_customer(customer.id)
    except Fault as fault:
        if not fault.lost:
            raise
        await _check_gone(session, customer.id, fault)


async def _check_gone(session: WriteSession, customer_id: str, fault: Fault) -> None:
    """OutcomeUnknown unless a read after the lost answer shows that the customer is gone."""
    exists = None
    async for end in look_times(session):
        exists = await _exists(session, customer_id, end)
        if exists is False:
            return
    known = (
        "Read afterwards, the customer was still there." if exists else "Whether it was deleted is not known."
    )
    raise OutcomeUnknown(f"{fault.sentence} {known}", said=fault.said, **repeating(fault))


async def _exists(session: WriteSession, customer_id: str, end: float) -> bool | None:
    """None where it cannot be read."""
    async with bounded_read(session, end):
        try:
            await session.client.get_customer(customer_id)
        except NotFound:
            return False
        return True
    return None


def is_called(confirm: str | None, names: Iterable[str | None], otherwise: str) -> bool:
    """Whether the words are one of the names, case and blanks aside; `otherwise`, where there are none."""
    known = {_folded(text) for text in names if text} - {""}
    return confirm is not None and _folded(confirm) in (known or {_folded(otherwise)})


def _folded(text: str) -> str:
    return cased(clean(text))
