"""Writes one can trust: judged before they are sent, compared after, never claimed without an answer."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import cast
from unicodedata import normalize

from anyio import to_thread
from pydantic import JsonValue

from . import fields, lookup
from .client import FaktooraClient
from .errors import FaktooraError, Fault, InvalidInput, NotConfirmed, OutcomeUnknown
from .models import WRITABLE, CustomerChanges, CustomerQuery, NewCustomer, Relation
from .outcomes import Created, Imported, Pairs, Updated
from .records import LOADED_BY, Customer, with_relations_of
from .untrusted import clean

EMPTY: tuple[JsonValue, ...] = (None, "", [], {})
ENTRY_FIELDS = {name: {*known} - {"id"} for name, known in fields.ENTRY_FIELDS.items()}
"""What the writer of an entry decides; the API may add the rest."""


async def create_customer(client: FaktooraClient, customer: NewCustomer) -> Created:
    """Create once; OutcomeUnknown when the answer is lost."""
    review = fields.review(customer.as_sent)
    search = customer.customerId or customer.email or customer.name or customer.lastName or customer.address
    with _told(
        "the customer was created", f"Before creating again, list_customers with keywords {search!r}."
    ):
        made = await client.create_customer(customer)
    sent = customer.body()
    held = await _as_held(client, made, sent)
    seen = sent if held else {name: value for name, value in sent.items() if name in made.record}
    return Created(held or made, review, _ignored(seen, (held or made).record))


async def update_customer(client: FaktooraClient, customer_id: str, changes: CustomerChanges) -> Updated:
    """Read, judge the merged record, send only what differs, and compare what came back."""
    _refuse_empty(changes)
    relations = with_relations_of(changes.as_sent, ())
    before = (await lookup.by_id(client, customer_id, relations)).customer
    review = _reviewed(changes, before)
    wanted = {
        name: value
        for name, value in cast("dict[str, JsonValue]", review.values).items()
        if not _same(name, value, before.record.get(name))
    }
    if not wanted:
        return Updated(before, review)
    with _told("the change was made", "The same call can safely be repeated."):
        after = await client.update_customer(customer_id, CustomerChanges.model_validate(wanted))
    if after is None or after.id != before.id or not wanted.keys() <= after.record.keys():
        after = await _read_back(client, customer_id, relations)
    return _compared(before, after, wanted, review)


async def delete_customer(client: FaktooraClient, customer_id: str, confirm: str) -> Customer:
    """Delete for good after a fresh read that `confirm` must fit; the deleted record."""
    customer = await client.get_customer(customer_id)
    if not _confirmed(customer, confirm):
        raise NotConfirmed(
            "Nothing was deleted: confirm is neither the name nor the number of this customer.",
            advice="Read it with get_customer, ask the user, then confirm with its name or number.",
        )
    with _told("the customer was deleted", "The same call can safely be repeated."):
        await client.delete_customer(customer_id)
    return customer


async def import_customers(client: FaktooraClient, file_id: str) -> Imported:
    """Import once, after a count that lets a lost answer be checked."""
    before = (await client.list_customers(CustomerQuery(per_page=1))).total_items
    was = "" if before is None else f"; totalItems was {before}"
    check = f"Before importing again, look for the file's customers with list_customers{was}."
    with _told("the file was imported", check):
        customers = await client.import_customers(file_id)
    doubtful = await to_thread.run_sync(_doubtful, customers)
    return Imported(customers, doubtful, before)


@contextmanager
def _told(what: str, advice: str) -> Generator[None]:
    """Turn the loss of an answer into an outcome that nobody claims to know."""
    try:
        yield
    except Fault as fault:
        if not fault.lost:
            raise
        raise OutcomeUnknown(f"{fault.message} Whether {what} is not known.", advice=advice) from None


async def _as_held(client: FaktooraClient, made: Customer, sent: Mapping[str, JsonValue]) -> Customer | None:
    """The whole record, read where the answer to its creation shows only a part; None if it cannot be."""
    if sent.keys() - LOADED_BY.keys() <= made.record.keys():
        return made
    try:
        return await client.get_customer(made.id)
    except FaktooraError:
        return None


async def _read_back(client: FaktooraClient, customer_id: str, relations: tuple[Relation, ...]) -> Customer:
    """The record after a change that the API took; its outcome is unknown where it cannot be read."""
    try:
        return (await lookup.by_id(client, customer_id, relations)).customer
    except FaktooraError as error:
        raise OutcomeUnknown(
            f"The API took the change, but its outcome cannot be read: {error.message}",
            advice="Read the customer with get_customer before you go on.",
        ) from None


def _refuse_empty(changes: CustomerChanges) -> None:
    if not changes.as_sent:
        raise InvalidInput(
            "There is nothing to change.",
            fields={"changes": "is empty"},
            advice='Name the fields to change, for example {"city":"Hamburg"}.',
        )


def _reviewed(changes: CustomerChanges, before: Customer) -> fields.Review:
    review = fields.review(changes.as_sent, before.record)
    if review.errors:
        raise InvalidInput(
            "The changed record would break a rule; nothing was sent.",
            fields=review.errors,
            advice="Correct these fields and call again.",
        )
    return review


def _compared(
    before: Customer, after: Customer, wanted: Mapping[str, JsonValue], review: fields.Review
) -> Updated:
    unseen = tuple(name for name in wanted if name in LOADED_BY and name not in after.record)
    pairs = {name: (before.record.get(name), after.record.get(name)) for name in wanted if name not in unseen}
    changed = {name: pair for name, pair in pairs.items() if not _unchanged(name, *pair)}
    return Updated(after, review, changed, _ignored(wanted, after.record), unseen)


def _ignored(sent: Mapping[str, JsonValue], held: Mapping[str, JsonValue]) -> Pairs:
    """What was sent and is not in the answer; lists only where the answer carries them at all."""
    return {
        name: (value, held.get(name))
        for name, value in sent.items()
        if not _same(name, value, held.get(name)) and (name in held or name not in LOADED_BY)
    }


def _unchanged(name: str, before: JsonValue, after: JsonValue) -> bool:
    return _same(name, before, after) and _same(name, after, before)


def _same(name: str, sent: JsonValue, held: JsonValue) -> bool:
    """Equal for a bookkeeper: nothing is as good as empty, and the API may add to an entry (its id)."""
    match sent, held:
        case str(), str():
            return sent.strip() == held.strip()
        case list(), list() if name in ENTRY_FIELDS:
            pairs = zip(sent, held, strict=False)
            return len(sent) == len(held) and all(_same_entry(name, *pair) for pair in pairs)
        case _:
            return sent == held or (sent in EMPTY and held in EMPTY)


def _same_entry(name: str, sent: JsonValue, held: JsonValue) -> bool:
    if isinstance(sent, dict) and isinstance(held, dict):
        return all(
            _same(field, sent.get(field), held.get(field)) for field in ENTRY_FIELDS[name] | sent.keys()
        )
    return sent == held


def _confirmed(customer: Customer, confirm: str) -> bool:
    known = {_folded(text) for text in (customer.name, customer.number) if text} - {""}
    return _folded(confirm) in (known or {_folded(customer.id)})


def _folded(text: str) -> str:
    return " ".join(normalize("NFC", clean(text)).split()).casefold()


def _doubtful(customers: list[Customer]) -> list[tuple[Customer, list[str]]]:
    return [found for found in map(_doubts, customers) if found[1]]


def _doubts(customer: Customer) -> tuple[Customer, list[str]]:
    given = {name: customer.record[name] for name in WRITABLE if customer.record.get(name) is not None}
    review = fields.review(given)
    return customer, [*(f"{name}: {fault}" for name, fault in review.errors.items()), *review.warnings]
