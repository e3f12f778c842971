"""Reads of one or a few customers that may take several requests: by id, by customer number, one page."""

import re
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from unicodedata import normalize

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery, Relation
from faktoora_mcp.api.outcomes import Found
from faktoora_mcp.api.records import LIST_RELATIONS, Customer, CustomerPage, record_key
from faktoora_mcp.errors import Ambiguous, InvalidInput, NotFound
from faktoora_mcp.insight.normalization import cased
from faktoora_mcp.settings import MAX_PAGE_SIZE
from faktoora_mcp.text import clean

from .coverage import covered, has_word, needs_all, newest_first
from .pages import is_cut_short, pages, read_pages, walk_pages

CUSTOMER_ID = "customerId"
HIT_PAGES = 5
"""So many pages are read to find a customer number."""
FILTERED_PAGES = 20
"""So many pages of hits are read where the API does not require every keyword."""
_PUNCTUATION_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


async def page(client: FaktooraClient, query: CustomerQuery) -> CustomerPage:
    """One page of customers. Without a hit, the words of a keyword are searched separately.

    InvalidInput when the page lies past the end.
    """
    found = await _in_size_given(client, query)
    words = words_of(query.keywords)
    if words not in ((), query.keywords) and await _finds_nobody(client, query, found):
        query = query.model_copy(update={"keywords": words})
        found = await _in_size_given(client, query)
    if query.page > 1 and not found.customers and not found.compared:
        total = (
            "there are fewer pages"
            if found.total_items is None
            else f"there are {found.total_items} customers"
        )
        raise InvalidInput(
            f"Page {query.page} is past the end.",
            fields={"page": f"{total}, {query.per_page} to a page"},
            advice="Start with page 1 and follow nextPage.",
        )
    return found


def words_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of texts, without the punctuation around them; none for punctuation alone."""
    words = (word for text in texts for word in normalize("NFC", text).split())
    return tuple(filter(None, (_PUNCTUATION_AROUND.sub("", word) for word in words)))


async def _finds_nobody(client: FaktooraClient, query: CustomerQuery, found: CustomerPage) -> bool:
    """Whether no customer matches; without a total the first page shows it."""
    if found.customers or found.compared:
        return False
    if found.total_items is not None or query.page == 1:
        return not found.total_items
    first = query.model_copy(update={"page": 1})
    return not (await client.list_customers(first)).customers


async def _in_size_given(client: FaktooraClient, query: CustomerQuery) -> CustomerPage:
    """A page in the size that the API gives, which may be smaller than asked for."""
    forms = client.dialect.forms
    query = query.model_copy(update={"per_page": min(query.per_page, forms.page_size)})
    found = await _matching(client, query)
    if not is_cut_short(found, query):
        return found
    forms.limit_pages(len(found.customers))
    return replace(found, per_page=len(found.customers))


async def matching_pages(client: FaktooraClient, query: CustomerQuery) -> AsyncGenerator[CustomerPage]:
    """Every page of the customers that match all keywords, without a total where the API needs only one.

    Where no customer does, the words of a keyword are searched separately.
    """
    query = await _in_words_that_find(client, query)
    all_match: bool | None = None
    async with aclosing(walk_pages(client, query)) as walked:
        async for page in walked:
            if len(query.keywords) > 1 and all_match is None and page.customers:
                all_match = await needs_all(client, query.keywords)
            yield page if all_match is not False else _with_all_words(page, query.keywords)


async def _in_words_that_find(client: FaktooraClient, query: CustomerQuery) -> CustomerQuery:
    words = words_of(query.keywords)
    if words in ((), query.keywords):
        return query
    one = query.model_copy(update={"per_page": 1})
    found = (await client.list_customers(one)).customers
    return query if found else query.model_copy(update={"keywords": words})


def _with_all_words(page: CustomerPage, keywords: Sequence[str]) -> CustomerPage:
    matching = [hit for hit in page.customers if all(has_word(hit, word) for word in keywords)]
    return replace(page, customers=tuple(matching), total_items=None)


async def _matching(client: FaktooraClient, query: CustomerQuery) -> CustomerPage:
    """The customers that match every keyword, also where any is enough for the API."""
    found = hits = await client.list_customers(query)
    if len(query.keywords) < 2:  # noqa: PLR2004 (one keyword alone must match anyway)
        return found
    if query.page > 1 and not found.customers:
        hits = await client.list_customers(query.model_copy(update={"page": 1}))
    if not hits.customers:
        return found
    all_match = await needs_all(client, query.keywords)
    if all_match is None:
        return replace(found, total_items=None)
    return found if all_match else await _filtered(client, query)


async def _filtered(client: FaktooraClient, query: CustomerQuery) -> CustomerPage:
    """A page of the longest keyword's hits that have the others too; a total only if all hits were read."""
    telling, *others = sorted(query.keywords, key=len, reverse=True)
    search = query.model_copy(update={"keywords": (telling,)})
    hits, complete = await read_pages(client, search, FILTERED_PAGES)
    matching = [hit for hit in hits if all(has_word(hit, word) for word in others)]
    start = (query.page - 1) * query.per_page
    rows = tuple(matching[start : start + query.per_page])
    if complete:
        return CustomerPage(rows, query.page, query.per_page, len(matching))
    return CustomerPage(rows, query.page, query.per_page, compared=len(hits))


async def customer(
    client: FaktooraClient, customer_id: str | None, number: str | None, relations: tuple[Relation, ...] = ()
) -> Found:
    """The customer with this id or this number, exactly one of which is given."""
    if customer_id is not None and number is None:
        return await by_id(client, customer_id, relations)
    if number is not None and customer_id is None:
        return await by_number(client, number, relations)
    raise InvalidInput(
        "Exactly one of id and number is needed.",
        fields={"id": "give id or number, not both and not none"},
        advice="Find customers by name with list_customers.",
    )


