"""Conditions on a customer: which operators suit which field, and the errors for all else."""

from collections.abc import Sequence
from typing import Annotated, Literal, cast, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError, PydanticKnownError

from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.rules.validation import ENTRY_FIELDS, RULED, judge, nearest
from faktoora_mcp.text import quote

from .comparison import moment, reading
from .paths import has_rule, known, leaf, text

Op = Literal[
    "eq", "ne", "in", "contains", "not_contains", "starts_with", "ends_with", "missing", "present", "invalid",
    "before", "after", "from", "until",
]  # fmt: skip
Scalar = str | int | float | bool

OPS = cast("tuple[Op, ...]", get_args(Op))
SAME: tuple[Op, ...] = ("eq", "ne", "in")
PARTS: tuple[Op, ...] = ("contains", "starts_with", "ends_with")
WORDS: tuple[Op, ...] = (*PARTS, "not_contains")
FILLED: tuple[Op, ...] = ("missing", "present")
BARE: tuple[Op, ...] = (*FILLED, "invalid")
MOMENTS: tuple[Op, ...] = ("before", "after", "from", "until")
NOT_GIVEN = ""
VALUES = ("value", "values")
_SYNONYMS: dict[Op, str] = {
    "eq": "= == is equals equal",
    "ne": "!= <> not is_not not_equals",
    "in": "any_of one_of",
    "contains": "like ilike includes matches",
    "not_contains": "not_like excludes does_not_contain",
    "missing": "empty is_empty blank null is_null",
    "present": "exists filled not_empty not_null",
    "before": "< lt",
    "after": "> gt",
    "from": ">= gte since not_before",
    "until": "<= lte to not_after",
}
_FLAGS = {"true": True, "false": False}


def _listed(given: object) -> object:
    return () if given is None else (cast("object", given),) if isinstance(given, dict) else given


def _is_one_of_several(given: object, info: ValidationInfo) -> bool:
    """Whether `any` has the conditions, so that this part of one is not needed; an error for both or none."""
    if "any" not in info.data:
        return True
    if info.data["any"] and given not in (NOT_GIVEN, None):
        raise _refusal("stands beside any; put it into one of its conditions")
    if not info.data["any"] and given == NOT_GIVEN:
        raise PydanticKnownError("missing")
    return bool(info.data["any"])


def _checked_field(field: object, info: ValidationInfo) -> object:
    if _is_one_of_several(field, info):
        return NOT_GIVEN
    return known(field) if isinstance(field, str) else field


def _checked_op(op: object, info: ValidationInfo) -> object:
    if _is_one_of_several(op, info):
        return OPS[0]
    if not isinstance(op, str):
        raise _refusal(f"must be text; {_choice(OPS)}")
    if op not in OPS:
        raise _refusal(f"{quote(op)} is unknown; {_op_meant(op)}")
    field = info.data.get("field")
    if field and op == "invalid" and not has_rule(field):
        raise _refusal(f"no rule for this field; fields with a rule: {', '.join(sorted(RULED))}")
    if field and op not in (suited := _ops_of(field)):
        raise _refusal(f"{op} does not suit {field}; {_choice(suited)}")
    return op


def _checked_value(value: object, info: ValidationInfo) -> object:
    has_several = info.data.get("any", True) and _is_one_of_several(value, info)
    if has_several or not {"field", "op"} <= info.data.keys():
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


def _with_values(schema: JsonDict) -> None:
    """Two arguments for what is one here, as some hosts refuse an argument of several types."""
    parts = cast("dict[str, JsonDict]", schema["properties"])
    for part in parts.values():
        part.pop("default", None)
    parts["values"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "for in, instead of value",
    }


class Condition(BaseModel):
    """One condition on one field of a record, or several of which one must hold.

    In a list, one matching entry is enough.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_with_values)

    any: Annotated[
        tuple["Condition", ...],
        BeforeValidator(_listed),
        WithJsonSchema({"type": "array", "items": {"type": "object"}}),
        Field(description="one must hold, instead of field and op"),
    ] = ()
    field: Annotated[str, BeforeValidator(_checked_field)] = Field(
        default=NOT_GIVEN,
        validate_default=True,
    )
    op: Annotated[Op, BeforeValidator(_checked_op), WithJsonSchema({"type": "string"})] = Field(
        default=cast("Op", NOT_GIVEN),
        validate_default=True,
        description="eq, ne, in: whole text in any case, Muenchen is not München (category exactly, ids in "
        "any spelling). contains, not_contains, starts_with, ends_with: ü, ue, u alike. missing, present: "
        "empty or not; ne, not_contains match empty ones, too. invalid: against its rule or doubtful. from, "
        "until: with that day; before, after: without",
    )
    value: Annotated[
        Scalar | tuple[Scalar, ...] | None,
        BeforeValidator(_checked_value),
        WithJsonSchema({"type": "string"}),
    ] = Field(
        default=None,
        validate_default=True,
        description="date: ISO, a day in Germany; time: UTC by default",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        """`values` is another name of `value`."""
        if not isinstance(given, dict) or "values" not in given:
            return cast("object", given)
        condition = cast("dict[str, object]", given)
        value, values = (condition.get(name) for name in VALUES)
        if value is not None and values is not None:
            raise _refusal("give value or values, not both")
        rest = {name: part for name, part in condition.items() if name not in VALUES}
        return rest | {"value": value if values is None else values}

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it reads."""
        return tuple(field for one in self.any for field in one.fields) if self.any else (self.field,)

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
        return (*SAME, *WORDS, *FILLED, *MOMENTS)
    return (*SAME, *WORDS, *(BARE if has_rule(field) else FILLED))


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
    if not reading(field, part=op in WORDS)(text(one)).strip():
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
