"""The tools: what an agent reads of each operation, and the few lines that do it."""

from typing import Annotated

from mcp.types import ToolAnnotations
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from . import lookup, writes
from .arguments import known_columns
from .client import FaktooraClient
from .hiding import refuse_hidden
from .models import CustomerChanges, CustomerQuery, NewCustomer, Order, Relation, SortField
from .records import record_key, with_relations_of
from .summaries import (
    CustomerCreated,
    CustomerDeleted,
    CustomerDetail,
    CustomersImported,
    CustomerTable,
    CustomerUpdated,
    NumberGenerated,
    NumberVerified,
)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _kind(*, read: bool = False, destructive: bool = False, idempotent: bool = False) -> ToolAnnotations:
    return ToolAnnotations(
        read_only_hint=read,
        destructive_hint=destructive,
        idempotent_hint=read or idempotent,
        open_world_hint=False,
    )


TOOLS: dict[str, tuple[str, ToolAnnotations]] = {
    "list_customers": ("List customers", _kind(read=True)),
    "get_customer": ("Get a customer", _kind(read=True)),
    "create_customer": ("Create a customer", _kind()),
    "update_customer": ("Update a customer", _kind(destructive=True, idempotent=True)),
    "delete_customer": ("Delete a customer", _kind(destructive=True, idempotent=True)),
    "generate_customer_number": ("Generate a customer number", _kind(read=True)),
    "verify_customer_number": ("Verify a customer number", _kind(read=True)),
    "import_customers": ("Import customers", _kind()),
}
"""Every tool by name, in the order agents read them: its title and what it may do."""

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
CustomerId = Annotated[str, Field(description="id of the record, not the customer number")]
Words = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(description="words that must all occur")]
Relations = Annotated[
    tuple[Relation, ...], BeforeValidator(_as_list), Field(description="related data to load and show")
]
Columns = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list),
    AfterValidator(known_columns),
    Field(description='record fields to show instead of the usual ones; ["*"]: all that are filled'),
]


class CustomerTools:
    """One method per tool; its docstring is what agents read."""

    def __init__(self, client: FaktooraClient, hidden: frozenset[str] = frozenset()) -> None:
        self._client = client
        self._hidden = hidden

    async def list_customers(
        self,
        keywords: Words = (),
        category: Annotated[str | None, Field(description="exact category")] = None,
        sort: Annotated[SortField | None, Field(description="field to sort by")] = None,
        order: Annotated[Order | None, Field(description="ascending or descending")] = None,
        page: Annotated[int, Field(ge=1, description="counts from 1")] = 1,
        per_page: Annotated[int, Field(ge=1, le=100, description="rows on a page")] = 20,
        relation_fields: Relations = (),
        fields: Columns = (),
    ) -> CustomerTable:
        """Find customers by words, or page through all of them.

        Every keyword must occur, in any case and as any part, in name, firstName, lastName,
        nameAuthorisedSignatory, address, postcode, city, email, country or customerId. VAT id, GLN and other
        ids are not searched. Answers a table; go on with its nextPage and perPage. One known customer:
        get_customer.
        """
        query = CustomerQuery(
            keywords=keywords,
            category=category,
            sort=sort,
            order=order,
            page=page,
            per_page=per_page,
            relation_fields=self._relations(fields, relation_fields),
        )
        return CustomerTable.of(await lookup.page(self._client, query), relation_fields, fields)

    async def get_customer(
        self,
        id: Annotated[CustomerId | None, Field(description="id of the record")] = None,  # noqa: A002 (the API's own word for it)
        number: Annotated[Number | None, Field(description="customer number (customerId)")] = None,
        relation_fields: Relations = (),
        fields: Columns = (),
    ) -> CustomerDetail:
        """Read one customer by id or by customer number; give one of them.

        Empty fields are left out; notLoaded names relations that the API did not give.
        """
        relations = self._relations(fields, relation_fields)
        found = await lookup.customer(self._client, id, number, relations)
        return CustomerDetail.of(found, fields)

    async def create_customer(
        self, customer: Annotated[NewCustomer, Field(description="the record's fields")]
    ) -> CustomerCreated:
        """Create a customer; search for it first, nothing here looks for doubles.

        A company needs name, a person firstName and lastName. Answers the record with its id; ignored: sent
        but not kept by the API; warnings: doubtful, yet sent; normalized: written otherwise than given.
        """
        return CustomerCreated.of(await writes.create_customer(self._client, customer))

    async def update_customer(
        self,
        id: CustomerId,  # noqa: A002 (the API's own word for it)
        changes: Annotated[
            CustomerChanges,
            Field(
                description="only fields to change, as in create_customer; null clears one; a list or extras "
                "replaces the present one as a whole"
            ),
        ],
    ) -> CustomerUpdated:
        """Change fields of one customer.

        Answers changed as [old, new]; ignored: sent but not kept by the API. What is so already is not sent.
        """
        return CustomerUpdated.of(await writes.update_customer(self._client, id, changes))

    async def delete_customer(
        self,
        id: CustomerId,  # noqa: A002 (the API's own word for it)
        confirm: Annotated[str, Field(description="name or number of this customer, as the user knows it")],
    ) -> CustomerDeleted:
        """Delete a customer for good, once the user agreed; it cannot be undone. Answers what was deleted."""
        return CustomerDeleted.of(await writes.delete_customer(self._client, id, confirm))

    async def generate_customer_number(self) -> NumberGenerated:
        """The next free customer number of the firm's sequence, for customerId in create_customer.

        It is not reserved.
        """
        return NumberGenerated.of(await self._client.generate_customer_number())

    async def verify_customer_number(
        self, number: Annotated[Number, Field(description="customer number to check")]
    ) -> NumberVerified:
        """Whether a customer number is still free: available true means not in use, else holder has it."""
        free = await self._client.verify_customer_number(number)
        holder = None if free else await lookup.holder(self._client, number)
        return NumberVerified.of(number, holder, available=free)

    async def import_customers(
        self, file_id: Annotated[str, Field(description="fileId of a CSV file uploaded to faktoora")]
    ) -> CustomersImported:
        """Create customers from a CSV file that was uploaded to faktoora before; there is no upload here.

        Answers how many, the first rows, and doubtful rows with their problems. Never repeat it unseen.
        """
        return CustomersImported.of(await writes.import_customers(self._client, file_id))

    def _relations(self, fields: tuple[str, ...], relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
        refuse_hidden((*fields, *map(record_key, relations)), self._hidden)
        return with_relations_of(fields, relations)
