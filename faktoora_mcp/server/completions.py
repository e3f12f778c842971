"""Completion of the arguments of prompts and resources.

Customers are searched by the typed words and offered by their id: a host puts the value into the address
unchanged. An id stays valid, keeps names out of logs and is never redacted.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import get_args

from mcp.types import Completion, PromptReference, ResourceTemplateReference

from faktoora_mcp.answers.budget import short_text
from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.connection import Connection
from faktoora_mcp.api.models import CustomerQuery, SortField
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import codes
from faktoora_mcp.insight.checks import CheckName
from faktoora_mcp.insight.spelling import starts_with
from faktoora_mcp.language import Language
from faktoora_mcp.queries.lookup import words_of
from faktoora_mcp.rules.identifiers import country_meant
from faktoora_mcp.rules.standards import COUNTRIES, POSTCODES
from faktoora_mcp.settings import MAX_PAGE_SIZE
from faktoora_mcp.text import masked

from .resources import CUSTOMER

VALUES = 20
TYPED_CHARS = 100
Reference = PromptReference | ResourceTemplateReference
NOTHING = Completion(values=[], total=0, has_more=False)
ALL_COUNTRIES = (*POSTCODES, *sorted(COUNTRIES - {*POSTCODES}))


class Completions:
    """Values for the arguments id, category, country, sort, check and error."""

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        self._connection = connection
        self._redacted = redacted_fields(settings.hide_fields)
        self._language: Language | None = settings.language
        self._sources: dict[str, Callable[[str], Awaitable[Completion]]] = {
            "id": self._ids,
            "category": self._categories,
            "country": _countries,
            "sort": _one_of(get_args(SortField)),
            "check": _one_of(get_args(CheckName)),
            "error": _one_of(codes()),
        }

    async def complete(self, reference: Reference, argument: str, typed: str) -> Completion:
        """At most 20 values; none for an unknown prompt, template or argument."""
        return await self.values(argument, typed) if argument in self._arguments(reference) else NOTHING

    async def values(self, argument: str, typed: str) -> Completion:
        """Values for an argument of this name in any prompt or template; none that gives away the key."""
        source = self._sources.get(argument)
        found = await source(typed[:TYPED_CHARS].strip()) if source else NOTHING
        harmless = [value for value in found.values if masked(value, self._connection.key) == value]
        return found.model_copy(update={"values": harmless})

    async def _ids(self, typed: str) -> Completion:
        words = words_of((typed,)) or tuple(typed.split())
        query = CustomerQuery(keywords=words, per_page=VALUES)
        page = await self._connection.client.list_customers(query)
        found = sorted(page.customers, key=lambda customer: customer.number != typed)[:VALUES]
        ids = [customer.id for customer in found if short_text(customer.id) == customer.id]
        more = page.next_page is not None or len(page.customers) > VALUES
        return Completion(values=ids, total=page.total_items, has_more=more)

    async def _categories(self, typed: str) -> Completion:
        """Categories of the customers that were changed last."""
        if "category" in self._redacted:
            return NOTHING
        query = CustomerQuery(per_page=MAX_PAGE_SIZE, sort="updatedAt", order="desc")
        page = await self._connection.client.list_customers(query)
        return _starting_with(typed, sorted(_categories_of(page.customers)))

    def _arguments(self, reference: Reference) -> set[str]:
        """The arguments of a prompt or template; none where it is unknown."""
        if isinstance(reference, ResourceTemplateReference):
            return {"id"} if reference.uri == CUSTOMER else set()
        from .prompts import catalogue

        prompt = catalogue(self._language).get(reference.name)
        return {argument.name for argument in prompt.listed.arguments or []} if prompt else set()


def _categories_of(customers: Iterable[Customer]) -> set[str]:
    found = (customer.record.get("category") for customer in customers)
    return {value for value in found if isinstance(value, str) and value and short_text(value) == value}


async def _countries(typed: str) -> Completion:
    """Codes that start with the typed text, or the code of the country with that name."""
    code = country_meant(typed) if len(typed) > len("DE") else None
    return _starting_with(code, [code]) if code else _starting_with(typed, ALL_COUNTRIES)


def _one_of(values: Iterable[str]) -> Callable[[str], Awaitable[Completion]]:
    known = tuple(values)

    async def complete(typed: str) -> Completion:
        return _starting_with(typed, known)

    return complete


def _starting_with(typed: str, values: Iterable[str]) -> Completion:
    found = [*filter(starts_with(typed), values)]
    return Completion(values=found[:VALUES], total=len(found), has_more=len(found) > VALUES)
