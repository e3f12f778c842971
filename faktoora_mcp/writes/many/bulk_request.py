"""What is to change for many customers at once, and for whom."""

from dataclasses import dataclass
from typing import Annotated, LiteralString, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import InvalidInput
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.rules.validation import ENTRY_FIELDS, nearest
from faktoora_mcp.writes.equality import same
from faktoora_mcp.writes.update import Revision

SINGLE = ("customerId", *ENTRY_FIELDS)
"""Fields that differ from customer to customer, and are changed one customer at a time."""
TEXTS = tuple(name for name in CustomerChanges.model_fields if name not in (*SINGLE, "isCompany", "extras"))
EXTRAS = "extras."
NOTHING = CustomerChanges()
ONE_BY_ONE = "differs from customer to customer; use update_customer"
EVERYBODY = 'For all customers: where [{"field":"id","op":"present"}].'


def _replaceable(field: str) -> str:
    if field in TEXTS or (field.startswith(EXTRAS) and field != EXTRAS):
        return field
    near = nearest(field, TEXTS)
    hint = f"; did you mean {near}?" if near else f": {', '.join(TEXTS)}, extras.KEY"
    raise PydanticCustomError(
        "not_replaceable", "{reason}", {"reason": f"is no text field that many share{hint}"}
    )


class Replacement(BaseModel):
    """One text of a field, replaced by another wherever it is the whole value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Annotated[str, AfterValidator(_replaceable)] = Field(description="or extras.KEY")
    old: str = Field(alias="from", min_length=1, description="whole value, exactly")
    new: str = Field(alias="to", min_length=1)

    @model_validator(mode="after")
    def _follows_the_rules(self) -> Self:
        try:
            _ = self.changes
        except ValidationError as exc:
            error = exc.errors(include_url=False)[0]
            raise PydanticCustomError(
                cast("LiteralString", error["type"]), cast("LiteralString", error["msg"]), error.get("ctx")
            ) from None
        return self

    @property
    def changes(self) -> CustomerChanges:
        name, _, key = self.field.partition(".")
        return CustomerChanges.model_validate({name: {key: self.new} if key else self.new})

    def applies_to(self, customer: Customer) -> bool:
        name, _, key = self.field.partition(".")
        held = customer.record.get(name)
        if key:
            held = held.get(key) if isinstance(held, dict) else None
        return isinstance(held, str) and same(name, self.old, held)


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The customers that meet the conditions or have these ids, and the changes or the replacement."""

    where: tuple[Condition, ...] = ()
    ids: tuple[str, ...] = ()
    changes: CustomerChanges = NOTHING
    replace: Replacement | None = None

    def check(self) -> None:
        """InvalidInput unless it says once for whom and once what."""
        if bool(self.where) == bool(self.ids) and not (self.replace and not self.ids):
            raise _refusal("ids", "give either where or ids, one of them", EVERYBODY)
        if bool(self.changes.as_sent) == bool(self.replace):
            raise _refusal("changes", "give either changes or replace, one of them")
        if single := [name for name in self._given if name in SINGLE]:
            raise _refusal(f"changes.{single[0]}", ONE_BY_ONE)

    @property
    def wanted(self) -> CustomerChanges:
        return self.replace.changes if self.replace else self.changes

    @property
    def names(self) -> set[str]:
        """The fields that a record has to show."""
        return {*self._given}

    @property
    def judged(self) -> tuple[str, ...]:
        """The fields whose values decide who is meant."""
        return (
            *(field for condition in self.where for field in condition.fields),
            *([self.replace.field] if self.replace else ()),
        )

    def means(self, customer: Customer) -> bool:
        """Whether what is to be replaced is there."""
        return self.replace is None or self.replace.applies_to(customer)

    @property
    def _given(self) -> Record:
        return Revision(self.wanted).given


def _refusal(field: str, reason: str, advice: str = "Correct this and call again.") -> InvalidInput:
    return InvalidInput("Nothing was sent.", fields={field: reason}, advice=advice)
