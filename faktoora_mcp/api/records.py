"""What the API answers: customers and pages of them, read tolerantly, unknown fields kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self, get_args

from pydantic import JsonValue

from faktoora_mcp.rules.validation import ENTRY_FIELDS

from .models import CustomerQuery, Relation

ADDRESSES_RELATION, ADDRESSES_FIELD = "customerDeliveryAddresses", "deliveryAddresses"
_ALWAYS_SHOWN: tuple[Relation, ...] = ("user", "legalform")


def record_key(relation: str) -> str:
    """The field of a record that holds a loaded relation."""
    return ADDRESSES_FIELD if relation == ADDRESSES_RELATION else relation


_RELATIONS: tuple[Relation, ...] = get_args(Relation)
LIST_RELATIONS: tuple[Relation, ...] = tuple(
    relation for relation in _RELATIONS if record_key(relation) in ENTRY_FIELDS
)
LOADED_BY: dict[str, Relation] = {
    record_key(relation): relation
    for relation in sorted(_RELATIONS, key=LIST_RELATIONS.__contains__)
    if relation not in _ALWAYS_SHOWN
}
"""Fields that a record shows only when a relation is requested, single values before lists."""


REDUCED_FIELDS = ("id", "customerId", "name", "postcode", "city")


def with_id(fields: Sequence[str]) -> tuple[str, ...]:
    """The fields, after the id where they lack it; without fields none."""
    return ("id", *fields) if fields and "id" not in fields else (*fields,)


def with_relations_of(fields: Collection[str], relations: tuple[Relation, ...] = ()) -> tuple[Relation, ...]:
    """The relations, and those that the fields need."""
    needed: list[Relation] = [LOADED_BY[name] for name in LOADED_BY if name in fields]
    return (*relations, *(relation for relation in needed if relation not in relations))


@dataclass(frozen=True, slots=True)
class Customer:
    """A record as the API sent it, unknown fields and nulls included."""

    record: dict[str, JsonValue]

    @classmethod
    def read(cls, body: JsonValue) -> Self:
        """Read one record, delivery addresses as `deliveryAddresses`. ValueError for anything else."""
        if not (isinstance(body, dict) and isinstance(body.get("id"), (str, int)) and body["id"] != ""):
            raise ValueError("a customer is a JSON object with an id")
        if ADDRESSES_RELATION not in body:
            return cls(body)
        record = dict(body)
        loaded = record.pop(ADDRESSES_RELATION)
        addresses = record.get(ADDRESSES_FIELD) if loaded is None else loaded
        return cls(record | {ADDRESSES_FIELD: addresses})

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
        if name := self._text("name"):
            return name
        return " ".join(filter(None, (self._text("firstName"), self._text("lastName")))) or None

    def reduced(self) -> dict[str, JsonValue]:
        """The fields that identify a customer: all that is shown of a record that was not asked for."""
        own: dict[str, JsonValue] = {"id": self.id, "customerId": self.number, "name": self.name}
        values = {field: own.get(field, self.record.get(field)) for field in REDUCED_FIELDS}
        return {field: value for field, value in values.items() if value is not None}

    def addressed(self) -> dict[str, JsonValue]:
        """The reduced fields with the address, by which people tell customers of one name apart."""
        address = self.record.get("address")
        return self.reduced() | ({"address": address} if isinstance(address, str) and address else {})

    def _text(self, field: str) -> str | None:
        value = self.record.get(field)
        return None if value is None else str(value).strip() or None


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """One page of customers; `total_items` is None where the API gives no total.

    `compared` counts the search hits that were compared with every keyword, where there are more.
    """

    customers: tuple[Customer, ...]
    page: int
    per_page: int
    total_items: int | None = None
    compared: int | None = None

    @classmethod
    def read(cls, body: JsonValue, query: CustomerQuery, total_header: str | None = None) -> Self:
        """Read one of the three list envelopes. ValueError for anything else."""
        rows, meta = _unwrapped(body)
        total = _total(meta, total_header)
        given = _count(meta.get("perPage", meta.get("pageSize")))
        return cls(
            tuple(Customer.read(row) for row in rows),
            page=_count(meta.get("page")) or query.page,
            per_page=given or _size_of(len(rows), query, total),
            total_items=total,
        )

    @property
    def next_page(self) -> int | None:
        """The page after this one, or None when this is the last (or, without totals, not full)."""
        listed = (self.page - 1) * self.per_page + len(self.customers)
        full = len(self.customers) >= self.per_page
        more = full if self.total_items is None else bool(self.customers) and listed < self.total_items
        return self.page + 1 if more else None


def _size_of(rows: int, query: CustomerQuery, total: int | None) -> int:
    """Customers on a page where the API does not say it: fewer than asked if a first page was cut short."""
    cut_short = query.page == 1 and 0 < rows < query.per_page and total is not None and rows < total
    return rows if cut_short else query.per_page


def rows_of(body: JsonValue) -> list[JsonValue]:
    """The rows of a list in any envelope. ValueError for anything else."""
    return _unwrapped(body)[0]


def total_of(body: JsonValue, total_header: str | None = None) -> int | None:
    """How many rows there are on all pages, if the API says so. ValueError as above."""
    return _total(_unwrapped(body)[1], total_header)


def _unwrapped(body: JsonValue) -> tuple[list[JsonValue], dict[str, JsonValue]]:
    match body:
        case list():
            return body, {}
        case {"data": list(rows)} | {"results": list(rows)}:
            meta = body.get("meta", body.get("pagination"))
            return rows, meta if isinstance(meta, dict) else {}
        case _:
            raise ValueError("a list of customers comes in data, in results or as a bare array")


def _total(meta: dict[str, JsonValue], header: str | None) -> int | None:
    return _count(meta.get("totalItems", meta.get("rowCount", header)))


def _count(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
