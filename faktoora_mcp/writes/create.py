"""A new customer: compared with those that exist, numbered, created once, found if the answer is lost."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import NewCustomer
from faktoora_mcp.api.outcomes import Compared, Created, Similar
from faktoora_mcp.api.records import LOADED_BY, Customer
from faktoora_mcp.errors import Conflict, Duplicate, Fault, InvalidInput, UpstreamUnreadable
from faktoora_mcp.insight.duplicates import Similarity, duplicates_of, same_address
from faktoora_mcp.insight.new_values import new_values
from faktoora_mcp.queries import lookup
from faktoora_mcp.queries.numbers import next_free_number
from faktoora_mcp.rules import validation
from faktoora_mcp.rules.findings import Finding, Of, found
from faktoora_mcp.rules.identity_fields import UNSEARCHABLE_IDS

from .candidates import Candidates, find_candidates, records_since
from .equality import ignored
from .identity import Match, match_of
from .late import check_not_pending
from .locks import creation_keys, without_number
from .reconcile import bounded_read, reconciled_creation
from .session import Writer, WriteSession

DRAWS = 5
"""So many drawn numbers may be taken by others before the creation is given up."""
CANDIDATES = 5
CHANGE_OR_CREATE = "Ask the user: change the one that exists, or create with allow_duplicate: true."
ASK_BEFORE = (
    "Ask the user before creating whether it is the same customer: then change the one that exists; "
    "if not, create with allow_duplicate: true."
)
Pair = tuple[Customer, Similarity]
Look = Callable[[FaktooraClient, Mapping[str, JsonValue]], Awaitable[Candidates]]
"""Finds the customers to compare a new one with."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A creation that may be sent; `done` is the part of its outcome that is known already."""

    customer: NewCustomer
    seen: Candidates
    done: Created


async def create_customer(  # noqa: PLR0913 (whatever a creation may differ in)
    writer: Writer,
    customer: NewCustomer,
    *,
    assign_number: bool = False,
    allow_duplicate: bool = False,
    dry_run: bool = False,
    look: Look = find_candidates,
) -> Created:
    """Create once. Duplicate, or Conflict for a taken number, before anything is sent.

    Parallel creations of one customer wait for each other; Busy where that takes too long, or while the
    outcome of an earlier one is unknown. Where the answer is lost: the record if it is found, else NotCreated
    or OutcomeUnknown.
    """
    _check_numbering(customer, assign=assign_number)
    async with writer.session("create_customer", dry_run=dry_run) as session:
        if dry_run:
            plan = await _planned(session.client, customer, look, allow_duplicate=allow_duplicate)
            ready = await _numbered(session.client, customer) if assign_number else customer
            return replace(plan.done, body=ready.body())
        keys = creation_keys(session.client.account, customer.body(), numbered=assign_number)
        async with session.alone(keys, identities=without_number(keys)):
            plan = await _planned(session.client, customer, look, allow_duplicate=allow_duplicate)
            await check_not_pending(session, keys)
            return await _finished(session, *await _created(session, plan, assign_number=assign_number))


def _check_numbering(customer: NewCustomer, *, assign: bool) -> None:
    if assign and customer.customerId is not None:
        raise InvalidInput(
            "A number is either given or assigned.",
            fields={"customerId": "is given, and assign_number is true"},
            advice="Leave out one of them.",
        )


async def _planned(
    client: FaktooraClient, customer: NewCustomer, look: Look, *, allow_duplicate: bool
) -> _Plan:
    body = customer.body()
    seen = await look(client, body)
    if customer.customerId is not None:
        await _check_free(client, customer.customerId, seen)
    duplicates, hints = duplicates_of(body, seen.customers.values())
    near = [hint for hint in hints if same_address(body, hint[0].record)]
    if (duplicates or near) and not allow_duplicate:
        raise _duplicate(body, duplicates, near)
    ordered = {customer.id: (customer, how) for customer, how in [*duplicates, *near, *hints]}
    similar = tuple(_similar(body, *pair) for pair in [*ordered.values()][:CANDIDATES])
    review, compared = validation.review(customer.as_sent), _compared(body, seen, len(duplicates))
    new = new_values(body, seen.customers.values()) if seen.whole else ()
    warnings = (*_other_case(customer.customerId, seen), *_not_compared(seen), *new)
    done = Created(None, review, similar=similar, compared=compared, warnings=warnings)
    return _Plan(customer, seen, done)


def _not_compared(seen: Candidates) -> Iterator[Finding]:
    if seen.not_compared:
        yield found("not_compared", "duplicate", share=seen.share, fields=", ".join(seen.not_compared))


