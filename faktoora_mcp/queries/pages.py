"""The pages of a list, in the largest size that the API takes; one after another, or one by number."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count, islice

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import AnswerTooLarge, InputTooLarge, InvalidInput, Timeout
from faktoora_mcp.settings import FALLBACK_PAGE_SIZE, MIN_PAGE_SIZE


class SmallerPages(Exception):
    """The API takes only smaller pages than these; the dialect knows the size. A walk starts again."""


def oldest_first(query: CustomerQuery) -> CustomerQuery:
    """The query by creation: a customer created meanwhile moves no other."""
    return query.model_copy(update={"sort": "createdAt", "order": "asc"})


async def pages(
    client: FaktooraClient, query: CustomerQuery, limit: int | None = None
) -> AsyncGenerator[CustomerPage]:
    """From the page that the query asks for to the last one, or `limit` pages."""
    for number in islice(count(query.page), limit):
        page = await client.list_customers(query.model_copy(update={"page": number}))
        yield page
        if page.next_page is None:
            return


async def walk_pages(client: FaktooraClient, query: CustomerQuery) -> AsyncGenerator[CustomerPage]:
    """Every page, one after another, in the size that the first one shows.

    Without a total the first page may have been cut short; then a page that is shorter than it is the last.
    """
    first = await _first_page(client, query)
    yield first
    if first.customers and (first.total_items is None or first.next_page is not None):
        rest = query.model_copy(update={"page": 2, "per_page": len(first.customers)})
        async with aclosing(pages(client, rest)) as others:
            async for page in others:
                yield page


async def _first_page(client: FaktooraClient, query: CustomerQuery) -> CustomerPage:
    while True:
        size = client.dialect.forms.page_size
        try:
            return await walk_page(client, query.model_copy(update={"page": 1, "per_page": size}))
        except SmallerPages:
            continue


async def walk_page(client: FaktooraClient, query: CustomerQuery) -> CustomerPage:
    """A page of a walk. SmallerPages where it was refused, too slow, too large, or cut short."""
    forms = client.dialect.forms
    try:
        page = await client.list_customers(query)
    except (InputTooLarge, AnswerTooLarge, Timeout):
        if query.per_page <= MIN_PAGE_SIZE:
            raise
        forms.limit_pages(query.per_page // 2)
        raise SmallerPages from None
    except InvalidInput:
        if query.per_page <= FALLBACK_PAGE_SIZE:
            raise
        forms.limit_pages(FALLBACK_PAGE_SIZE)
        raise SmallerPages from None
    if is_cut_short(page, query):
        forms.limit_pages(len(page.customers))
        if query.page > 1:
            raise SmallerPages
    return page


async def read_pages(client: FaktooraClient, query: CustomerQuery, limit: int) -> tuple[list[Customer], bool]:
    """The customers on the first pages, as large as the API takes them, and whether these are all."""
    customers: dict[str, Customer] = {}
    async with aclosing(walk_pages(client, query)) as walked:
        number = 0
        async for page in walked:
            if number == limit:
                return [*customers.values()], False
            number += 1
            customers |= {customer.id: customer for customer in page.customers}
    return [*customers.values()], True


def is_cut_short(page: CustomerPage, query: CustomerQuery) -> bool:
    """Whether the API uses smaller pages than asked for: this one is not full and does not end the list."""
    rows = len(page.customers)
    end = (query.page - 1) * query.per_page + rows
    return MIN_PAGE_SIZE <= rows < query.per_page and page.total_items is not None and end != page.total_items
