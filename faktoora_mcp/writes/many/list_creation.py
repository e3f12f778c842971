"""One row of a list created as a single customer is, or found to exist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.many_outcomes import ListedRow
from faktoora_mcp.api.models import NewCustomer
from faktoora_mcp.api.outcomes import Created, Record, Similar
from faktoora_mcp.api.records import LOADED_BY, Customer, with_relations_of
from faktoora_mcp.errors import Conflict, Duplicate
from faktoora_mcp.queries import lookup
from faktoora_mcp.rules.findings import found
from faktoora_mcp.writes.candidates import NEW_PAGES, Candidates, newest
from faktoora_mcp.writes.create import Look, create_customer
from faktoora_mcp.writes.equality import EMPTY
from faktoora_mcp.writes.session import Writer

from .list_comparison import fits
from .list_source import Places, holds

FEW = 20
"""Customers on a page of the newest: more have seldom come since all were read."""


@dataclass(slots=True)
class Newest:
    """Finds whom others created since all customers were read: `known`, and `own` of this list."""

    known: set[str]
    own: set[str]
    _since: dict[str, Customer] = field(default_factory=dict[str, Customer])

    async def __call__(self, client: FaktooraClient, _body: Mapping[str, JsonValue]) -> Candidates:
        """The newest customers, one request where fewer than a page are new."""
        read: dict[str, Customer] = {}
        total = None
        for number in range(1, NEW_PAGES + 1):
            page = await client.list_customers(newest(page=number, page_size=FEW))
            total = page.total_items
            ids = {customer.id: customer for customer in page.customers}
            read |= ids
            if page.next_page is None or not self.known.isdisjoint(ids):
                break
        self._since |= {identity: read[identity] for identity in read.keys() - self.known}
        self.known |= read.keys()
        others = {identity: self._since[identity] for identity in self._since.keys() - self.own}
        return Candidates(read | others, total, whole=False, page_size=FEW)


@dataclass(frozen=True, slots=True)
class Creation:
    """Creates rows; each of the customers in `claimed` stands for another row."""

    writer: Writer
    look: Look
    allowed: Places
    claimed: set[str]
    dry_run: bool

    async def __call__(self, row: ListedRow) -> ListedRow:
        """What became of the row. A FaktooraError where that is not for the row to say."""
        try:
            return await self._created(row)
        except Duplicate as error:
            similar = cast("list[Similar]", error.details["candidates"])
            if whole := await self._whole(row, [one.customer for one in similar]):
                return replace(row, status="exists", customer=whole, findings=())
            if holds(self.allowed, row.place):
                return await self._created(row, allow_duplicate=True)
            return replace(row, status="duplicate", similar=tuple(similar), findings=())
        except Conflict as error:
            holder = cast("Record | None", error.details.get("holder"))
            if holder is None:
                raise
            held = await self._read(row, str(holder["id"]))
            if await self._whole(row, [held]):
                return replace(row, status="exists", customer=held, findings=())
            return replace(
                row, status="error", findings=(found("number_taken", "customerId"),), customer=held
            )

    async def _created(self, row: ListedRow, *, allow_duplicate: bool = False) -> ListedRow:
        customer = NewCustomer.model_validate(row.record)
        created = await create_customer(
            self.writer, customer, allow_duplicate=allow_duplicate, dry_run=self.dry_run, look=self.look
        )
        if created.customer is None:
            return _previewed(row, created, allowed=allow_duplicate)
        self.claimed.add(created.customer.id)
        ignored = (found("not_kept", name) for name in created.ignored)
        findings = (*row.findings, *created.warnings, *ignored)
        return replace(row, status="created", customer=created.customer, findings=findings, similar=())

    async def _whole(self, row: ListedRow, customers: Iterable[Customer]) -> Customer | None:
        """The first that the row fits whole and that stands for no other row."""
        for customer in customers:
            if customer.id in self.claimed:
                continue
            held = await self._read(row, customer.id) if _gives_lists(row) else customer
            if fits(row.record, held) and held.id not in self.claimed:
                self.claimed.add(held.id)
                return held
        return None

    async def _read(self, row: ListedRow, customer_id: str) -> Customer:
        relations = with_relations_of(row.record.keys())
        return (await lookup.by_id(self.writer.client, customer_id, relations)).customer


def _previewed(row: ListedRow, created: Created, *, allowed: bool) -> ListedRow:
    similar = () if allowed else created.similar
    findings = (*row.findings, *created.warnings)
    return replace(
        row, status="doubt" if findings or similar else "ready", findings=findings, similar=similar
    )


def _gives_lists(row: ListedRow) -> bool:
    return any(row.record.get(name) not in EMPTY for name in LOADED_BY)
