"""The customers that a new one is compared with, and those that are new since then."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import anyio
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery, Relation
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.insight.names import counting
from faktoora_mcp.queries.coverage import covered
from faktoora_mcp.queries.lookup import words_of
from faktoora_mcp.settings import MAX_PAGE_SIZE

SMALL_BASE = 500
"""Up to so many customers are all read before one is added to them."""
COMPARED_BASE = 5_000
"""Up to so many customers are all read where the search was not shown to find duplicates."""
NEW_PAGES = 20
"""So many pages of new customers are read at most."""
NAME_WORDS = 3
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """Words to look for, and the fields that the API has to search for that."""

    fields: tuple[str, ...]
    words: Words


@dataclass(frozen=True, slots=True)
class Candidates:
    """`total` counts all customers, where the API gives it; `whole`: all of them were read.

    `not_compared` names the fields by which an equal customer could have been missed. The newest were read in
    pages of `page_size`, and so is who comes later.
    """

    customers: dict[str, Customer]
    total: int | None
    whole: bool
    not_compared: tuple[str, ...] = ()
    page_size: int = MAX_PAGE_SIZE

    @property
    def share(self) -> str:
        """How many of all customers were compared: `37 of 2,910`."""
        of = "an unknown number" if self.total is None else f"{self.total:,}"
        return f"{len(self.customers):,} of {of}"


async def find_candidates(client: FaktooraClient, body: Mapping[str, JsonValue]) -> Candidates:
    """All customers where they are few; else what at most four searches find, the newest hits first.

    Where the search was not shown to cover what these rely on, all of up to COMPARED_BASE customers are read.
    """
    first = await client.list_customers(newest())
    total, wanted = first.total_items, searches(body)
    if first.next_page is None or (total is not None and total <= SMALL_BASE):
        return await _whole(client, first, wanted)
    needed = {field for search in wanted for field in search.fields}
    covers = await covered(client, needed, first.customers)
    if total is not None and total <= COMPARED_BASE and covers < needed:
        return await _whole(client, first, wanted)
    found = await read_all(client, [newest(search.words) for search in wanted])
    customers = {customer.id: customer for page in (first, *found) for customer in page.customers}
    cut = [search for search, page in zip(wanted, found, strict=True) if page.next_page is not None]
    missed = [search.fields[0] for search in wanted if search in cut or not covers.issuperset(search.fields)]
    return Candidates(customers, total, whole=False, not_compared=tuple(missed))


async def _whole(client: FaktooraClient, first: CustomerPage, wanted: Sequence[Search]) -> Candidates:
    """Every customer, in pages of the size that the first one shows; fewer where some moved meanwhile."""
    size = len(first.customers) or 1
    pages = -(-(first.total_items or 0) // size)
    queries = [newest(page=page).model_copy(update={"per_page": size}) for page in range(2, pages + 1)]
    read = [first, *await read_all(client, queries)]
    customers = {customer.id: customer for page in read for customer in page.customers}
    whole = len(customers) >= (first.total_items or 0)
    missed = () if whole else tuple(search.fields[0] for search in wanted)
    return Candidates(customers, first.total_items, whole, not_compared=missed)


def searches(body: Mapping[str, JsonValue]) -> list[Search]:
    """By customer number, e-mail, name and postcode, as far as they are given."""
    texts = {name: str(body.get(name) or "").strip() for name in ("customerId", "email", "postcode")}
    found = [
        Search(("customerId",), (texts["customerId"],)),
        Search(("email",), (texts["email"],)),
        Search(("name",) if body.get("name") else ("lastName", "firstName"), name_words(body)),
        Search(("postcode",), (texts["postcode"],)),
    ]
    return [search for search in found if any(search.words)]


def name_words(body: Mapping[str, JsonValue]) -> Words:
    """The distinctive words of the display name: without legal form, titles and owner, the longest first."""
    name = Customer({"id": "", **body}).name or ""
    written = words_of((name,))
    return tuple(sorted(counting(name, written) or written, key=len, reverse=True)[:NAME_WORDS])


def newest(
    words: Words = (), page: int = 1, relations: tuple[Relation, ...] = (), page_size: int = MAX_PAGE_SIZE
) -> CustomerQuery:
    """All customers, or those with the words, the newest first."""
    return CustomerQuery(
        keywords=words,
        page=page,
        per_page=page_size,
        sort="createdAt",
        order="desc",
        relation_fields=relations,
    )


@dataclass(frozen=True, slots=True)
class NewRecords:
    """Customers unknown before, newest first; `complete`: the first known one, or the end, was reached."""

    customers: list[Customer]
    total: int | None
    complete: bool


async def records_since(client: FaktooraClient, before: Candidates) -> NewRecords:
    """Who came since the candidates were read."""
    return await new_records(client, before.customers, whole=before.whole, page_size=before.page_size)


async def new_records(
    client: FaktooraClient,
    known: Collection[str],
    relations: tuple[Relation, ...] = (),
    *,
    whole: bool = False,
    page_size: int = MAX_PAGE_SIZE,
) -> NewRecords:
    """Read newest first until a known id, or to the end where the `whole` list is known.

    Only ids decide what is new, never a clock.
    """
    new: list[Customer] = []
    total: int | None = None
    border: str | None = None
    for number in range(1, NEW_PAGES + 1):
        page = await client.list_customers(newest((), number, relations, page_size))
        total = page.total_items
        for customer in page.customers:
            created = str(customer.record.get("createdAt"))
            if customer.id in known:
                border = border or created
            elif whole or border in {None, created}:
                new.append(customer)
        if page.next_page is None or (border is not None and not whole):
            return NewRecords(new, total, complete=border is not None or not known)
    return NewRecords(new, total, complete=False)


async def read_all(client: FaktooraClient, queries: list[CustomerQuery]) -> list[CustomerPage]:
    """The pages of all queries, asked for side by side; the first error ends them."""
    pages: dict[int, CustomerPage] = {}

    async def read(place: int, query: CustomerQuery) -> None:
        pages[place] = await client.list_customers(query)

    try:
        async with anyio.create_task_group() as tasks:
            for place, query in enumerate(queries):
                tasks.start_soon(read, place, query)
    except* FaktooraError as errors:
        raise _first(errors) from None
    return [pages[place] for place in sorted(pages)]


def _first(errors: ExceptionGroup[FaktooraError]) -> FaktooraError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
