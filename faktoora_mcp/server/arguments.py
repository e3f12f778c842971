"""Types of arguments that several tools share, with the descriptions that agents read."""

from typing import Annotated, cast

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from faktoora_mcp.api.models import Relation
from faktoora_mcp.insight.paths import known

from .schemas import known_columns


def _as_list(value: object) -> object:
    return [cast("object", value)] if isinstance(value, (str, dict)) else value


def _sortable(path: str) -> str:
    known(path.removeprefix("-"))
    return path


OneOrMore = BeforeValidator(_as_list)
"""A list may be given as its only entry."""
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
SortPath = Annotated[str, AfterValidator(_sortable)]
