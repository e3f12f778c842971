"""Conditions on a customer: which operators suit which field, and the errors for all else."""

from collections.abc import Sequence
from typing import Annotated, Literal, cast, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from faktoora_mcp.api.models import API_OWNED
from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.rules.validation import ENTRY_FIELDS, judge, nearest
from faktoora_mcp.text import quote

from .comparison import moment, reading
from .paths import known, leaf, text

Op = Literal[
    "eq", "ne", "in", "contains", "starts_with", "missing", "present", "invalid", "before", "after"
]  # fmt: skip
Scalar = str | int | float | bool

OPS = cast("tuple[Op, ...]", get_args(Op))
SAME: tuple[Op, ...] = ("eq", "ne", "in")
PARTS: tuple[Op, ...] = ("contains", "starts_with")
FILLED: tuple[Op, ...] = ("missing", "present")
BARE: tuple[Op, ...] = (*FILLED, "invalid")
MOMENTS: tuple[Op, ...] = ("before", "after")
_SYNONYMS: dict[Op, str] = {
    "eq": "= == is equals equal",
    "ne": "!= <> not is_not not_equals",
    "in": "any_of one_of",
    "contains": "like ilike includes matches",
    "missing": "empty is_empty blank null is_null",
    "present": "exists filled not_empty not_null",
    "before": "< <= lt lte until",
    "after": "> >= gt gte since",
}
_FLAGS = {"true": True, "false": False}


def _checked_op(op: object, info: ValidationInfo) -> object:
    if op not in OPS:
        raise _refusal(f"{quote(str(op))} is unknown; {_op_meant(str(op))}")
    field = info.data.get("field")
    if field and op not in (suited := _ops_of(field)):
        raise _refusal(f"{op} does not suit {field}; {_choice(suited)}")
    return op


def _checked_value(value: object, info: ValidationInfo) -> object:
    if not {"field", "op"} <= info.data.keys():
        return None
    field, op = cast("tuple[str, Op]", (info.data["field"], info.data["op"]))
    if op in BARE and value is not None:
        raise _refusal(f"{op} takes no value; leave it out")
    if op in BARE:
        return None
    if op != "in":
        return _scalar(field, op, value)
    several = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else (value,)
    if not several:
        raise _refusal("in needs a list of at least one value")
    return tuple(_scalar(field, op, one) for one in several)


class Condition(BaseModel):
    """One condition on one field of a record; in a list, one matching entry is enough."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Annotated[str, AfterValidator(known)] = Field(
        description="such as city, customerContacts.email, extras.KEY; name is the display name"
    )
    op: Annotated[Op, BeforeValidator(_checked_op)] = Field(
        description="eq, ne, in: the whole text, without case (a category with), ids in any spelling; ne "
        "and missing are the opposites of eq and present, so that ne holds for a missing field, too. "
        "contains, starts_with: umlauts and accents in any spelling (ü, u, ue). invalid: there, but against "
        "the rule"
    )
    value: Annotated[Scalar | tuple[Scalar, ...] | None, BeforeValidator(_checked_value)] = Field(
        default=None,
        validate_default=True,
        description="a list for in; none for missing, present, invalid. before and after take an ISO date "
        "or date-time, in UTC unless it says otherwise, and leave out the date's whole day",
    )

    @property
    def wanted(self) -> tuple[str, ...]:
        """The values as texts: several for `in`, none for operators without a value."""
        several = self.value if isinstance(self.value, tuple) else (self.value,)
        return tuple(text(one) for one in several if one is not None)


def _ops_of(field: str) -> tuple[Op, ...]:
    """The operators for a field; a list itself can only be missing or present."""
    if field in (*ENTRY_FIELDS, "extras"):
        return FILLED
    if field in ("createdAt", "updatedAt"):
        return (*MOMENTS, "starts_with", *FILLED)
    if field == "isCompany":
        return (*SAME, *BARE)
    if field.startswith("extras."):
        return (*SAME, *PARTS, *FILLED, *MOMENTS)
    return (*SAME, *PARTS, *(FILLED if field in API_OWNED or leaf(field) == "id" else BARE))


def _scalar(field: str, op: Op, value: object) -> Scalar:
    """The value to compare; an error if it would silently match nothing or every customer."""
    if value is None:
        raise _refusal(f"{op} needs a value; op missing finds empty fields")
    if not isinstance(value, (str, int, float)):
        raise _refusal(f"{op} takes one text, number or true or false; only in takes a list of them")
    one = _FLAGS.get(str(value).strip().casefold(), value) if field == "isCompany" else value
    if error := _type_error(field, one):
        raise PydanticCustomError("condition", "breaks a rule", {"finding": error})
    if op in MOMENTS and not moment(text(one)):
        raise _refusal(f"{op} takes an ISO date or date-time, such as 2026-01-31, got {quote(text(one))}")
    if not reading(field, part=op in PARTS)(text(one)).strip():
        raise _refusal("has nothing to compare; op missing finds empty fields")
    return one


def _type_error(field: str, value: Scalar) -> Finding | None:
    """A number is an error if it may have lost leading zeros."""
    free = field.startswith("extras.") or (isinstance(value, str) and field != "isCompany")
    return None if free else judge(leaf(field), value).error


def _op_meant(op: str) -> str:
    word = op.casefold()
    meant = next((name for name, words in _SYNONYMS.items() if word in words.split()), nearest(word, OPS))
    return f"did you mean {meant}?" if meant else _choice(OPS)


def _choice(ops: Sequence[Op]) -> str:
    return f"use one of {', '.join(ops)}"


def _refusal(reason: str) -> PydanticCustomError:
    return PydanticCustomError("condition", "{reason}", {"reason": reason})
