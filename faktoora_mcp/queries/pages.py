"""The pages of a list, one after another; `scan` reads several at a time and knows what may be missing."""

from collections.abc import AsyncGenerator
from itertools import count, islice

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import CustomerPage
from faktoora_mcp.settings import MAX_PAGE_SIZE


def oldest_first(query: CustomerQuery) -> CustomerQuery:
    """The query in full pages, by creation: a customer created meanwhile moves no other."""
    return query.model_copy(update={"per_page": MAX_PAGE_SIZE, "sort": "createdAt", "order": "asc"})


async def pages(
    client: FaktooraClient, query: CustomerQuery, limit: int | None = None
) -> AsyncGenerator[CustomerPage]:
    """From the page that the query asks for to the last one, or `limit` pages."""
    for number in islice(count(query.page), limit):
        page = await client.list_customers(query.model_copy(update={"page": number}))
        yield page
        if page.next_page is None:
            return
