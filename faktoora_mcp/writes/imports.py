"""An import: counted before, sent once, its customers found again where the answer is lost."""

from dataclasses import dataclass

from anyio import to_thread

from faktoora_mcp.api.models import WRITABLE, CustomerQuery
from faktoora_mcp.api.outcomes import Imported
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import Fault, NotCreated, OutcomeUnknown, Timeout, Unreachable, UpstreamUnreadable
from faktoora_mcp.rules import validation

from .candidates import HITS
from .reconcile import SHOWN, bounded_read, look_times
from .session import Writer, WriteSession

PAGES = 20
"""So many pages of new customers are read after a lost answer."""
FOUND = "the answer was lost; these customers were found by the file they name"


@dataclass(frozen=True, slots=True)
class _Since:
    """What is there after a lost answer: the new customers, and how many there are in all."""

    new: list[Customer]
    total: int | None


async def import_customers(writer: Writer, file_id: str) -> Imported:
    """Import once, after a look at the newest customer that lets a lost answer be checked."""
    async with writer.session("import_customers") as session:
        before = await session.client.list_customers(_newest(per_page=1))
        warnings: list[str] = []
        try:
            customers = await session.client.import_customers(file_id)
            _check_new(customers, before)
        except Fault as fault:
            if not fault.lost:
                raise
            customers, warnings = await _reconciled(session, file_id, before, fault), [FOUND]
        warnings += await session.record("imported", [customer.id for customer in customers])
        doubtful = await to_thread.run_sync(_doubtful, customers)
        return Imported(customers, doubtful, before.total_items, tuple(warnings))


async def _reconciled(
    session: WriteSession, file_id: str, before: CustomerPage, fault: Fault
) -> list[Customer]:
    """The customers that name the file, once their number is steady; else NotCreated or OutcomeUnknown."""
    now, earlier = None, None
    async for end in look_times(session):
        earlier, now = now, await _since(session, before, end)
    ours = [customer for customer in now.new if _is_of(customer, file_id)] if now else []
    if ours and now == earlier:
        return ours
    unchanged = now and not now.new and now.total is not None and now.total == before.total_items
    if unchanged and not isinstance(fault, (Timeout, Unreachable)):
        raise NotCreated(
            f"{fault.sentence} No customer was created since.", advice="The file can be imported again."
        )
    raise _unknown(fault, now.new if now else [], before)


def _check_new(customers: list[Customer], before: CustomerPage) -> None:
    """A fault where the answer lists customers that were there before."""
    limit, known = _newest_of(before), {customer.id for customer in before.customers}
    if any(customer.id in known or "" < _created(customer) < limit for customer in customers):
        raise UpstreamUnreadable("The API answered with other customers.", advice="", retryable=False)


async def _since(session: WriteSession, before: CustomerPage, end: float) -> _Since | None:
    """Customers created after the newest of those before, by the API's clock; None if they cannot be read."""
    limit = _newest_of(before)
    found: dict[str, Customer] = {}
    async with bounded_read(session, end):
        for number in range(1, PAGES + 1):
            page = await session.client.list_customers(_newest(number))
            new = {customer.id: customer for customer in page.customers if _created(customer) > limit}
            found |= new
            if len(new) < len(page.customers) or page.next_page is None:
                return _Since([*found.values()], page.total_items)
    return None


def _newest_of(before: CustomerPage) -> str:
    return max((_created(customer) for customer in before.customers), default="")


def _created(customer: Customer) -> str:
    return str(customer.record.get("createdAt") or "")


def _is_of(customer: Customer, file_id: str) -> bool:
    match customer.record.get("importedFile"):
        case {"id": str(held)} | str(held):
            return held == file_id
        case _:
            return False


def _newest(page: int = 1, per_page: int = HITS) -> CustomerQuery:
    return CustomerQuery(
        page=page, per_page=per_page, sort="createdAt", order="desc", relation_fields=("importedFile",)
    )


def _unknown(fault: Fault, new: list[Customer], before: CustomerPage) -> OutcomeUnknown:
    was = "" if before.total_items is None else f" totalItems was {before.total_items} before."
    since = f" Created since, by this import or by others: {len(new)}." if new else ""
    return OutcomeUnknown(
        f"{fault.sentence} Whether the file was imported is not known.{since}",
        advice=f"Before importing again, list_customers with sort createdAt, order desc.{was}",
        candidates=[customer.reduced() for customer in new[:SHOWN]],
    )


def _doubtful(customers: list[Customer]) -> list[tuple[Customer, list[str]]]:
    return [found for found in map(_doubts, customers) if found[1]]


def _doubts(customer: Customer) -> tuple[Customer, list[str]]:
    given = {name: customer.record[name] for name in WRITABLE if customer.record.get(name) is not None}
    review = validation.review(given)
    return customer, [*(f"{name}: {fault}" for name, fault in review.errors.items()), *review.warnings]
