"""What a host can read without a tool: a customer, the table of fields with their rules, the errors.

Both references are made from what the server itself goes by, so that they cannot disagree with it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from mcp.server import MCPServer
from pydantic_core import to_json

from . import errors, lookup
from .arguments import Schema, plain
from .client import FaktooraClient
from .codes import POSTCODES
from .fields import judge
from .hiding import hidden_by, without
from .models import API_OWNED, NewCustomer
from .records import LOADED_BY
from .settings import Settings
from .summaries import CustomerDetail

CUSTOMER = "faktoora://customers/{id}"
CUSTOMER_FIELDS = "faktoora://reference/customer-fields"
ERRORS = "faktoora://reference/errors"
JSON, MARKDOWN = "application/json", "text/markdown"
BRANCH = re.compile(r"[├└]── \w+ +(?:([a-z_]+): )?(.+?)(?:; `lost`.*)?")
"""A line of the drawing in errors.py: the code of an error, none for a group, and what it means (`lost` is
an attribute that no answer shows)."""
FIELDS_TEXT = """\
# Fields of a customer

A refused value stops a call before anything is sent; a doubtful one is sent and comes back with a warning.
"""
ERRORS_TEXT = """\
# Errors

A tool that fails answers `{"error": {"code", "message", "retryable", "next"}}`: `message` says what happened,
`next` what to do about it.
"""


def publish(server: MCPServer[Any], client: FaktooraClient, settings: Settings) -> None:
    """Let the server offer all resources."""
    hidden = hidden_by(settings.hide_fields)

    async def customer(id: str) -> str:  # noqa: A002 (the API's own word for it)
        """One customer by the id of its record, as get_customer shows it."""
        detail = CustomerDetail.of(await lookup.by_id(client, id))
        return to_json(without(detail.model_dump(), hidden)).decode()

    async def customer_fields() -> str:
        """Every field of a customer: type, meaning, and what is refused or doubtful."""
        return fields_reference(hidden)

    server.resource(CUSTOMER, title="Customer", mime_type=JSON)(customer)
    server.resource(CUSTOMER_FIELDS, title="Fields of a customer", mime_type=MARKDOWN)(customer_fields)
    server.resource(ERRORS, name="errors", title="Errors", mime_type=MARKDOWN)(errors_reference)


def fields_reference(hidden: frozenset[str] = frozenset()) -> str:
    """The table of fields, those of contacts and delivery addresses too, with the rules they follow."""
    written = _rows(plain(NewCustomer.model_json_schema()), hidden)
    owned = [(name, "", "", _meaning(name, "set by faktoora", hidden), "") for name in API_OWNED]
    return FIELDS_TEXT + _table(("field", "type", "required", "meaning", "rule"), [*written, *owned])


async def errors_reference() -> str:
    """Every code of an error, what it means and what can be done."""
    return ERRORS_TEXT + _table(("code", "what happened", "of its kind"), _branches(errors.__doc__ or ""))


def _rows(schema: Schema, hidden: frozenset[str], before: str = "") -> Iterator[tuple[str, ...]]:
    required = cast("list[str]", schema.get("required", []))
    for name, node in cast("dict[str, Schema]", schema.get("properties", {})).items():
        meaning = _meaning(name, str(node.get("description", "")), hidden)
        needed = "yes" if name in required else ""
        yield before + name, str(node["type"]), needed, meaning, _rule(name)
        yield from _rows(cast("Schema", node.get("items", {})), hidden, f"{before}{name}.")


def _meaning(name: str, description: str, hidden: frozenset[str]) -> str:
    loaded = f"shown with relation_fields {LOADED_BY[name]}" if name in LOADED_BY else ""
    concealed = "hidden by the operator: never shown" if name in hidden else ""
    return "; ".join(filter(None, (description, loaded, concealed)))


def _rule(field: str) -> str:
    """What the field's rule says of values that none takes, in every country that has rules of its own."""
    anywhere = judge(field, "?")
    local = [judge(field, f"{start}?", country) for country in POSTCODES for start in ("", country)]
    refused = [verdict.error.partition(", got ")[0] for verdict in (anywhere, *local) if verdict.error]
    doubts = anywhere.warnings or [doubt for verdict in local for doubt in verdict.warnings]
    return "; ".join(dict.fromkeys((*refused, *(f"doubtful: {doubt}" for doubt in doubts))))


def _branches(drawing: str) -> Iterator[tuple[str, str, str]]:
    """Code, what happened, and the group of every error that the drawing shows."""
    group = ""
    for line in drawing.splitlines():
        if found := BRANCH.fullmatch(line.removeprefix("│").lstrip()):
            code, meaning = found.groups()
            group = group if line.startswith("│") else "" if code else meaning
            yield from [(f"`{code}`", meaning, group)] if code else []


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = [*columns]
    lines = [names, ["---"] * len(names), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
