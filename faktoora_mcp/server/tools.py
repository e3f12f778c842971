"""The tools: signature and docstring, which agents read, and the call that does the work."""

from dataclasses import replace
from typing import Annotated

import anyio
from mcp.server.mcpserver.resolve import Resolve
from mcp.types import ToolAnnotations
from pydantic import Field, JsonValue

from faktoora_mcp.answers.changes import CustomerCreated, CustomerDeleted, CustomersImported, CustomerUpdated
from faktoora_mcp.answers.customers import CustomerDetail, CustomerTable, NumberGenerated, NumberVerified
from faktoora_mcp.answers.findings import CustomerMatches, DuplicateCustomers
from faktoora_mcp.answers.redaction import redacted_fields, refuse_redacted
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import (
    CustomerChanges,
    CustomerQuery,
    EntryList,
    NewCustomer,
    Order,
    Relation,
    SortField,
)
from faktoora_mcp.api.records import Customer, record_key, with_relations_of
from faktoora_mcp.insight.aggregation import Question
from faktoora_mcp.insight.checks import CHECKS, CheckName
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.queries import lookup, questions
from faktoora_mcp.queries.numbers import next_free_number
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.settings import MAX_PAGE_SIZE, PAGE_SIZE, Settings
from faktoora_mcp.writes import create, delete, imports, update
from faktoora_mcp.writes.update import Revision

from .arguments import (
    Columns,
    CustomerId,
    DryRun,
    Number,
    OneOrMore,
    Path,
    Relations,
    SortPath,
    Words,
)
from .elicitation import agreed_to_delete
from .workspace import ToolContext, writer_of


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
    "query_customers": ("Ask all customers", _kind(read=True)),
    "find_duplicate_customers": ("Find duplicate customers", _kind(read=True)),
    "create_customer": ("Create a customer", _kind()),
    "update_customer": ("Update a customer", _kind(destructive=True, idempotent=True)),
    "delete_customer": ("Delete a customer", _kind(destructive=True, idempotent=True)),
    "generate_customer_number": ("Generate a customer number", _kind(read=True)),
    "verify_customer_number": ("Verify a customer number", _kind(read=True)),
    "import_customers": ("Import customers", _kind()),
}
"""Title and annotations of every tool, in the order in which agents read them."""

NOTHING = CustomerChanges()


