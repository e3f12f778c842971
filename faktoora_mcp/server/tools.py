"""All tools with their titles and annotations, in the order in which agents read them."""

from mcp.types import ToolAnnotations

from .read_tools import ReadTools
from .write_tools import WriteTools


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
    "update_customers": ("Update many customers", _kind(destructive=True, idempotent=True)),
    "merge_customers": ("Merge two customers", _kind(destructive=True, idempotent=True)),
    "delete_customer": ("Delete a customer", _kind(destructive=True, idempotent=True)),
    "generate_customer_number": ("Generate a customer number", _kind(read=True)),
    "verify_customer_number": ("Verify a customer number", _kind(read=True)),
    "import_customers": ("Import customers", _kind()),
}
"""Title and annotations of every tool, in the order in which agents read them."""


class CustomerTools(ReadTools, WriteTools):
    """One method per tool."""
