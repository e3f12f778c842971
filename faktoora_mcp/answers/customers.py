"""What the agent reads: tables, details and outcomes, without nulls and within the byte budget."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

from pydantic import JsonValue

from faktoora_mcp.api.models import Relation
from faktoora_mcp.api.outcomes import Found
from faktoora_mcp.api.records import Customer, CustomerPage, record_key

from .budget import (
    CELL_CHARS,
    CHOSEN_CHARS,
    DETAIL_CHARS,
    REMARK_BYTES,
    ROOM_BYTES,
    cell,
    first,
    fitted,
    fitted_row,
    rows_that_fit,
    shown,
    size,
)

DEFAULT_COLUMNS = ("id", "customerId", "name", "postcode", "city", "country", "email")
EVERYTHING = "*"
BOOKKEEPING = ("faktooraId", "createdAt", "updatedAt")
"""What the API notes for itself: shown where somebody asks for it or for everything."""


@dataclass(kw_only=True)
class Summary:
    """An answer; what is None or holds nothing worth saying is left out."""

    def answer(self) -> dict[str, JsonValue]:
        """The JSON that the agent reads."""
        return {name: _json(value) for name, value in vars(self).items() if value is not None}


@dataclass(kw_only=True)
class CustomerTable(Summary):
    """One page of customers; the last one has no `nextPage`."""

    columns: list[str]
    rows: list[list[JsonValue]]
    page: int
    perPage: int
    totalItems: int | None = None
    nextPage: int | None = None

    @classmethod
    def of(cls, page: CustomerPage, relations: Iterable[Relation] = (), columns: Iterable[str] = ()) -> Self:
        """The page, or as much of it as fits, counted so that following nextPage visits everybody once."""
        names = _columns(page.customers, relations, tuple(columns))
        rows = [row(customer, names) for customer in page.customers]
        shown_names = [cell(name) for name in names]
        room = ROOM_BYTES - size(shown_names)
        count = rows_that_fit(rows, page.per_page, room)
        number = (page.page - 1) * (page.per_page // count) + 1
        more = len(rows) > count or page.next_page is not None
        return cls(
            columns=shown_names,
            rows=rows[:count] if count > 1 else [fitted_row(cells, room) for cells in rows[:1]],
            page=number,
            perPage=count,
            totalItems=page.total_items,
            nextPage=number + 1 if more else None,
        )


@dataclass(kw_only=True)
class CustomerDetail(Summary):
    """A record without its nulls; `notLoaded` names relations that the API does not give."""

    customer: dict[str, JsonValue]
    notLoaded: list[str] | None = None

    @classmethod
    def of(cls, found: Found, columns: Sequence[str] = ()) -> Self:
        """What the record says, all that is filled, or the chosen fields and relations with longer texts."""
        record = found.customer.record
        if EVERYTHING in columns:
            detail = fitted(record, DETAIL_CHARS)
        elif columns:
            names = (*columns, *found.relations)
            detail = fitted({name: _value(found.customer, name) for name in names}, CHOSEN_CHARS)
        else:
            detail = fitted(_telling(record), DETAIL_CHARS)
        return cls(customer=detail, notLoaded=list(found.not_loaded) or None)


@dataclass(kw_only=True)
class NumberGenerated(Summary):
    """The next free number, not reserved."""

    number: str

    @classmethod
    def of(cls, number: str) -> Self:
        return cls(number=cell(number))


@dataclass(kw_only=True)
class NumberVerified(Summary):
    """Whether a number is free; `holder` where it is not and the holder was found."""

    number: str
    available: bool
    holder: dict[str, JsonValue] | None = None
    note: str | None = None

    @classmethod
    def of(cls, number: str, holder: Customer | None, *, available: bool) -> Self:
        hidden = "In use, but the search shows no holder." if not (available or holder) else None
        seen = fitted(holder.reduced(), CELL_CHARS) if holder else None
        return cls(number=cell(number), available=available, holder=seen, note=hidden)


def _columns(
    customers: Sequence[Customer], relations: Iterable[Relation], chosen: tuple[str, ...]
) -> list[str]:
    if EVERYTHING in chosen:
        filled = (
            key for customer in customers for key, value in customer.record.items() if value is not None
        )
        names = list(dict.fromkeys(("id", "customerId", "name", *filled)))
        return first(names, ROOM_BYTES, beside=REMARK_BYTES)
    return list(dict.fromkeys((*(chosen or DEFAULT_COLUMNS), *map(record_key, relations))))


def _json(value: object) -> JsonValue:
    if isinstance(value, Summary):
        return value.answer()
    items = cast("list[object]", value) if isinstance(value, list) else []
    return (
        [_json(item) for item in items]
        if items and isinstance(items[0], Summary)
        else cast("JsonValue", value)
    )


def row(customer: Customer, columns: Iterable[str]) -> list[JsonValue]:
    return [shown(_value(customer, column), CELL_CHARS) for column in columns]


def _telling(record: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in record.items() if name not in BOOKKEEPING and value != {}}


def _value(customer: Customer, column: str) -> JsonValue:
    return customer.name if column == "name" else customer.record.get(column)
