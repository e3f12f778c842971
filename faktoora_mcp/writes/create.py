"""A new customer: looked for before, given a number, created once, found again where the answer is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import NewCustomer
from faktoora_mcp.api.outcomes import Created, Record
from faktoora_mcp.api.records import LOADED_BY, Customer
from faktoora_mcp.errors import Conflict, Duplicate, Fault, InvalidInput, UpstreamUnreadable
from faktoora_mcp.insight.duplicates import Similarity, duplicates_of
from faktoora_mcp.queries import lookup
from faktoora_mcp.rules import validation

from .candidates import Candidates, find_candidates, newest
from .equality import ignored
from .identity import Match, match_of
from .reconcile import bounded_read, reconciled_creation
from .session import Writer, WriteSession

DRAWS = 5
CANDIDATES = 5
SHARED = "number_shared: the customer with id {ids} got {number} too; change one of them"
COMPARED_IDS = ("vatId", "taxId", "glnId", "dunsId", "peppolId")
"""Ids that the API's search does not cover."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A creation that nothing speaks against; `done` is the part of its outcome that is known already."""

    customer: NewCustomer
    seen: Candidates
    done: Created


async def create_customer(
    writer: Writer,
    customer: NewCustomer,
    *,
    assign_number: bool = False,
    allow_duplicate: bool = False,
    dry_run: bool = False,
) -> Created:
    """Create once. Duplicate, or Conflict for a taken number, before anything is sent.

    Where the answer is lost: the record if it is found, else NotCreated or OutcomeUnknown.
    """
    _check_numbering(customer, assign=assign_number)
    async with writer.session("create_customer", dry_run=dry_run) as session:
        plan = await _planned(session.client, customer, allow_duplicate=allow_duplicate)
        if dry_run:
            ready = await _numbered(session.client, customer) if assign_number else customer
            return replace(plan.done, body=ready.body())
        if not assign_number:
            return await _finished(session, plan, await _created(session, plan.customer, plan.seen))
        plan, made = await _created_with_number(session, plan)
        return await _finished(session, plan, made, await _sharing(session, made))


def _check_numbering(customer: NewCustomer, *, assign: bool) -> None:
    if assign and customer.customerId is not None:
        raise InvalidInput(
            "A number is either given or assigned.",
            fields={"customerId": "is given, and assign_number is true"},
            advice="Leave out one of them.",
        )


async def _planned(client: FaktooraClient, customer: NewCustomer, *, allow_duplicate: bool) -> _Plan:
    body = customer.body()
    seen = await find_candidates(client, body)
    if customer.customerId is not None:
        await _check_free(client, customer.customerId, seen)
    duplicates, hints = duplicates_of(body, seen.customers.values())
    if duplicates and not allow_duplicate:
        raise _duplicate(duplicates, _compared(body, seen))
    similar = tuple(_similar(*found) for found in [*duplicates, *hints][:CANDIDATES])
    review = validation.review(customer.as_sent)
    return _Plan(customer, seen, Created(None, review, similar=similar, compared_with=_compared(body, seen)))


async def _check_free(client: FaktooraClient, number: str, seen: Candidates) -> None:
    if await client.verify_customer_number(number):
        return
    known = (customer for customer in seen.customers.values() if customer.number == number)
    holder = next(known, None) or await lookup.holder(client, number)
    raise Conflict(
        f"The customer number {number} is taken; nothing was created.",
        fields={"customerId": "is in use"},
        advice="Use another number, or assign_number: true for the next free one.",
        holder=holder and holder.reduced(),
    )


def _duplicate(duplicates: list[tuple[Customer, Similarity]], compared: str | None) -> Duplicate:
    return Duplicate(
        "There is such a customer already; nothing was created.",
        advice="Ask the user: change the one that exists, or create with allow_duplicate: true.",
        candidates=[_similar(*duplicate) for duplicate in duplicates[:CANDIDATES]],
        vatIdComparedWith=compared,
    )


def _similar(customer: Customer, similarity: Similarity) -> Record:
    return {**customer.reduced(), "reasons": list(similarity.reasons)}


def _compared(body: Mapping[str, JsonValue], seen: Candidates) -> str | None:
    return None if seen.whole or not body.keys() & COMPARED_IDS else seen.share


async def _numbered(client: FaktooraClient, customer: NewCustomer) -> NewCustomer:
    """The customer with the next number that is free."""
    for _ in range(DRAWS):
        number = await client.generate_customer_number()
        if await client.verify_customer_number(number):
            return customer.model_copy(update={"customerId": number})
    raise _no_number()


async def _created_with_number(session: WriteSession, plan: _Plan) -> tuple[_Plan, Customer]:
    for _ in range(DRAWS):
        ready = await _numbered(session.client, plan.customer)
        try:
            made = await _created(session, ready, plan.seen)
        except (InvalidInput, Conflict):
            if not await _is_taken(session, str(ready.customerId)):
                raise
        else:
            return replace(plan, customer=ready), made
    raise _no_number()


async def _is_taken(session: WriteSession, number: str) -> bool:
    async with bounded_read(session):
        return not await session.client.verify_customer_number(number)
    return False


def _no_number() -> Conflict:
    return Conflict(
        f"{DRAWS} numbers in a row were taken by others; nothing was created.",
        advice="Try again in a moment, or give a customerId.",
    )


async def _created(session: WriteSession, customer: NewCustomer, seen: Candidates) -> Customer:
    """The record that this creation made, and no other."""
    wanted = customer.body()
    try:
        made = await session.client.create_customer(customer)
        held = await _as_held(session, made, wanted)
    except Fault as fault:
        if not fault.lost:
            raise
        return await reconciled_creation(session, wanted, seen, fault)
    if held.id not in seen.customers and match_of(wanted, held) is not Match.NONE:
        return held
    stranger = UpstreamUnreadable("The API answered with another customer.", advice="", retryable=False)
    return await reconciled_creation(session, wanted, seen, stranger)


async def _as_held(session: WriteSession, made: Customer, sent: Mapping[str, JsonValue]) -> Customer:
    """The whole record, read where the answer to its creation shows only a part, if it can be read."""
    if not _is_whole(made, sent):
        async with bounded_read(session):
            held = await session.client.get_customer(made.id)
            lacking = dict.fromkeys(sent.keys() - LOADED_BY.keys())
            return Customer({**lacking, **held.record})
    return made


def _is_whole(customer: Customer, sent: Mapping[str, JsonValue]) -> bool:
    return sent.keys() - LOADED_BY.keys() <= customer.record.keys()


async def _sharing(session: WriteSession, made: Customer) -> list[str]:
    """A warning where somebody else took the number at the same moment."""
    if made.number is None:
        return []
    async with bounded_read(session):
        hits = (await session.client.list_customers(newest((made.number,)))).customers
        others = [hit.id for hit in hits if hit.number == made.number and hit.id != made.id]
        return [SHARED.format(ids=", ".join(others), number=made.number)] if others else []
    return [f"number_shared: whether {made.number} went to one customer only could not be read"]


async def _finished(
    session: WriteSession, plan: _Plan, held: Customer, warnings: list[str] | None = None
) -> Created:
    sent = plan.customer.body()
    whole = _is_whole(held, sent)
    seen = {name: value for name, value in sent.items() if whole or name in held.record}
    written = {name: (None, value) for name, value in held.record.items() if value is not None}
    unrecorded = await session.record("created", held.id, written)
    return replace(
        plan.done,
        customer=held,
        ignored=ignored(seen, held.record),
        warnings=(*(warnings or []), *unrecorded),
    )
