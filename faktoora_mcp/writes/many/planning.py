"""What a change of many customers would do: whom it means, what would change, what would be refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import anyio

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.many_outcomes import BulkPreview, Failed
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer, with_relations_of
from faktoora_mcp.errors import Correctable
from faktoora_mcp.insight.matching import matcher
from faktoora_mcp.insight.new_values import PresentValues
from faktoora_mcp.insight.paths import owners
from faktoora_mcp.queries.coverage import newest_first
from faktoora_mcp.queries.scan import Limits, Progress, scan
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.rules.identity_fields import PROVING
from faktoora_mcp.rules.validation import ENTRY_FIELDS
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.update import Plan, Revision, planned, previewed, read_for

from .bulk_request import BulkRequest
from .confirmation import confirmation

FEW = 5
"""So many customers are read one by one without asking how large the base is."""
NOT_SHOWN = "lists of customers do not show {}, so it is not known whom this means; give ids"


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """The facts, and the plans of what this call would change, by id in order."""

    preview: BulkPreview
    plans: tuple[Plan, ...] = ()


async def plan_update(
    writer: Writer, request: BulkRequest, limits: Limits, progress: Progress | None = None
) -> BulkPlan:
    """Read the customers that are meant and plan their changes, for at most `max_bulk` of them.

    InvalidInput for a request that is not whole, FaktooraError where a customer cannot be read.
    """
    request.check()
    client, draft = writer.client, _Draft(request, writer.settings.max_bulk)
    if request.ids:
        reason = None
        await _pick(client, draft, limits, progress)
    else:
        reason = await _search(writer, draft, limits, progress)
    await _read_unread(client, draft, limits.in_flight)
    return draft.result(writer.confirmation_key, client.account, reason)


@dataclass(slots=True)
class _Draft:
    """Takes every customer that is meant once; holds the plans with the first ids, no more than needed."""

    request: BulkRequest
    most: int
    plans: list[Plan] = field(default_factory=list[Plan])
    more: list[str] = field(default_factory=list[str])
    unread: set[str] = field(default_factory=set[str])
    """Ids of customers that are meant, whose record lacks a field that is to change."""
    refused: list[Failed] = field(default_factory=list[Failed])
    matched: int = 0
    unchanged: int = 0
    present: PresentValues = field(default_factory=PresentValues)

    def add(self, customer: Customer) -> None:
        """A customer that fits the conditions, as a page shows it."""
        if self.request.replace or self.request.names <= customer.record.keys():
            self.plan(customer)
        else:
            self.unread.add(customer.id)

    def plan(self, customer: Customer) -> None:
        if not self.request.means(customer):
            self._pass(customer)
            return
        self.matched += 1
        try:
            plan = planned(Revision(self.request.wanted), customer)
        except Correctable as error:
            self.refused.append(Failed(customer.id, error))
            return
        if plan.wanted:
            self._keep(plan)
        else:
            self.unchanged += 1

    def _pass(self, customer: Customer) -> None:
        """What was to be replaced is not there: nobody meant that, unless the customer was named."""
        if customer.id in self.request.ids:
            self.matched += 1
            self.unchanged += 1

    def lacks(self, customer_id: str, error: Correctable) -> None:
        self.matched += 1
        self.refused.append(Failed(customer_id, error))

    def _keep(self, plan: Plan) -> None:
        self.plans.append(plan)
        if len(self.plans) > 2 * self.most:
            self._cut()

    def _cut(self) -> None:
        self.plans.sort(key=lambda plan: plan.before.id)
        self.more += [plan.before.id for plan in self.plans[self.most :]]
        del self.plans[self.most :]

    def result(self, key: bytes, account: str, reason: str | None) -> BulkPlan:
        self._cut()
        certain = self.plans and reason is None
        facts = BulkPreview(
            matched=self.matched,
            unchanged=self.unchanged,
            updates=tuple(map(previewed, self.plans)),
            more=tuple(sorted(self.more)),
            refused=tuple(sorted(self.refused, key=lambda failed: failed.id)),
            confirm=confirmation(key, account, self.plans) if certain else None,
            incomplete=reason,
            warnings=(*_shared(self.plans), *self._new_values(certain=reason is None)),
        )
        return BulkPlan(facts, tuple(self.plans))

    def _new_values(self, *, certain: bool) -> Iterator[Finding]:
        """Values that nobody had, where all customers were seen."""
        return self.present.new(self.request.wanted.body()) if certain and self.plans else iter(())


def _shared(plans: Sequence[Plan]) -> Iterator[Finding]:
    """What identifies one customer, and would be the same for several."""
    for name in PROVING:
        alike = sum(bool(plan.wanted.get(name)) for plan in plans)
        if alike > 1:
            yield found("same_for_many", name, customers=alike)


async def _search(writer: Writer, draft: _Draft, limits: Limits, progress: Progress | None) -> str | None:
    """Visit all customers that fit the conditions; the reason why some may be missing."""
    holds = matcher(draft.request.where)
    needed = _looked_at(draft.request)
    missing = {*needed}

    def visit(customer: Customer) -> None:
        draft.present.see(customer)
        missing.difference_update([name for name in missing if _is_shown(customer, name)])
        if holds(customer):
            draft.add(customer)

    query = CustomerQuery(relation_fields=with_relations_of(needed))
    scanned = await scan(writer.client, visit, limits, query, progress)
    not_shown = NOT_SHOWN.format(" and ".join(sorted(missing))) if missing and scanned.read else None
    withheld = scanned.withheld if writer.settings.hide_fields else None
    return withheld or scanned.reason or not_shown


def _looked_at(request: BulkRequest) -> tuple[str, ...]:
    """The fields that decide who is meant, and that the records of a page may lack."""
    conditions = owners(field for condition in request.where for field in condition.fields)
    lists = tuple(name for name in conditions if name in (*ENTRY_FIELDS, "extras"))
    return (*lists, *(owners([request.replace.field]) if request.replace else ()))


def _is_shown(customer: Customer, name: str) -> bool:
    """Whether the record shows a field; a list that is null was not loaded."""
    return name in customer.record and (name not in ENTRY_FIELDS or customer.record[name] is not None)


async def _pick(client: FaktooraClient, draft: _Draft, limits: Limits, progress: Progress | None) -> None:
    """Find the customers with the ids on pages where that takes fewer requests; the others stay unread."""
    draft.unread.update(draft.request.ids)
    if not await _pages_are_fewer(client, len(draft.unread)):
        return

    def visit(customer: Customer) -> None:
        if customer.id in draft.unread:
            draft.unread.discard(customer.id)
            draft.add(customer)

    await scan(client, visit, limits, progress=progress)


async def _pages_are_fewer(client: FaktooraClient, customers: int) -> bool:
    if customers <= FEW:
        return False
    total = (await client.list_customers(newest_first())).total_items
    return total is not None and total // client.dialect.forms.page_size + FEW < customers


async def _read_unread(client: FaktooraClient, draft: _Draft, at_once: int) -> None:
    """Read those one by one, the first ids only: the others are for another call."""
    ids = sorted(draft.unread)
    wanted, rest = ids[: draft.most], ids[draft.most :]
    draft.more += rest
    draft.matched += len(rest)
    slots = anyio.CapacityLimiter(at_once)

    async def read(customer_id: str) -> None:
        async with slots:
            try:
                customer = await read_for(client, customer_id, draft.request.names)
            except Correctable as error:
                draft.lacks(customer_id, error)
            else:
                draft.plan(customer)

    try:
        async with anyio.create_task_group() as tasks:
            for customer_id in wanted:
                tasks.start_soon(read, customer_id)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
