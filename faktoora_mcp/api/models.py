"""What we send to the API: strict, with the field rules applied."""
# ruff: noqa: N815 (record fields carry the API's own names)

from collections.abc import Mapping
from types import NoneType
from typing import Annotated, Literal, Self, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StrictBool,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from faktoora_mcp.rules import validation
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.settings import PAGE_SIZE, WALK_PAGE_SIZE

SortField = Literal[
    "customerId", "name", "nameAuthorisedSignatory", "address", "phoneNo", "category", "isCompany", "email",
    "faktooraId", "vatId", "taxId", "invoiceProfile", "supplierNumber", "routeId", "peppolId", "createdAt",
    "updatedAt",
]  # fmt: skip
Order = Literal["asc", "desc"]
Relation = Literal[
    "user", "legalform", "importedFile", "customerContacts", "invoiceTemplate", "customerDeliveryAddresses"
]
EntryList = Literal["customerContacts", "deliveryAddresses", "extras"]
API_OWNED = ("id", "faktooraId", "user", "importedFile", "invoiceTemplate", "createdAt", "updatedAt")
"""Fields of a record that only the API sets."""


def refusal(finding: Finding) -> PydanticCustomError:
    """The error of a model that carries a finding, as `finding` in its context."""
    return PydanticCustomError("field_rule", "breaks a rule", {"finding": finding})


def _ruled(value: object, info: ValidationInfo) -> object:
    verdict = validation.judge(str(info.field_name), value, info.data.get("country"))
    if verdict.error:
        raise refusal(verdict.error)
    return verdict.value


def _typed(value: object, info: ValidationInfo) -> object:
    if value is not None and (error := validation.type_error(str(info.field_name), value)):
        raise refusal(error)
    return value


def _entry_id(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (str, int, NoneType)):
        raise PydanticCustomError("entry_id", "must be text or a whole number")
    return value


Text = Annotated[str | None, BeforeValidator(_ruled)]
EntryText = Annotated[str | None, BeforeValidator(_typed)]
"""A text in an entry of a change: what is stored already is not judged again, so the record is needed."""
RequiredText = Annotated[str, BeforeValidator(_ruled)]
EntryId = Annotated[str | int | None, BeforeValidator(_entry_id), WithJsonSchema({"type": "string"})]
Flag = Annotated[StrictBool, BeforeValidator(_ruled)]
Extras = Annotated[dict[str, JsonValue], BeforeValidator(_ruled)]


def _described(text: str) -> str | None:
    return cast("str | None", Field(None, description=text))


class Contact(BaseModel):
    """A contact person; entries the API knows more fields of pass through."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: EntryId = None
    firstName: Text = None
    lastName: Text = None
    email: Text = None
    phoneNo: Text = None
    position: Text = None
    department: Text = None
    note: Text = None


class DeliveryAddress(BaseModel):
    """A delivery address; entries the API knows more fields of pass through."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: EntryId = None
    country: Text = None
    name: Text = None
    address: Text = None
    postcode: Text = None
    city: Text = None
    note: Text = None


class ContactChange(Contact):
    """An entry in a change; it is judged by what differs from the record."""

    firstName: EntryText = None
    lastName: EntryText = None
    email: EntryText = None
    phoneNo: EntryText = None
    position: EntryText = None
    department: EntryText = None
    note: EntryText = None


class DeliveryAddressChange(DeliveryAddress):
    """An entry in a change; it is judged by what differs from the record."""

    country: EntryText = None
    name: EntryText = None
    address: EntryText = None
    postcode: EntryText = None
    city: EntryText = None
    note: EntryText = None


