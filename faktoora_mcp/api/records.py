"""What we receive from the API: read tolerantly, unknown fields kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from .models import CustomerQuery, Relation

RELATION, ONE_NAME = "customerDeliveryAddresses", "deliveryAddresses"


def record_key(relation: str) -> str:
    """Where a loaded relation stands in a record."""
    return ONE_NAME if relation == RELATION else relation


_LOADED: tuple[Relation, ...] = (
    "importedFile", "invoiceTemplate", "customerContacts", "customerDeliveryAddresses",
)  # fmt: skip
LOADED_BY: dict[str, Relation] = {record_key(relation): relation for relation in _LOADED}
"""Fields that a record shows only when a relation is asked for."""


def with_relations_of(fields: Iterable[str], relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """The relations, and those without which the chosen fields would look empty."""
    needed: list[Relation] = [relation for name, relation in LOADED_BY.items() if name in set(fields)]
    return (*relations, *(relation for relation in needed if relation not in relations))


@dataclass(frozen=True, slots=True)
class Customer:
    """A record as the API sent it, unknown fields and nulls included."""

    record: dict[str, JsonValue]

    @classmethod
    def read(cls, body: JsonValue) -> Self:
        """Read one record; ValueError when it is none. Delivery addresses get their one name."""
        if not (isinstance(body, dict) and isinstance(body.get("id"), (str, int)) and body["id"] != ""):
            raise ValueError("a customer is a JSON object with an id")
        if RELATION not in body:
            return cls(body)
        under = body[RELATION] if body[RELATION] is not None else body.get(ONE_NAME)
        return cls({name: body[name] for name in body if name != RELATION} | {ONE_NAME: under})

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