async def by_id(client: FaktooraClient, customer_id: str, relations: tuple[Relation, ...] = ()) -> Found:
    """The customer; relations that its own answer lacks are read through the list."""
    customer = await client.get_customer(customer_id, relations)
    if _missing(customer, relations) and (hit := await listed(client, customer, relations)):
        loaded = {key: hit.record[key] for key in _loaded(hit, relations)}
        customer = Customer(customer.record | loaded)
    return _found(customer, relations)


async def by_number(client: FaktooraClient, number: str, relations: tuple[Relation, ...] = ()) -> Found:
    """The customer with exactly this number. NotFound, or Ambiguous when several have it."""
    if await client.verify_customer_number(number):
        raise NotFound(
            f"No customer has the number {number}: it is free.", advice="Search by name with list_customers."
        )
    holders = await _holders_among_hits(client, number, relations)
    if not holders and CUSTOMER_ID not in await covered(client, {CUSTOMER_ID}):
        holders = await _holders_among_newest(client, number, relations)
    if holders:
        return _found(_only(holders, number), relations)
    raise NotFound(
        f"{number} is in use, but no search hit and none of the newest customers has exactly this number.",
        advice="Search by name with list_customers.",
    )


async def _holders_among_hits(
    client: FaktooraClient, number: str, relations: tuple[Relation, ...]
) -> list[Customer]:
    async with aclosing(pages(client, _search(number, relations), HIT_PAGES)) as hits:
        async for page in hits:
            if holders := [customer for customer in page.customers if customer.number == number]:
                return holders
    return []


async def _holders_among_newest(
    client: FaktooraClient, number: str, relations: tuple[Relation, ...]
) -> list[Customer]:
    newest = newest_first().model_copy(update={"relation_fields": relations})
    customers, _ = await read_pages(client, newest, HIT_PAGES)
    return [customer for customer in customers if customer.number == number]


async def holder(client: FaktooraClient, number: str) -> Customer | None:
    """The customer with a number that is in use, if one request shows it."""
    hits = await client.list_customers(_search(number))
    return next((customer for customer in hits.customers if customer.number == number), None)


async def in_other_case(client: FaktooraClient, number: str) -> Customer | None:
    """A customer whose number differs in upper and lower case only, if one request shows it."""
    hits = await client.list_customers(_search(number))
    return next((hit for hit in hits.customers if _differs_in_case(hit.number, number)), None)


async def is_only_one_named(client: FaktooraClient, customer: Customer) -> bool:
    """Whether one page of hits shows that nobody else has its display name, case and blanks aside."""
    words = words_of((clean(customer.name or ""),))
    if not words:
        return False
    found = await client.list_customers(_search(max(words, key=len)))
    is_whole = found.total_items is not None and found.total_items <= len(found.customers)
    named = [hit.id for hit in found.customers if _name_of(hit) == _name_of(customer)]
    return is_whole and named == [customer.id]


def _name_of(customer: Customer) -> str:
    return cased(clean(customer.name or ""))


def _differs_in_case(held: str | None, number: str) -> bool:
    return held is not None and held != number and held.casefold() == number.casefold()


def _found(customer: Customer, relations: Iterable[Relation]) -> Found:
    return Found(customer, tuple(_missing(customer, relations)), tuple(map(record_key, relations)))


def _search(number: str, relations: tuple[Relation, ...] = ()) -> CustomerQuery:
    return CustomerQuery(keywords=(number,), per_page=MAX_PAGE_SIZE, relation_fields=relations)


def _only(holders: list[Customer], number: str) -> Customer:
    if len(holders) > 1:
        raise Ambiguous(
            f"{len(holders)} customers have the number {number}.",
            advice="Choose one by its id.",
            candidates=[customer.reduced() for customer in holders[:5]],
        )
    return holders[0]


async def listed(
    client: FaktooraClient, customer: Customer, relations: tuple[Relation, ...] = ()
) -> Customer | None:
    """The same customer as the list shows it, if a search finds it."""
    words = (customer.number,) if customer.number else words_of((customer.name or "",))
    if not words:
        return None
    search = CustomerQuery(keywords=words, per_page=MAX_PAGE_SIZE, relation_fields=relations)
    hits = await client.list_customers(search)
    return next((hit for hit in hits.customers if hit.id == customer.id), None)


async def with_fields(client: FaktooraClient, found: Found, names: Collection[str]) -> Found:
    """The same with fields that its own answer lacks, from the list; what that lacks too is not loaded."""
    missing = [name for name in names if name not in found.customer.record]
    if not missing:
        return found
    row = await listed(client, found.customer)
    seen = {name: row.record[name] for name in missing if row and name in row.record}
    lacking = (name for name in missing if name not in seen)
    customer = Customer(found.customer.record | seen)
    return replace(found, customer=customer, not_loaded=(*found.not_loaded, *lacking))


def _loaded(customer: Customer, relations: Iterable[str]) -> list[str]:
    missing = _missing(customer, relations)
    return [key for key in map(record_key, relations) if key not in missing]


def _missing(customer: Customer, relations: Iterable[str]) -> list[str]:
    return [record_key(relation) for relation in relations if not _has(customer, relation)]


def _has(customer: Customer, relation: str) -> bool:
    key = record_key(relation)
    value = customer.record.get(key)
    empty = value is None and key in customer.record and relation not in LIST_RELATIONS
    return empty or isinstance(value, (list, dict))
