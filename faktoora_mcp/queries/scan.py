"""A scan over all customers, several pages at a time, that knows whether customers may be missing."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import anyio

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import SAID, WITHHELD, FaktooraError
from faktoora_mcp.settings import PAGES_IN_FLIGHT

from .pages import SmallerPages, oldest_first, walk_page

Visit = Callable[[Customer], object]
Progress = Callable[[int, int | None], Awaitable[None]]
"""Called after each page with the pages read, and the pages in all where that is known."""
ALL_CUSTOMERS = CustomerQuery()
FAILED_PAGES = 4
"""After so many unreadable pages no more are requested."""
WALK_SHARE = 0.95
"""The part of the time of a call that a walk may use, so that it says what it read."""
CAPPED = "--max-scan ended the walk"
UNSTEADY = "the pages do not fit together, as if customers changed while they were read"


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `scan_s` seconds, `max_scan` customers, and `in_flight` pages at the same time.

    `in_flight` should be less than the client's connections: a request that waits too long for one is Busy.
    """

    scan_s: float
    max_scan: int
    in_flight: int = PAGES_IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Scan:
    """`read` customers, the last `total` of the API, and the `reason` why customers may be missing.

    `withheld` is the same reason without what the API said in its own words, if it said something.

    Complete means that all customers listed at the final read were seen. `read` exceeds `total` when a
    customer was deleted after it was read. Without a total, complete only means that the pages ended and no
    customer came twice; a deletion during the scan is not noticed then.
    """

    read: int
    total: int | None
    reason: str | None = None
    withheld: str | None = None

    @property
    def complete(self) -> bool:
        return self.reason is None


async def scan(
    client: FaktooraClient,
    visit: Visit,
    limits: Limits,
    query: CustomerQuery = ALL_CUSTOMERS,
    progress: Progress | None = None,
) -> Scan:
    """Call `visit` once for every customer that the query finds, as the pages arrive.

    Memory holds the pages in flight and about 110 bytes for each customer. Raises what the first page
    raises; a later unreadable page or the end of the time makes the scan incomplete.
    """
    walk = _Walk(client, oldest_first(query), limits, progress, _Seen(visit, limits.max_scan))
    seconds = min(limits.scan_s, (anyio.current_effective_deadline() - anyio.current_time()) * WALK_SHARE)
    with anyio.move_on_after(seconds) as clock:
        await walk.run()
    why = f"time ran out after {seconds:.3g} s" if clock.cancelled_caught else walk.why
    told = why and f"{why}: {walk.result}"
    reason, withheld = (told and told.replace(SAID, words) for words in (walk.said, WITHHELD))
    return Scan(walk.seen.read, walk.total, reason, withheld if walk.said else None)


@dataclass(slots=True)
class _Seen:
    """Hashes of the ids that were read, each with its last round. Equal hashes would miscount."""

    visit: Visit
    max_scan: int
    read: int = 0
    over: bool = False
    round: int = 0
    listed: int = 0
    """Distinct customers in this round."""
    rounds: dict[int, int] = field(default_factory=dict[int, int])

    def start_round(self) -> None:
        self.round, self.listed = self.round + 1, 0

    def add(self, customer: Customer) -> None:
        key = hash(customer.id)
        last = self.rounds.get(key)
        if last is None and self.read >= self.max_scan:
            self.over = True
        elif last != self.round:
            self.rounds[key] = self.round
            self.listed += 1
            if last is None:
                self.read += 1
                self.visit(customer)


