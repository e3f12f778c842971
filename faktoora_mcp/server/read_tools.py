"""The tools that only read: signature and docstring, which agents read, and the call that does the work."""

from typing import Annotated

from pydantic import Field

from faktoora_mcp.answers.customers import CustomerDetail, CustomerTable, NumberGenerated, NumberVerified
from faktoora_mcp.answers.findings import CustomerMatches, DuplicateCustomers
from faktoora_mcp.answers.redaction import refuse_redacted
from faktoora_mcp.api.models import CustomerQuery, Order, Relation
from faktoora_mcp.api.records import record_key, with_relations_of
from faktoora_mcp.insight.aggregation import Question
from faktoora_mcp.insight.checks import CHECKS
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.queries import lookup, questions
from faktoora_mcp.queries.numbers import next_free_number
from faktoora_mcp.settings import MAX_PAGE_SIZE, PAGE_SIZE

from .arguments import (
    RELATIONS,
    Check,
    Columns,
    CustomerId,
    GroupPath,
    ListSort,
    Number,
    OneOrMore,
    Path,
    Relations,
    SortPath,
    Words,
)
from .tool_set import ToolSet
from .workspace import ToolContext


class ReadTools(ToolSet):
    """One method per tool; its docstring is what agents read."""

    async def list_customers(
        self,
        keywords: Words = (),
        category: Annotated[str | None, Field(description="compared exactly")] = None,
        sort: Annotated[
            ListSort,
            Field(description="customerId, name, category, createdAt …, not postcode or city"),
        ] = None,
        order: Order | None = None,
        page: Annotated[int, Field(ge=1)] = 1,
        per_page: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
        relation_fields: Annotated[Relations, Field(description=", ".join(RELATIONS))] = (),
        fields: Annotated[
            Columns,
            Field(
                description="other columns: fields of create_customer, createdAt, updatedAt …; "
                '["*"]: all filled'
            ),
        ] = (),
    ) -> CustomerTable:
        """Find customers by words ("who is …"), or page through them.

        Every keyword must be part of name, firstName, lastName, nameAuthorisedSignatory, address, postcode,
        city, email, country or customerId, in any case; ü matches ue. Not searched: contacts, phone, VAT id,
        GLN: use query_customers. Usual columns: id, customerId, name, postcode, city, country, email;
        not address, phone, VAT id, category.
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
        page_read = await lookup.page(self._client, query)
        return CustomerTable.of(page_read, relation_fields, fields, self._redacted)

    async def get_customer(
        self,
        id: Annotated[CustomerId | None, Field(description=None)] = None,  # noqa: A002 (the API's own word for it)
        number: Annotated[Number | None, Field(description="customerId")] = None,
        relation_fields: Annotated[Relations, Field(description="as in list_customers")] = (),
        fields: Annotated[Columns, Field(description="only these")] = (),
    ) -> CustomerDetail:
        """Read one customer, by id or customer number.

        Shows filled fields; faktooraId, createdAt, updatedAt only with fields ["*"], contacts and delivery
        addresses only with relation_fields.
        """
        relations = self._relations(fields, relation_fields)
        found = await lookup.customer(self._client, id, number, relations)
        return CustomerDetail.of(found, fields, self._redacted)

    async def query_customers(
        self,
        context: ToolContext,
        where: Annotated[
            tuple[Condition, ...],
            OneOrMore,
            Field(description="all must hold, check too"),
        ] = (),
        check: Annotated[
            Check,
            Field(
                description="missing_vat_id: companies of any country. bad_vat_id, bad_postcode: against the "
                "country's rule or doubtful (postcodes: DE, AT, CH, LI). no_email: own, not contacts'. "
                "not_ready_for_xrechnung: routeId, name, address or country missing or doubtful, or neither "
                "email nor peppolId. not_ready_for_peppol: no valid peppolId"
            ),
        ] = None,
        group_by: Annotated[
            tuple[GroupPath, ...],
            Field(
                max_length=2,
                description='one or two fields to count by, missing ones as a group; "email?": filled or not',
            ),
            OneOrMore,
        ] = (),
        fields: Annotated[tuple[Path, ...], Field(max_length=40), OneOrMore] = (),
        sort: Annotated[SortPath, Field(description="-field: descending")] = None,
        limit: Annotated[
            int | None,
            Field(
                ge=0,
                le=MAX_PAGE_SIZE,
                description=f"default {PAGE_SIZE}, beside group_by without fields 0",
            ),
        ] = None,
    ) -> CustomerMatches:
        """Answer conditions and counts over all customers: which ones, how many; for words list_customers.

        Reads all that the API lists (it has no archive), so ask once. Fields: those of create_customer, id,
        createdAt, updatedAt, customerContacts.email, deliveryAddresses.city, extras.KEY; name is the display
        name.
        """
        by = sort or ("id" if "name" in self._redacted else "name")
        question = Question(where, CHECKS[check] if check else None, group_by, fields, by, limit)
        refuse_redacted(question.paths, self._redacted)
        answer = await questions.ask(self._client, question, self._limits, context.report_progress)
        return CustomerMatches.of(answer, self._redacted)

    async def find_duplicate_customers(
        self,
        context: ToolContext,
        id: Annotated[CustomerId | None, Field(description="without: every pair")] = None,  # noqa: A002 (the API's own word for it)
    ) -> DuplicateCustomers:
        """Find duplicate customers, with reasons.

        similar: no duplicates unless the user says so.
        """
        report = context.report_progress
        if id is None:
            pairs = await questions.all_duplicates(self._client, self._limits, report)
            return DuplicateCustomers.of_all(pairs, self._redacted)
        similar = await questions.similar_to(self._client, id, self._limits, report)
        return DuplicateCustomers.of(similar, self._redacted)

    async def generate_customer_number(self) -> NumberGenerated:
        """The next free customer number, not reserved; assign_number of create_customer takes it at once."""
        return NumberGenerated.of(await next_free_number(self._client))

    async def verify_customer_number(self, number: Number) -> NumberVerified:
        """Whether a customer number is free, or who has it."""
        free = await self._client.verify_customer_number(number)
        if free:
            return NumberVerified.free(number, await lookup.in_other_case(self._client, number))
        return NumberVerified.taken(number, await lookup.holder(self._client, number), self._redacted)

    def _relations(self, fields: tuple[str, ...], relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
        refuse_redacted((*fields, *map(record_key, relations)), self._redacted)
        return with_relations_of(fields, relations)
