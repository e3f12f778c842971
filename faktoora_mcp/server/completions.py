"""What may follow the letters that somebody types into an argument of a prompt or a resource.

A customer is searched for by the typed words and offered by the id: a host puts the value into the address
unchanged, where only an id names one customer for good, and no name gets into a log; an id is never hidden.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import get_args

from mcp.types import Completion, PromptReference, ResourceTemplateReference

from faktoora_mcp.answers.budget import short_text
from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery, SortField
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import codes
from faktoora_mcp.insight.checks import CheckName
from faktoora_mcp.rules.identifiers import country_meant
from faktoora_mcp.rules.standards import COUNTRIES, POSTCODES
from faktoora_mcp.settings import Settings

from .resources import CUSTOMER

OFFERED = 20
TYPED_CHARS = 100
SEEN = 100
"""Customers, the last changed, whose categories are offered."""
Reference = PromptReference | ResourceTemplateReference
NOTHING = Completion(values=[], total=0, has_more=False)
ALL_COUNTRIES = (*POSTCODES, *sorted(COUNTRIES - {*POSTCODES}))


class Completions:
    """Values for the arguments id, category, country, sort, check and error, wherever they stand."""

    def __init__(self, client: FaktooraClient, settings: Settings) -> None:
        self._client = client
        self._hidden = redacted_fields(settings.hide_fields)
        self._ours = settings
        self._sources: dict[str, Callable[[str], Awaitable[Completion]]] = {
            "id": self._ids,
            "category": self._categories,
            "country": _countries,
            "sort": _one_of(get_args(SortField)),
            "check": _one_of(get_args(CheckName)),
            "error": _one_of(codes()),
        }

    async def complete(self, reference: Reference, argument: str, typed: str) -> Completion:
        """At most 20 values; none where the prompt or template is unknown or has no such argument."""
        return await self.values(argument, typed) if argument in self._arguments(reference) else NOTHING

    async def values(self, argument: str, typed: str) -> Completion:
        """The same for an argument of this name, wherever it stands."""
        source = self._sources.get(argument)
        return await source(typed[:TYPED_CHARS].strip()) if source else NOTHING

    async def _ids(self, typed: str) -> Completion:
        query = CustomerQuery(keywords=tuple(typed.split()), per_page=OFFERED)
        page = await self._client.list_customers(query)
        found = sorted(page.customers, key=lambda customer: customer.number != typed)[:OFFERED]
        ids = [customer.id for customer in found if short_text(customer.id) == customer.id]
        more = page.next_page is not None or len(page.customers) > OFFERED
        return Completion(values=ids, total=page.total_items, has_more=more)

    async def _categories(self, typed: str) -> Completion:
        if "category" in self._hidden:
            return NOTHING
        query = CustomerQuery(per_page=SEEN, sort="updatedAt", order="desc")
        page = await self._client.list_customers(query)
        return _beginning(sorted(_categories_of(page.customers)), typed)

    def _arguments(self, reference: Reference) -> set[str]:
        """What the prompt or the template has to fill in; nothing where there is no such one."""
        if isinstance(reference, ResourceTemplateReference):
            return {"id"} if reference.uri == CUSTOMER else set()
        from .prompts import catalogue

        prompt = catalogue(self._ours.language).get(reference.name)
        return {argument.name for argument in prompt.listed.arguments or []} if prompt else set()


def _categories_of(customers: Iterable[Customer]) -> set[str]:
    found = (customer.record.get("category") for customer in customers)
    return {value for value in found if isinstance(value, str) and value and short_text(value) == value}


async def _countries(typed: str) -> Completion:
    """Codes that begin so, or the country of that name."""
    meant = country_meant(typed) if len(typed) > len("DE") else None
    return _beginning([meant], meant) if meant else _beginning(ALL_COUNTRIES, typed)


def _one_of(values: Iterable[str]) -> Callable[[str], Awaitable[Completion]]:
    known = tuple(values)

    async def offered(typed: str) -> Completion:
        return _beginning(known, typed)

    return offered


def _beginning(values: Iterable[str], typed: str) -> Completion:
    fitting = [value for value in values if value.casefold().startswith(typed.casefold())]
    return Completion(values=fitting[:OFFERED], total=len(fitting), has_more=len(fitting) > OFFERED)