class CustomerTools:
    """One method per tool; its docstring is what agents read."""

    def __init__(self, client: FaktooraClient, settings: Settings) -> None:
        self._client = client
        self._limits, self._call_s = questions.limits_of(settings), settings.call_s
        self._redacted = redacted_fields(settings.hide_fields)

    async def list_customers(
        self,
        keywords: Words = (),
        category: Annotated[str | None, Field(description="exact category")] = None,
        sort: Annotated[SortField | None, Field(description="field to sort by")] = None,
        order: Annotated[Order | None, Field(description="direction")] = None,
        page: Annotated[int, Field(ge=1, description="counts from 1")] = 1,
        per_page: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="rows on a page")] = PAGE_SIZE,
        relation_fields: Relations = (),
        fields: Columns = (),
    ) -> CustomerTable:
        """Find customers by words ("who is …"), or page through them.

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
        """Read one customer by id or by customer number.

        Left out: empty fields, faktooraId, createdAt, updatedAt (fields ["*"] has these); notLoaded:
        relations that the API did not give.
        """
        relations = self._relations(fields, relation_fields)
        found = await lookup.customer(self._client, id, number, relations)
        return CustomerDetail.of(found, fields)

    async def query_customers(
        self,
        context: ToolContext,
        where: Annotated[
            tuple[Condition, ...],
            OneOrMore,
            Field(description="all must hold"),
        ] = (),
        check: Annotated[
            CheckName | None, Field(description="only customers that this check objects to")
        ] = None,
        group_by: Annotated[
            tuple[Path, ...],
            Field(max_length=2, description="count by one or two fields"),
            OneOrMore,
        ] = (),
        fields: Annotated[
            tuple[Path, ...], Field(max_length=40, description="fields to show"), OneOrMore
        ] = (),
        sort: Annotated[SortPath | None, Field(description="field to sort by, -field: descending")] = None,
        limit: Annotated[
            int, Field(ge=0, le=MAX_PAGE_SIZE, description="rows to show; 0: counts only")
        ] = PAGE_SIZE,
    ) -> CustomerMatches:
        """Answer conditions and counts over all customers: which ones, how many; for words list_customers.

        Reads them all, so ask once. Fields also: customerContacts.email, deliveryAddresses.city, extras.KEY.
        Answers matched, scanned, the first rows, groups with counts; a check gives each row its reason.
        complete false: reason says what was not read.
        """
        by = sort or ("id" if "name" in self._redacted else "name")
        question = Question(where, CHECKS[check] if check else None, group_by, fields, by, limit)
        refuse_redacted((part for path in question.paths for part in path.split(".")), self._redacted)
        answer = await questions.ask(self._client, question, self._limits, context.report_progress)
        return CustomerMatches.of(answer)

    async def find_duplicate_customers(
        self,
        context: ToolContext,
        id: Annotated[CustomerId | None, Field(description="of one customer; else all pairs")] = None,  # noqa: A002 (the API's own word for it)
    ) -> DuplicateCustomers:
        """Find customers who are there twice, with reasons, best first; of one customer or in the whole base.

        similar: other legal form or too little in common; never call these doubles.
        """
        report = context.report_progress
        if id is None:
            return DuplicateCustomers.of_all(
                await questions.all_duplicates(self._client, self._limits, report)
            )
        return DuplicateCustomers.of(await questions.similar_to(self._client, id, self._limits, report))

    async def create_customer(
        self,
        context: ToolContext,
        customer: Annotated[NewCustomer, Field(description="the record's fields")],
        assign_number: Annotated[bool, Field(description="give it the next free customer number")] = False,
        allow_duplicate: Annotated[bool, Field(description="create it despite likely doubles")] = False,
        dry_run: DryRun = False,
    ) -> CustomerCreated:
        """Create a customer once, unless it is there already.

        A company needs name, a person firstName and lastName. Error duplicate names candidates with reasons:
        ask the user. Answers the record with its id; ignored: sent but not kept by the API; warnings:
        doubtful, yet sent; normalized: written otherwise than given; similar: other firms to know of.
        """
        created = await create.create_customer(
            writer_of(context),
            customer,
            assign_number=assign_number,
            allow_duplicate=allow_duplicate,
            dry_run=dry_run,
        )
        return CustomerCreated.of(created)

    async def update_customer(
        self,
        context: ToolContext,
        id: CustomerId,  # noqa: A002 (the API's own word for it)
        changes: Annotated[
            CustomerChanges,
            Field(
                description="only fields to change, as in create_customer; null clears one. Entries of lists "
                "are merged by id, email or name, extras by key: the others stay"
            ),
        ] = NOTHING,
        remove_entries: Annotated[
            dict[EntryList, tuple[str, ...]] | None,
            Field(description="entries to remove, by id, email or name; keys of extras"),
        ] = None,
        expect: Annotated[
            dict[str, JsonValue] | None,
            Field(description="refuse unless these fields hold these values, as updatedAt"),
        ] = None,
        dry_run: DryRun = False,
    ) -> CustomerUpdated:
        """Change fields of one customer; what is so already is not sent.

        Answers changed as [old, new]; entries: what became of lists; ignored: sent but not kept by the API;
        undo: changes that restore what was, with undoRemoveEntries as remove_entries.
        """
        revision = Revision(changes, remove_entries or {}, expect or {})
        refuse_redacted(revision.expect, self._redacted)
        updated = await update.update_customer(writer_of(context), id, revision, dry_run=dry_run)
        return CustomerUpdated.of(updated)

    async def delete_customer(
        self,
        context: ToolContext,
        id: CustomerId,  # noqa: A002 (the API's own word for it)
        agreed: Annotated[Customer | None, Resolve(agreed_to_delete)],
        confirm: Annotated[str | None, Field(description="its name or number, as the user gave it")] = None,
        dry_run: DryRun = False,
    ) -> CustomerDeleted:
        """Delete a customer for good, once the user agreed; some hosts ask by themselves.

        Answers restore, with which create_customer brings it back under a new id.
        """
        deleted = await delete.delete_customer(
            writer_of(context), id, confirm, agreed=agreed, dry_run=dry_run
        )
        return CustomerDeleted.of(deleted)

    async def generate_customer_number(self) -> NumberGenerated:
        """The next free customer number of the firm's sequence, for customerId in create_customer.

        It is not reserved.
        """
        return NumberGenerated.of(await next_free_number(self._client))

    async def verify_customer_number(
        self, number: Annotated[Number, Field(description="customer number to check")]
    ) -> NumberVerified:
        """Whether a customer number is still free: available true means not in use, else holder has it."""
        free = await self._client.verify_customer_number(number)
        if free:
            return NumberVerified.free(number, await lookup.in_other_case(self._client, number))
        return NumberVerified.taken(number, await lookup.holder(self._client, number))

    async def import_customers(
        self,
        context: ToolContext,
        file_id: Annotated[str, Field(description="fileId of a CSV file uploaded to faktoora")],
    ) -> CustomersImported:
        """Create customers from a CSV file uploaded before, in faktoora or by `faktoora-mcp upload`.

        Answers how many, the first rows, doubtful rows with their problems, doubles. Never repeat it unseen.
        """
        start = anyio.current_time()
        imported = await imports.import_customers(writer_of(context), file_id)
        new = {customer.id for customer in imported.customers}
        return CustomersImported.of(
            imported,
            await questions.duplicates_among(self._client, new, self._limits_from(start)),
        )

    def _limits_from(self, start: float) -> Limits:
        """The limits of a scan in a tool call that began at this time."""
        left_s = start + self._call_s - anyio.current_time()
        return replace(self._limits, scan_s=max(0.0, min(self._limits.scan_s, left_s)))

    def _relations(self, fields: tuple[str, ...], relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
        refuse_redacted((*fields, *map(record_key, relations)), self._redacted)
        return with_relations_of(fields, relations)
