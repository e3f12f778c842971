"""Types of arguments that several tools share, with the descriptions that agents read."""

from typing import Annotated, cast, get_args

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StringConstraints, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError

from faktoora_mcp.api.models import CustomerChanges, EntryList, Relation, SortField
from faktoora_mcp.api.records import record_key
from faktoora_mcp.insight.checks import CheckName
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.insight.paths import bare, known
from faktoora_mcp.text import quote
from faktoora_mcp.writes.merged_record import Side

from .schemas import known_columns

OBJECT: JsonSchemaValue = {"type": "object"}
"""What a description shows by an example: Gemini does not know `additionalProperties`."""
TEXTS: JsonSchemaValue = {"type": "array", "items": {"type": "string"}}
RELATIONS: dict[str, Relation] = {record_key(name): name for name in get_args(Relation)}
"""Relations by the field of a record that holds them."""


def _as_list(value: object) -> object:
    return [cast("object", value)] if isinstance(value, (str, int, dict)) else value


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


def _name_or_none(name: object) -> object:
    """The name, which may come as bytes; none for the text null, which names no field."""
    text = name.decode() if isinstance(name, bytes) else name
    return None if text == "null" else text


def _sortable(path: str) -> str:
    known(path.removeprefix("-"))
    return path


def _groupable(path: str) -> str:
    known(bare(path))
    return path


def _relation(name: object) -> object:
    """The relation by the API's name, or by that of the record's field which holds it."""
    if not isinstance(name, str) or name in RELATIONS.values():
        return name
    if name not in RELATIONS:
        reason = f"{quote(name)} is unknown; use one of {', '.join(RELATIONS)}"
        raise PydanticCustomError("unknown_relation", "{reason}", {"reason": reason})
    return RELATIONS[name]


OneOrMore = BeforeValidator(_as_list)
"""A list may be given as its only entry."""
RowNumbers = Annotated[tuple[Annotated[str, BeforeValidator(_as_text)], ...], OneOrMore]
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
CustomerId = Annotated[str, Field(description="not the customer number")]
Words = Annotated[tuple[str, ...], OneOrMore]
Relations = Annotated[
    tuple[Annotated[Relation, BeforeValidator(_relation)], ...],
    OneOrMore,
    WithJsonSchema(TEXTS),
]
Removals = Annotated[
    dict[EntryList, tuple[str, ...]],
    WithJsonSchema(OBJECT),
]
Columns = Annotated[tuple[str, ...], OneOrMore, AfterValidator(known_columns)]
ListSort = Annotated[SortField | None, WithJsonSchema({"type": "string"}), BeforeValidator(_name_or_none)]
Check = Annotated[CheckName | None, WithJsonSchema({"type": "string"}), BeforeValidator(_name_or_none)]
Path = Annotated[str, AfterValidator(known)]
GroupPath = Annotated[str, AfterValidator(_groupable)]
SortPath = Annotated[Annotated[str, AfterValidator(_sortable)] | None, BeforeValidator(_name_or_none)]
Conditions = Annotated[
    tuple[Condition, ...],
    OneOrMore,
    WithJsonSchema({"type": "array", "items": {"type": "object"}}),
    Field(description="as in query_customers"),
]
Preferences = Annotated[dict[str, Side], WithJsonSchema(OBJECT)]
Headers = Annotated[dict[str, str], WithJsonSchema(OBJECT)]
Changes = Annotated[CustomerChanges, WithJsonSchema(OBJECT)]
"""Fields that agents know from create_customer; validation names those that are unknown."""
SharedChanges = Annotated[Changes, Field(description="as in update_customer")]
ListedCustomers = Annotated[
    tuple[dict[str, JsonValue], ...] | None,
    OneOrMore,
    WithJsonSchema({"type": "array", "items": {"type": "object"}}),
    Field(description="customers as in create_customer"),
]
