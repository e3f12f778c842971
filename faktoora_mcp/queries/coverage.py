"""Proofs of what the search of an account covers. No answer that calls itself complete rests on less.

A proof takes a record, the newest first, whose value of a field stands in no other field of it, and searches
for an inner part of the value in the other case: the record has to be found. And a search for something that
no customer has must find nothing.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.spelling import contains
from faktoora_mcp.rules.identity_fields import SEARCHABLE
from faktoora_mcp.settings import MAX_PAGE_SIZE

CATEGORY, ALL_KEYWORDS, NOTHING = "category", "all keywords", "nothing"
"""Proven besides fields: the category filter, that every keyword must match, that a search narrows."""
NOBODY = "zq9x7kvw3jtz"
MIN_PART_CHARS = 4
WHOLE_VALUES = frozenset(("email", "customerId"))
"""Fields that are searched for with their punctuation."""
_RUN = re.compile("[A-Za-z0-9]+")


async def covered(
    client: FaktooraClient, fields: Collection[str], sample: Sequence[Customer] | None = None
) -> frozenset[str]:
    """Those of the fields that the search was shown to cover; what is not known yet is tried.

    `sample` are the newest customers, where they were read already.
    """
    known = client.dialect.coverage
    if unknown := [field for field in fields if known.covers(field) is None]:
        sample = sample or (await client.list_customers(newest_first())).customers
        for field in unknown:
            known.learn(field, covered=await _narrows(client) and await _is_found(client, field, sample))
    return frozenset(field for field in fields if known.covers(field))


async def needs_all(client: FaktooraClient, keywords: Sequence[str]) -> bool | None:
    """Whether every keyword must match, shown by one that finds somebody and one that nobody has.

    None where no keyword alone finds anybody.
    """
    known = client.dialect.coverage
    if known.covers(ALL_KEYWORDS) is None:
        if (word := await _finding(client, keywords)) is None:
            return None
        known.learn(ALL_KEYWORDS, covered=not await _hits(client, CustomerQuery(keywords=(word, NOBODY))))
    return known.covers(ALL_KEYWORDS)


async def _finding(client: FaktooraClient, keywords: Sequence[str]) -> str | None:
    """The first keyword that finds somebody by itself; which one found a record cannot be seen in it."""
    for word in keywords:
        if await _hits(client, CustomerQuery(keywords=(word,))):
            return word
    return None


def has_word(customer: Customer, word: str) -> bool:
    """Whether a field that the specification searches contains the word in any spelling."""
    has = contains(word)
    return any(has(text) for name, text in _texts(customer) if name in SEARCHABLE)


def newest_first(keywords: tuple[str, ...] = (), category: str | None = None) -> CustomerQuery:
    return CustomerQuery(
        keywords=keywords, category=category, per_page=MAX_PAGE_SIZE, sort="createdAt", order="desc"
    )


def provable(field: str, sample: Iterable[Customer]) -> tuple[Customer, str] | None:
    """The newest record that can show whether a field is searched, and the part of it to search for."""
    for customer in sample:
        value = customer.record.get(field)
        part = _inner(field, value) if isinstance(value, str) else ""
        others = (text for name, text in _texts(customer) if name != field)
        if len(part) >= MIN_PART_CHARS and not any(map(contains(part), others)):
            return customer, part.swapcase()
    return None


async def _narrows(client: FaktooraClient) -> bool:
    """Whether a search for something that nobody has finds nothing."""
    known = client.dialect.coverage
    if known.covers(NOTHING) is None:
        known.learn(NOTHING, covered=not await _hits(client, CustomerQuery(keywords=(NOBODY,))))
    return bool(known.covers(NOTHING))


async def _is_found(client: FaktooraClient, field: str, sample: Sequence[Customer]) -> bool:
    if field == CATEGORY:
        return await _category_narrows(client, sample)
    proof = provable(field, sample)
    if proof is None:
        return False
    customer, part = proof
    return customer.id in {hit.id for hit in await _hits(client, newest_first((part,)))}


async def _category_narrows(client: FaktooraClient, sample: Sequence[Customer]) -> bool:
    """The filter finds a record by its category, and nobody by a category that nobody has."""
    for customer in sample:
        if isinstance(category := customer.record.get(CATEGORY), str) and category.strip():
            hits = await _hits(client, newest_first(category=category))
            found = customer.id in {hit.id for hit in hits}
            return found and not await _hits(client, newest_first(category=NOBODY))
    return False


async def _hits(client: FaktooraClient, query: CustomerQuery) -> tuple[Customer, ...]:
    return (await client.list_customers(query)).customers


def _inner(field: str, value: str) -> str:
    """A part of the value that begins inside a word; of e-mails and numbers with their punctuation."""
    run = value.strip() if field in WHOLE_VALUES else max(_RUN.findall(value), key=len, default="")
    return run[1:]


def _texts(customer: Customer) -> Iterator[tuple[str, str]]:
    """Every text of a record with the name of its field."""
    for name, value in customer.record.items():
        yield from ((name, text) for text in _within(value))


def _within(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _within(item)
        case dict():
            for item in value.values():
                yield from _within(item)
        case _:
            pass
