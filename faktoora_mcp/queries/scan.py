"""A walk over all customers, several pages at a time, that knows whether it has seen everybody."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

import anyio

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.settings import MAX_PAGE_SIZE

See = Callable[[Customer], object]
Progress = Callable[[int, int | None], Awaitable[None]]
"""Told after each page: pages read, and in all where that is known."""
EVERYBODY = CustomerQuery()
OLDEST_FIRST = {"per_page": MAX_PAGE_SIZE, "sort": "createdAt", "order": "asc"}
"""New customers come at the end, where they move nobody."""
FAILED_PAGES = 4
"""After so many pages that cannot be read the others are not asked for."""
CAPPED = "--max-scan ended the walk"
UNSTEADY = "the pages do not fit together, as if customers changed while they were read"


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `scan_s` seconds, `max_scan` customers, and `in_flight` pages at the same time.

    `in_flight` is to be less than the client's connections: what waits for one may be Busy in the end.
    """

    scan_s: float
    max_scan: int
    in_flight: int = 4


@dataclass(frozen=True, slots=True)
class Scan:
    """`read` customers were seen, `total` is what the API told last, `reason` says why some may be missing.

    Complete means: everybody was seen whom the API listed when the last page was read last. `read` is more
    than `total` when somebody was seen and then deleted. Where the API tells no total, complete only means
    that the pages came to an end and nobody came twice: a deletion meanwhile shows nowhere then.
    """

    read: int
    total: int | None
    reason: str | None = None

    @property
    def complete(self) -> bool:
        return self.reason is None


async def scan(
    client: FaktooraClient,
    see: See,
    limits: Limits,
    query: CustomerQuery = EVERYBODY,
    progress: Progress | None = None,
) -> Scan:
    """Show `see` every customer that the query finds, once, page by page as the answers arrive.

    Kept are the pages in flight and some 110 bytes for each customer. Raises what the first page raises;
    a later page that cannot be read and time that runs out are reasons of an incomplete scan.
    """
    walk = _Walk(client, query, limits, progress, _Seen(see, limits.max_scan))
    with anyio.move_on_after(limits.scan_s) as clock:
        await walk.run()
    why = f"time ran out after {limits.scan_s:g} s" if clock.cancelled_caught else walk.why
    return Scan(walk.seen.read, walk.total, why and f"{why}: {walk.result}")


@dataclass(slots=True)
class _Seen:
    """Whom we have seen: hashes of ids, with the round that saw them last. Two alike would miscount."""

    see: See
    max_scan: int
    read: int = 0
    over: bool = False
    round: int = 0
    listed: int = 0
    """Different customers in this round."""
    rounds: dict[int, int] = field(default_factory=dict[int, int])

    def again(self) -> None:
        self.round, self.listed = self.round + 1, 0

    def take(self, customer: Customer) -> None:
        key = hash(customer.id)
        last = self.rounds.get(key)
        if last is None and self.read >= self.max_scan:
            self.over = True
        elif last != self.round:
            self.rounds[key] = self.round
            self.listed += 1
            if last is None:
                self.read += 1
                self.see(customer)


@dataclass(slots=True)
class _Walk:
    client: FaktooraClient
    query: CustomerQuery
    limits: Limits
    progress: Progress | None
    seen: _Seen
    total: int | None = None
    size: int = 0
    """Customers on the first page: so many are on every page but the last, whatever was asked for."""
    done: int = 0
    expected: int | None = None
    steady: bool = True
    failed: dict[int, FaktooraError] = field(default_factory=dict[int, FaktooraError])

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
        """The number of the last page, as far as we know and may go."""
        customers = min(self.total or 0, self.limits.max_scan)
        return max(1, -(-customers // self.size)) if self.size else 1

    async def run(self) -> None:
        first = await self._page(1)
        if self.total is None and first:
            await self._one_by_one()
        elif self.last > 1:
            await self._round()
            if self.why == UNSTEADY:
                await self._round()

    async def _one_by_one(self) -> None:
        """Without a total: until a page is shorter than the first, or brings nobody new."""
        for number in count(2):
            before = self.seen.listed
            page = await self._page(number)
            new = self.seen.listed - before
            self.steady = self.steady and new == len(page)
            if len(page) < self.size or not new:
                return

    async def _round(self) -> None:
        self.seen.again()
        first, last = 1, self.last
        self.steady = await self._between(first, last)
        while self.steady and self.last > last:
            first, last = last, self.last
            self.steady = await self._between(first, last)

    async def _between(self, first: int, last: int) -> bool:
        """Read these pages, the last one before and after the others, and tell whether nobody moved.

        As long as customers on the last page keep their places, nobody before them was deleted: a creation
        may hide a deletion from the total, not from this.
        """
        self.expected = self.done + last - first + 2
        before = await self._page(last)
        await self._at_the_same_time(range(first, last))
        after = await self._page(last)
        return bool(before) and after[: len(before)] == before

    async def _at_the_same_time(self, numbers: Iterable[int]) -> None:
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

    async def _page(self, number: int) -> list[str]:
        """The ids on a page; none where it cannot be read."""
        try:
            page = await self.client.list_customers(self._query(number))
        except FaktooraError as error:
            if not self.done:
                raise
            self.failed[number] = error
            return []
        self.failed.pop(number, None)
        await self._note(page)
        return [customer.id for customer in page.customers]

    def _query(self, number: int) -> CustomerQuery:
        return self.query.model_copy(update=OLDEST_FIRST | {"page": number})

    async def _note(self, page: CustomerPage) -> None:
        self.total = self.total if page.total_items is None else page.total_items
        self.size = self.size if self.done else len(page.customers)
        self.done += 1
        for customer in page.customers:
            self.seen.take(customer)
        if self.progress:
            await self.progress(self.done, self.expected)


def _unreadable(failed: dict[int, FaktooraError]) -> str:
    """Pages 7, 8 could not be read (what happened)."""
    numbers, error = sorted(failed), next(iter(failed.values()))
    pages = f"page{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
    return f"{pages} could not be read ({error.message.rstrip('.')})"
