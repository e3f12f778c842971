"""The shapes of the API: what we send is strict, what we receive is read tolerantly."""
# ruff: noqa: N815 (record fields carry the API's own names)

from collections.abc import Mapping
from dataclasses import dataclass
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
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from . import fields

SortField = Literal[
    "customerId", "name", "nameAuthorisedSignatory", "address", "phoneNo", "category", "isCompany", "email",
    "faktooraId", "vatId", "taxId", "invoiceProfile", "supplierNumber", "routeId", "peppolId", "createdAt",
    "updatedAt",
]  # fmt: skip
Order = Literal["asc", "desc"]
Relation = Literal[
    "user", "legalform", "importedFile", "customerContacts", "invoiceTemplate", "customerDeliveryAddresses"
]
API_OWNED = ("id", "faktooraId", "user", "importedFile", "invoiceTemplate", "createdAt", "updatedAt")
"""Fields of a record that only the API sets."""


def record_key(relation: str) -> str:
    """Where a loaded relation stands in a record."""
    return "deliveryAddresses" if relation == "customerDeliveryAddresses" else relation


def _ruled(value: object, info: ValidationInfo) -> object:
    verdict = fields.judge(str(info.field_name), value, info.data.get("country"))
    if verdict.error:
        raise PydanticCustomError("field_rule", "{reason}", {"reason": verdict.error})
    return verdict.value


Text = Annotated[str | None, BeforeValidator(_ruled)]
RequiredText = Annotated[str, BeforeValidator(_ruled)]
Flag = Annotated[StrictBool, BeforeValidator(_ruled)]
Extras = Annotated[dict[str, JsonValue], BeforeValidator(_ruled)]


def _described(text: str) -> str | None:
    return cast("str | None", Field(None, description=text))


class Contact(BaseModel):
    """A contact person; entries the API knows more fields of pass through."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: JsonValue = None
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

    id: JsonValue = None
    country: Text = None
    name: Text = None
    address: Text = None
    postcode: Text = None
    city: Text = None
    note: Text = None


class _CustomerFields(BaseModel):
    """What every customer may have; `country` stands before the fields whose rules look at it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    _as_sent: dict[str, object] = PrivateAttr(default_factory=dict[str, object])

    country: Text = _described("ISO 3166-1 alpha-2: DE, AT, CH")
    name: Text = _described("company name")
    firstName: Text = _described("individuals")
    lastName: Text = _described("individuals")
    email: Text = None
    customerId: Text = _described("customer number")
    phoneNo: Text = None
    vatId: Text = _described("with prefix: DE123456789, ATU12345678, CHE123456789")
    taxId: Text = _described("Steuernummer")
    peppolId: Text = _described("scheme:value, 0204:991-03730-19")
    glnId: Text = _described("13 digits")
    dunsId: Text = _described("9 digits")
    routeId: Text = _described("Leitweg-ID or other buyer reference")
    invoiceProfile: Text = _described("zf:1, zf:2, xrechnung")
    category: Text = None
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
            model._as_sent.update(cast("Mapping[str, object]", data))  # noqa: SLF001 (its own class)
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

    isCompany: Flag = Field(description="true: company, false: individual")
    address: RequiredText = Field(description="street and number")
    postcode: RequiredText = Field(description="text; DE 5 digits, AT and CH 4")
    city: RequiredText
    extras: Extras = Field(default_factory=dict[str, JsonValue], description="metadata")

    def body(self) -> dict[str, JsonValue]:
        given = super().body() | {"extras": self.extras}
        return {name: value for name, value in given.items() if value is not None}


class CustomerChanges(_CustomerFields):
    """What PATCH /customer/{id} takes: a null clears a field, what is absent stays."""

    isCompany: Flag | None = None
    address: Text = None
    postcode: Text = None
    city: Text = None
    extras: Extras | None = None

    @field_validator(*fields.REQUIRED, mode="before")
    @classmethod
    def _stays_filled(cls, value: object) -> object:
        if value is None:
            raise PydanticCustomError("not_clearable", "is required and cannot be cleared")
        return value


class CustomerQuery(BaseModel):
    """The query of GET /customers: pages count from 1, a page holds 1..100 customers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keywords: tuple[str, ...] = ()
    page: int = Field(default=1, ge=1)
    per_page: int = Field(default=20, ge=1, le=100)
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
RECORD_FIELDS = (*API_OWNED[:1], *WRITABLE, *API_OWNED[1:])
"""Every field of a record that is known by name; the API may send more."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A record as the API sent it, unknown fields and nulls included."""

    record: dict[str, JsonValue]

    @classmethod
    def read(cls, body: JsonValue) -> Self:
        """Read one record; ValueError when it is none. Delivery addresses get their one name."""
        if not (isinstance(body, dict) and isinstance(body.get("id"), (str, int)) and body["id"] != ""):
            raise ValueError("a customer is a JSON object with an id")
        nulls_first = sorted(body.items(), key=lambda field: field[1] is not None)
        return cls({record_key(name): value for name, value in nulls_first})

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def number(self) -> str | None:
        """The customer number, which the API calls customerId."""
        return self._text("customerId")

    @property
    def name(self) -> str | None:
        """The display name: name, or else first and last name."""
        person = " ".join(filter(None, (self._text("firstName"), self._text("lastName"))))
        return self._text("name") or person or None

    def reduced(self) -> dict[str, JsonValue]:
        """What tells customers apart; all that is ever shown of a record nobody asked for."""
        shown = {"id": self.id, "customerId": self.number, "name": self.name}
        place = {key: self.record.get(key) for key in ("postcode", "city")}
        return {key: value for key, value in (shown | place).items() if value is not None}

    def _text(self, field: str) -> str | None:
        value = self.record.get(field)
        return None if value is None else str(value).strip() or None


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """One page of customers; totals are None where the API does not tell them."""

    customers: tuple[Customer, ...]
    page: int
    per_page: int
    total_items: int | None = None

    @classmethod
    def read(cls, body: JsonValue, query: CustomerQuery, total_header: str | None = None) -> Self:
        """Read any of the three list envelopes; ValueError when it is none of them."""
        rows, meta = _unwrapped(body)
        return cls(
            tuple(Customer.read(row) for row in rows),
            page=_count(meta.get("page")) or query.page,
            per_page=_count(meta.get("perPage", meta.get("pageSize"))) or query.per_page,
            total_items=_count(meta.get("totalItems", meta.get("rowCount", total_header))),
        )

    @property
    def next_page(self) -> int | None:
        """The page after this one, or None when this is the last (or, without totals, not full)."""
        seen = (self.page - 1) * self.per_page + len(self.customers)
        full = len(self.customers) >= self.per_page
        more = full if self.total_items is None else bool(self.customers) and seen < self.total_items
        return self.page + 1 if more else None


def rows_of(body: JsonValue) -> list[JsonValue]:
    """The rows of a list in any envelope; ValueError when it is none."""
    return _unwrapped(body)[0]


def _unwrapped(body: JsonValue) -> tuple[list[JsonValue], dict[str, JsonValue]]:
    match body:
        case list():
            return body, {}
        case {"data": list(rows)} | {"results": list(rows)}:
            meta = body.get("meta", body.get("pagination"))
            return rows, meta if isinstance(meta, dict) else {}
        case _:
            raise ValueError("a list of customers comes in data, in results or as a bare array")


def _count(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
