"""The customers that a new one is compared with, and those that are new since then."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import anyio
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery, Relation
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.insight.legal_forms import split_form
from faktoora_mcp.insight.normalization import folded
from faktoora_mcp.settings import MAX_PAGE_SIZE

SMALL_BASE = 500
"""Up to so many customers are all read before one is added to them."""
NEW_PAGES = 20
"""So many pages of new customers are read at most."""
NAME_WORDS = 3
AND = {"und", "u.", "and", "et"}
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """`total` counts the whole base, where the API tells it; `whole`: all of it was read."""

    customers: dict[str, Customer]
    total: int | None
    whole: bool

    @property
    def share(self) -> str:
        """How much of the base was looked at, in words: `37 of 2,910`."""
        of = "an unknown number" if self.total is None else f"{self.total:,}"
        return f"{len(self.customers):,} of {of}"


async def find_candidates(client: FaktooraClient, body: Mapping[str, JsonValue]) -> Candidates:
    """A small base whole; of a larger one what at most four searches find, its newest hits first."""
    first = await client.list_customers(newest())
    small = first.total_items is not None and first.total_items <= SMALL_BASE
    at_once = first.total_items is None and first.next_page is None
    if small:
        pages = -(-(first.total_items or 0) // first.per_page)
        others = [newest(page=page) for page in range(2, pages + 1)]
    else:
        others = [] if at_once else [newest(words) for words in searches(body)]
    read = [first, *await read_all(client, others)]
    customers = {customer.id: customer for page in read for customer in page.customers}
    return Candidates(customers, first.total_items, small or at_once)


def searches(body: Mapping[str, JsonValue]) -> list[Words]:
    """The words to look for: of the customer number, the e-mail, the name, the postcode."""
    texts = {name: str(body.get(name) or "").strip() for name in ("customerId", "email", "postcode")}
    found = [(texts["customerId"],), (texts["email"],), name_words(body), (texts["postcode"],)]
    return [words for words in found if any(words)]


def name_words(body: Mapping[str, JsonValue]) -> Words:
    """The words of the display name that tell it apart: without legal form, the longest first."""
    name = Customer({"id": "", **body}).name or ""
    core = set(split_form(name)[0].split())
    words = [word for word in name.split() if folded(word) in core] or name.split()
    spoken = [word for word in words if any(map(str.isalnum, word)) and folded(word) not in AND]
    return tuple(sorted(spoken, key=len, reverse=True)[:NAME_WORDS])


def newest(words: Words = (), page: int = 1, relations: tuple[Relation, ...] = ()) -> CustomerQuery:
    """All customers, or those with the words, the newest first."""
    return CustomerQuery(
        keywords=words,
        page=page,
        per_page=MAX_PAGE_SIZE,
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


async def new_records(
    client: FaktooraClient,
    known: Collection[str],
    relations: tuple[Relation, ...] = (),
    *,
    whole: bool = False,
) -> NewRecords:
    """Read newest first until a known id, or to the end where the `whole` base is known.

    Ids alone decide what is new, never a clock of ours.
    """
    new: list[Customer] = []
    total: int | None = None
    border: str | None = None
    for number in range(1, NEW_PAGES + 1):
        page = await client.list_customers(newest(page=number, relations=relations))
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