@dataclass(slots=True)
class _Walk:
    client: FaktooraClient
    query: CustomerQuery
    limits: Limits
    progress: Progress | None
    seen: _Seen
    total: int | None = None
    size: int = 0
    """Customers on the first page, and so on every other but the last; 0 before it is read."""
    done: int = 0
    expected: int | None = None
    steady: bool = True
    failed: dict[int, FaktooraError] = field(default_factory=dict[int, FaktooraError])

    @property
    def said(self) -> str:
        """What the API said of the first failure."""
        return next(iter(self.failed.values())).said if self.failed else ""

    @property
    def why(self) -> str | None:
        if self.failed:
            return _unreadable(self.failed)
        if self.seen.over or (self.total or 0) > self.limits.max_scan:
            return CAPPED
        whole = self.steady and self.total in {None, self.seen.listed}
        return None if whole else UNSTEADY

    @property
    def result(self) -> str:
        of_total = "" if self.total is None else f" of {self.total:,}"
        return f"{self.seen.read:,}{of_total} customers were read"

    @property
    def last(self) -> int:
        """The number of the last page, within `max_scan`."""
        customers = min(self.total or 0, self.limits.max_scan)
        return max(1, -(-customers // self.size)) if self.size else 1

    async def run(self) -> None:
        """Start again with smaller pages as often as the API shows that it takes only those."""
        while True:
            try:
                return await self._run()
            except SmallerPages:
                self.size, self.steady = 0, True
                self.failed.clear()
                self.seen.start_round()

    async def _run(self) -> None:
        first = await self._page(1)
        if self.total is None and first:
            await self._one_by_one()
        elif self.last > 1:
            await self._round()
            if self.why == UNSTEADY:
                await self._round()

    async def _one_by_one(self) -> None:
        """Without a total: until a page is shorter than the first, or holds no new customer."""
        for number in count(2):
            before = self.seen.listed
            page = await self._page(number)
            new = self.seen.listed - before
            self.steady = self.steady and new == len(page)
            if len(page) < self.size or not new:
                return

    async def _round(self) -> None:
        self.seen.start_round()
        first, last = 1, self.last
        self.steady = await self._between(first, last)
        while self.steady and self.last > last:
            first, last = last, self.last
            self.steady = await self._between(first, last)

    async def _between(self, first: int, last: int) -> bool:
        """Read these pages, the last one before and after the others. Whether no customer moved.

        While the customers on the last page keep their places, no earlier one was deleted. The total alone
        would not show a deletion that a creation makes up for.
        """
        self.expected = self.done + last - first + 2
        before = _ids(await self._page(last))
        await self._concurrently(range(first, last))
        after = _ids(await self._page(last))
        return bool(before) and after[: len(before)] == before

    async def _concurrently(self, numbers: Iterable[int]) -> None:
        queue = iter(numbers)
        try:
            async with anyio.create_task_group() as readers:
                for _ in range(self.limits.in_flight):
                    readers.start_soon(self._reader, queue)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _reader(self, queue: Iterator[int]) -> None:
        for number in queue:
            if len(self.failed) >= FAILED_PAGES:
                return
            await self._page(number)

    async def _page(self, number: int) -> Sequence[Customer]:
        """The customers on a page; none if it cannot be read."""
        try:
            page = await walk_page(self.client, self._query(number))
        except FaktooraError as error:
            if not self.done:
                raise
            self.failed[number] = error
            return ()
        self.failed.pop(number, None)
        await self._record(page)
        return page.customers

    def _query(self, number: int) -> CustomerQuery:
        size = self.size or self.client.dialect.forms.page_size
        return self.query.model_copy(update={"page": number, "per_page": size})

    async def _record(self, page: CustomerPage) -> None:
        self.total = self.total if page.total_items is None else page.total_items
        self.size = self.size or len(page.customers)
        self.done += 1
        for customer in page.customers:
            self.seen.add(customer)
        if self.progress:
            await self.progress(self.done, self.expected)


def _ids(customers: Iterable[Customer]) -> list[str]:
    return [customer.id for customer in customers]


def _unreadable(failed: dict[int, FaktooraError]) -> str:
    """Pages 7, 8 could not be read (what happened, as the error tells it)."""
    numbers, error = sorted(failed), next(iter(failed.values()))
    pages = f"page{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
    return f"{pages} could not be read ({error.told.rstrip('.')})"