class _CustomerFields(BaseModel):
    """What every customer may have; `country` stands before the fields whose rules look at it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    _as_sent: dict[str, object] = PrivateAttr(default_factory=dict[str, object])

    country: Text = _described("ISO: DE; missing: none assumed")
    name: Text = None
    firstName: Text = None
    lastName: Text = None
    email: Text = None
    customerId: Text = _described("customer number")
    phoneNo: Text = None
    vatId: Text = _described("with prefix: DE123456789")
    taxId: Text = _described("Steuernummer")
    peppolId: Text = _described("0204:991-03730-19")
    glnId: Text = None
    dunsId: Text = None
    routeId: Text = _described("Leitweg-ID, buyer reference")
    invoiceProfile: Text = _described("zf:1, zf:2, xrechnung")
    category: Text = _described("free text")
    nameAuthorisedSignatory: Text = None
    supplierNumber: Text = None
    title: Text = None
    gender: Text = None
    faxNo: Text = None
    note: Text = None
    legalform: Text = _described("an id")
    industry: Text = _described("an id")
    customerContacts: list[Contact] | None = None
    deliveryAddresses: list[DeliveryAddress] | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _keep_as_sent(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        model = handler(data)
        if isinstance(data, Mapping):
            model._as_sent.update(cast("Mapping[str, object]", data))  # noqa: SLF001 (an attribute of its own class)
        return model

    @property
    def as_sent(self) -> dict[str, object]:
        """The fields as they were given, before normalisation."""
        return self._as_sent

    def body(self) -> dict[str, JsonValue]:
        """The JSON object for the API: the fields that were given, normalised."""
        return self.model_dump(mode="json", exclude_unset=True)


class NewCustomer(_CustomerFields):
    """What POST /customer takes; a null counts as not given."""

    isCompany: Flag = Field(description="false: person")
    address: RequiredText = Field(description="street and number")
    postcode: RequiredText = Field(description="DE 5 digits, AT and CH 4")
    city: RequiredText
    extras: Extras = Field(default_factory=dict[str, JsonValue], description="free metadata")

    def body(self) -> dict[str, JsonValue]:
        given = super().body() | {"extras": self.extras}
        return {name: value for name, value in given.items() if value is not None}


class CustomerChanges(_CustomerFields):
    """What PATCH /customer/{id} takes: a null clears a field, what is absent stays."""

    _judged: dict[str, JsonValue] | None = PrivateAttr(default=None)

    isCompany: Flag | None = None
    address: Text = None
    postcode: Text = None
    city: Text = None
    extras: Extras | None = None
    customerContacts: list[ContactChange] | None = None  # pyright: ignore[reportIncompatibleVariableOverride] (frozen)
    deliveryAddresses: list[DeliveryAddressChange] | None = None  # pyright: ignore[reportIncompatibleVariableOverride] (frozen)

    @classmethod
    def judged(cls, values: Mapping[str, JsonValue]) -> Self:
        """Changes that were judged before; entries that stand in the record already are sent as they are."""
        changes = cls.model_construct()
        changes._judged = {**values}  # noqa: SLF001 (an attribute of its own class)
        return changes

    def body(self) -> dict[str, JsonValue]:
        return super().body() if self._judged is None else self._judged

    @field_validator(*validation.REQUIRED, mode="before")
    @classmethod
    def _stays_filled(cls, value: object) -> object:
        if value is None:
            raise refusal(found("required"))
        return value


class CustomerQuery(BaseModel):
    """The query of GET /customers: pages count from 1, a page holds 1 to 1000 customers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keywords: tuple[str, ...] = ()
    page: int = Field(default=1, ge=1)
    per_page: int = Field(default=PAGE_SIZE, ge=1, le=WALK_PAGE_SIZE)
    sort: SortField | None = None
    order: Order | None = None
    category: str | None = None
    relation_fields: tuple[Relation, ...] = ()

    def params(self) -> list[tuple[str, str]]:
        """Names and values in the order of the specification's example."""
        paging = [("page", str(self.page)), ("perPage", str(self.per_page))]
        single = [("sort", self.sort), ("order", self.order), ("category", self.category)]
        return [
            *(("keywords[]", word) for word in self.keywords),
            *paging,
            *((name, value) for name, value in single if value is not None),
            *relation_params(self.relation_fields),
        ]


def relation_params(relations: tuple[Relation, ...]) -> list[tuple[str, str]]:
    return [("relationFields[]", relation) for relation in relations]


WRITABLE = (*NewCustomer.model_fields,)
"""Every field of a record that we know how to write; the API may send more."""
