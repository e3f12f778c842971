"""Types of arguments that several tools share, with the descriptions that agents read."""

from typing import Annotated, cast

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StringConstraints, WithJsonSchema

from faktoora_mcp.api.models import CustomerChanges, Relation
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.insight.paths import bare, known

from .schemas import known_columns


def _as_list(value: object) -> object:
    return [cast("object", value)] if isinstance(value, (str, int, dict)) else value


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


def _sortable(path: str) -> str | None:
    """The path itself; none for the text null, which names no field."""
    if path == "null":
        return None
    known(path.removeprefix("-"))
    return path


def _groupable(path: str) -> str:
    known(bare(path))
    return path


OneOrMore = BeforeValidator(_as_list)
"""A list may be given as its only entry."""
RowNumbers = Annotated[tuple[Annotated[str, BeforeValidator(_as_text)], ...], OneOrMore]
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
CustomerId = Annotated[str, Field(description="id of the record, not the customer number")]
DryRun = Annotated[bool, Field(description="check and show, change nothing")]
Words = Annotated[tuple[str, ...], OneOrMore, Field(description="words that must all occur")]
Relations = Annotated[tuple[Relation, ...], OneOrMore, Field(description="related data to load and show")]
Columns = Annotated[
    tuple[str, ...],
    OneOrMore,
    AfterValidator(known_columns),
    Field(description='record fields to show instead of the usual ones; ["*"]: all that are filled'),
]
Path = Annotated[str, AfterValidator(known)]
GroupPath = Annotated[str, AfterValidator(_groupable)]
SortPath = Annotated[str, AfterValidator(_sortable)]
Conditions = Annotated[
    tuple[Condition, ...],
    OneOrMore,
    WithJsonSchema({"type": "array", "items": {"type": "object"}}),
    Field(description="conditions as in query_customers, all must hold"),
]
Changes = Annotated[CustomerChanges, WithJsonSchema({"type": "object"})]
"""Fields that agents know from create_customer; validation names those that are unknown."""
SharedChanges = Annotated[
    Changes, Field(description="fields as in update_customer, the same for all; null clears one")
]
ListedCustomers = Annotated[
    tuple[dict[str, JsonValue], ...] | None,
    OneOrMore,
    WithJsonSchema({"type": "array", "items": {"type": "object"}}),
    Field(description="customers as in create_customer"),
]