def _other_case(number: str | None, seen: Candidates) -> Iterator[Finding]:
    for customer in seen.customers.values():
        held = customer.number
        if number and held and held != number and held.casefold() == number.casefold():
            yield found("number_case", "customerId", number=number, held=held, id=customer.id)


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


def _duplicate(body: Mapping[str, JsonValue], duplicates: Sequence[Pair], near: Sequence[Pair]) -> Duplicate:
    """The error for likely duplicates, or else for similar customers at the same address."""
    told = "There is such a customer already" if duplicates else "A similar customer has the same address"
    return Duplicate(
        f"{told}; nothing was created.",
        advice=CHANGE_OR_CREATE if duplicates else ASK_BEFORE,
        candidates=[_similar(body, *pair) for pair in [*duplicates, *near][:CANDIDATES]],
    )


def _similar(body: Mapping[str, JsonValue], customer: Customer, similarity: Similarity) -> Similar:
    """With the address where it is the same, as that may make one customer of two."""
    there = (found("same_address", "address"),) if same_address(body, customer.record) else ()
    return Similar(customer, (*similarity.reasons, *([there] if there else [])))


def _compared(body: Mapping[str, JsonValue], seen: Candidates, duplicates: int) -> Compared:
    only_there = () if seen.whole else tuple(sorted(UNSEARCHABLE_IDS & body.keys()))
    return Compared(duplicates, len(seen.customers), seen.total, only_there)


async def _numbered(client: FaktooraClient, customer: NewCustomer) -> NewCustomer:
    """The customer with the next number that is free."""
    return customer.model_copy(update={"customerId": await next_free_number(client)})


async def _created(session: WriteSession, plan: _Plan, *, assign_number: bool) -> tuple[_Plan, Customer]:
    if not assign_number:
        return plan, await _sent(session, plan.customer, plan.seen)
    for _ in range(DRAWS):
        ready = await _numbered(session.client, plan.customer)
        try:
            made = await _sent(session, ready, plan.seen)
        except (InvalidInput, Conflict):
            if not await _is_taken(session, str(ready.customerId)):
                raise
        else:
            return replace(plan, customer=ready), made
    raise Conflict(
        f"{DRAWS} numbers in a row were taken by others meanwhile; nothing was created.",
        advice="Give a customerId that is free by verify_customer_number.",
    )


async def _is_taken(session: WriteSession, number: str) -> bool:
    async with bounded_read(session):
        return not await session.client.verify_customer_number(number)
    return False


async def _sent(session: WriteSession, customer: NewCustomer, seen: Candidates) -> Customer:
    """The record that this creation made, and no other."""
    wanted = customer.body()
    try:
        async with session.sending(wanted):
            made = await session.client.create_customer(customer)
        held = await _as_held(session, made, wanted)
    except Fault as fault:
        if not fault.lost:
            raise
        return await reconciled_creation(session, wanted, seen, fault)
    if held.id not in seen.customers and match_of(wanted, held) is not Match.NONE:
        return held
    other = UpstreamUnreadable("The API answered with another customer.", advice="", settled=True)
    return await reconciled_creation(session, wanted, seen, other)


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


async def _twins(session: WriteSession, plan: _Plan, made: Customer) -> list[Finding]:
    """Warnings where another program created the same customer, or took its number, at the same time."""
    async with bounded_read(session):
        new = await records_since(session.client, plan.seen)
        others = [customer for customer in new.customers if customer.id != made.id]
        sharing = [other.id for other in others if made.number and other.number == made.number]
        twins = [twin.id for twin, _ in duplicates_of(made.record, others)[0] if twin.id not in sharing]
        shared = found("number_shared", "number_shared", ids=", ".join(sharing), number=_number_of(made))
        twin = found("twin", "duplicate", ids=", ".join(twins))
        return [*([shared] if sharing else []), *([twin] if twins else [])]
    return [found("twins_unread", "duplicate")]


def _number_of(customer: Customer) -> Of:
    return Of("customerId", customer.number or "")


async def _finished(session: WriteSession, plan: _Plan, held: Customer) -> Created:
    sent = plan.customer.body()
    whole = _is_whole(held, sent)
    seen = {name: value for name, value in sent.items() if whole or name in held.record}
    written = {name: (None, value) for name, value in held.record.items() if value is not None}
    twins = await _twins(session, plan, held)
    unrecorded = await session.record("created", held.id, written)
    return replace(
        plan.done,
        customer=held,
        ignored=ignored(seen, held.record),
        warnings=(*plan.done.warnings, *twins, *unrecorded),
    )
