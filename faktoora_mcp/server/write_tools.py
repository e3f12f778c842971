"""The tools that change data: signature and docstring, which agents read, and the call that does the work."""

from typing import Annotated

import anyio
from mcp.server.mcpserver.resolve import Resolve
from pydantic import Field, JsonValue

from faktoora_mcp.answers.changes import CustomerCreated, CustomerDeleted, CustomerUpdated
from faktoora_mcp.answers.many import CustomersUpdated
from faktoora_mcp.answers.many_import import ListImported
from faktoora_mcp.answers.merge import CustomersMerged
from faktoora_mcp.answers.redaction import refuse_redacted
from faktoora_mcp.api.many_outcomes import BulkPreview
from faktoora_mcp.api.merge_outcomes import Merging
from faktoora_mcp.api.models import CustomerChanges, NewCustomer
from faktoora_mcp.api.records import Customer
from faktoora_mcp.queries import questions
from faktoora_mcp.writes import create, delete, imports, merge, update
from faktoora_mcp.writes.many import update_many
from faktoora_mcp.writes.many.bulk_request import BulkRequest, Replacement
from faktoora_mcp.writes.many.planning import plan_update
from faktoora_mcp.writes.many.update_many import Consent
from faktoora_mcp.writes.update import Revision

from .arguments import (
    Changes,
    Conditions,
    CustomerId,
    Headers,
    ListedCustomers,
    OneOrMore,
    Preferences,
    Removals,
    RowNumbers,
    SharedChanges,
)
from .elicitation.deletion import agreed_to_delete
from .elicitation.many import agreed_change
from .elicitation.merge import agreed_to_merge
from .tool_set import ToolSet
from .workspace import ToolContext, workspace_of, writer_of

NOTHING = CustomerChanges()
MAX_IDS = 1_000


