"""Resources that a host reads without a tool: a customer, the fields with their rules, the errors."""

from typing import Any

from mcp.server import MCPServer

from faktoora_mcp.api.connection import Connection

CUSTOMER = "faktoora://customers/{id}"
CUSTOMER_FIELDS = "faktoora://reference/customer-fields"
ERRORS = "faktoora://reference/errors"
JSON, MARKDOWN = "application/json", "text/markdown"


def publish(server: MCPServer[Any], connection: Connection) -> None:
    """Add all resources to the server; what they need is imported when one is read."""
    hidden_fields = connection.settings.hide_fields

    async def customer(id: str) -> str:  # noqa: A002 (the API's own word for it)
        """One customer by the id of its record, as get_customer shows it."""
        from pydantic_core import to_json

        from faktoora_mcp.answers.customers import CustomerDetail
        from faktoora_mcp.answers.redaction import redacted_fields
        from faktoora_mcp.queries import lookup
        from faktoora_mcp.text import masked_json

        found = await lookup.by_id(connection.client, id)
        detail = CustomerDetail.of(found, hidden=redacted_fields(hidden_fields))
        return to_json(masked_json(detail.as_json(), connection.key)).decode()

    async def customer_fields() -> str:
        """Every field of a customer: type, meaning, and what is refused or doubtful."""
        from faktoora_mcp.answers.redaction import redacted_fields

        from .reference_docs import fields_reference

        return fields_reference(redacted_fields(hidden_fields))

    async def errors() -> str:
        """Every code of an error, what it means and what can be done."""
        from .reference_docs import errors_reference

        return errors_reference()

    server.resource(CUSTOMER, title="Customer", mime_type=JSON)(customer)
    server.resource(CUSTOMER_FIELDS, title="Fields of a customer", mime_type=MARKDOWN)(customer_fields)
    server.resource(ERRORS, title="Errors", mime_type=MARKDOWN)(errors)