class WriteTools(ToolSet):
    """One method per tool; its docstring is what agents read."""

    async def create_customer(
        self,
        context: ToolContext,
        customer: Annotated[NewCustomer, Field(description="its fields")],
        assign_number: Annotated[bool, Field(description="take the next free customer number")] = False,
        allow_duplicate: bool = False,
        dry_run: bool = False,
    ) -> CustomerCreated:
        """Create a customer unless it exists: for the error duplicate ask the user.

        A company needs name, a person firstName and lastName. Tell the user of warnings and similar.
        """
        created = await create.create_customer(
            writer_of(context),
            customer,
            assign_number=assign_number,
            allow_duplicate=allow_duplicate,
            dry_run=dry_run,
        )
        return CustomerCreated.of(created, self._redacted)

    async def update_customer(
        self,
        context: ToolContext,
        id: CustomerId,  # noqa: A002 (the API's own word for it)
        changes: Annotated[
            Changes,
            Field(
                description="only what changes, with the fields of create_customer, also those of contacts "
                "and addresses; null clears. Entries are merged by id, email or name, extras by key; others "
                "stay"
            ),
        ] = NOTHING,
        remove_entries: Annotated[
            Removals | None,
            Field(description='named likewise: {"customerContacts":["a@b.de"]}'),
        ] = None,
        expect: Annotated[
            dict[str, JsonValue] | None,
            Field(description='refuse if changed since: {"updatedAt":"…"}'),
        ] = None,
        dry_run: bool = False,
    ) -> CustomerUpdated:
        """Change fields of one customer; unchanged ones are not sent.

        Answers changed [old, new], undo: arguments of update_customer that restore what was.
        """
        revision = Revision(changes, remove_entries or {}, expect or {})
        refuse_redacted(revision.expect, self._redacted)
        updated = await update.update_customer(writer_of(context), id, revision, dry_run=dry_run)
        return CustomerUpdated.of(updated, self._redacted)

    async def update_customers(
        self,
        context: ToolContext,
        agreed: Annotated[str | None, Resolve(agreed_change)],
        where: Conditions = (),
        ids: Annotated[tuple[str, ...], Field(max_length=MAX_IDS), OneOrMore] = (),
        changes: SharedChanges = NOTHING,
        replace: Annotated[
            Replacement | None,
            Field(description="instead of changes"),
        ] = None,
        confirm: Annotated[str | None, Field(description="from the dry run")] = None,
        dry_run: bool = True,
    ) -> CustomersUpdated:
        """Change many customers alike: all that meet where, or these ids.

        A dry run first. Show it to the user, unless the user has already named this very change and agreed;
        then dry_run false with its confirm. Go on with ids that are left. undo: calls that restore.
        """
        request = BulkRequest(where, ids, changes, replace)
        refuse_redacted(request.judged, self._redacted)
        writer, report = writer_of(context), context.report_progress
        if dry_run:
            ahead = await plan_update(writer, request, self._limits, report)
            return CustomersUpdated.shown(ahead.preview, self._redacted)
        consent = Consent(confirm, agreed)
        made = await update_many.update_customers(writer, request, self._limits, consent, report)
        if isinstance(made, BulkPreview):
            return CustomersUpdated.shown(made, self._redacted, dry_run=False)
        return CustomersUpdated.of(made, self._redacted)

    async def merge_customers(
        self,
        context: ToolContext,
        keep: Annotated[str, Field(description="id")],
        remove: Annotated[str, Field(description="id")],
        agreed: Annotated[Merging | None, Resolve(agreed_to_merge)],
        prefer: Annotated[
            Preferences | None, Field(description='whose value wins: {"phoneNo":"remove"}')
        ] = None,
        different_ok: Annotated[bool, Field(description="although they look different")] = False,
        confirm: Annotated[
            str | None, Field(description="number of remove, or its id if it has none")
        ] = None,
        dry_run: bool = True,
    ) -> CustomersMerged:
        """Merge two customers: keep gets what it lacks from remove, which is then deleted for good.

        A dry run first: conflicts are [stays, goes]. Show it to the user, unless the user has already named
        this very merge and agreed; then dry_run false with confirm.
        """
        writer, request = writer_of(context), merge.MergeRequest(keep, remove, prefer or {}, different_ok)
        if dry_run:
            plan = await merge.plan_merge(writer.client, request)
            return CustomersMerged.shown(plan.merging, self._redacted)
        merged = await merge.merge_customers(writer, request, merge.Consent(confirm, agreed))
        return CustomersMerged.of(merged, self._redacted)

    async def delete_customer(
        self,
        context: ToolContext,
        id: CustomerId,  # noqa: A002 (the API's own word for it)
        agreed: Annotated[Customer | None, Resolve(agreed_to_delete)],
        confirm: Annotated[
            str | None,
            Field(
                description="its whole name with legal form, in any case, or its number; if shared, the "
                "number"
            ),
        ] = None,
        dry_run: bool = False,
    ) -> CustomerDeleted:
        """Delete a customer for good.

        Ask the user first, unless the user has already named this very record and agreed. restore in the
        answer is for create_customer.
        """
        deleted = await delete.delete_customer(
            writer_of(context), id, confirm, agreed=agreed, dry_run=dry_run
        )
        return CustomerDeleted.of(deleted, self._redacted)

    async def import_customers(
        self,
        context: ToolContext,
        file_id: Annotated[str | None, Field(description="of a CSV uploaded to faktoora")] = None,
        csv: Annotated[str | None, Field(description="text with headers")] = None,
        rows: ListedCustomers = None,
        path: Annotated[str | None, Field(description="CSV or XLSX in the operator's folder")] = None,
        dry_run: Annotated[bool | None, Field(description="default true, not for file_id")] = None,
        columns: Annotated[Headers | None, Field(description='{"Ort 2":"city"}')] = None,
        only: Annotated[RowNumbers, Field(description='rows: ["2","5-9"]')] = (),
        skip: Annotated[RowNumbers, Field(description="likewise")] = (),
        allow_duplicate: Annotated[RowNumbers, Field(description="likewise")] = (),
        accept_repairs: Annotated[bool, Field(description="proposed ones")] = False,
    ) -> ListImported:
        """Create customers from one of csv, rows, path, file_id.

        A dry run first. Show it to the user, unless the user has already named this very list and agreed;
        then dry_run false creates rows that are ready or doubt. A list sent again creates nobody twice; a
        file_id may: before retrying, check what it imported.
        """
        from faktoora_mcp.writes.many.list_call import ListCall  # it reads files, which no other call needs

        chosen = (columns or {}, only, skip, allow_duplicate, accept_repairs, dry_run)
        call = ListCall(file_id, csv, rows, path, *chosen)
        call.check()
        if file_id is not None:
            return await self._import_file(context, file_id)
        folder, progress = workspace_of(context).files, context.report_progress
        listed = await call.run(writer_of(context), folder, self._limits, progress)
        return ListImported.listed(listed, self._redacted)

    async def _import_file(self, context: ToolContext, file_id: str) -> ListImported:
        start = anyio.current_time()
        imported = await imports.import_customers(writer_of(context), file_id)
        new = {customer.id for customer in imported.customers}
        duplicates = await questions.duplicates_among(self._client, new, self._limits_from(start))
        return ListImported.of(imported, duplicates, self._redacted)
