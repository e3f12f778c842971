"""What the agent reads: tables, details and outcomes, without nulls and within the byte budget."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Self, TypedDict, cast

from pydantic import BaseModel, JsonValue, SerializerFunctionWrapHandler, model_serializer

from .models import Customer, CustomerPage, Relation, record_key
from .outcomes import Created, Found, Imported, Updated
from .shapes import CELL_CHARS, CHOSEN_CHARS, DETAIL_CHARS, fitted, fitted_row, rows_that_fit, shown

DEFAULT_COLUMNS = ("id", "customerId", "name", "postcode", "city", "country", "email")
EVERYTHING = "*"
FIRST_ROWS = 10
DOUBTFUL_ROWS = 20


class Summary(BaseModel):
    """An answer; what is None or holds nothing worth saying is left out."""

    @model_serializer(mode="wrap")
    def _without_nulls(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        return {name: value for name, value in handler(self).items() if value is not None}


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
        rows = [_row(customer, names) for customer in page.customers]
        size = rows_that_fit(rows, page.per_page)
        number = (page.page - 1) * (page.per_page // size) + 1
        more = len(rows) > size or page.next_page is not None
        return cls(
            columns=names,
            rows=[fitted_row(row) for row in rows[:size]],
            page=number,
            perPage=size,
            totalItems=page.total_items,
            nextPage=number + 1 if more else None,
        )


class CustomerDetail(Summary):
    """A record without its nulls; `notLoaded` names relations that the API does not give."""

    customer: dict[str, JsonValue]
    notLoaded: list[str] | None = None

    @classmethod
    def of(cls, found: Found, columns: Sequence[str] = ()) -> Self:
        """The record, or the chosen fields of it, then with longer texts."""
        chosen = () if EVERYTHING in columns else (*columns, *found.not_loaded)
        detail = _detail(found.customer, chosen)
        return cls(customer=detail, notLoaded=list(found.not_loaded) or None)


class _Write(Summary):
    """`ignored` pairs what was sent with what the API holds; `normalized` pairs as sent with as written."""

    ignored: dict[str, list[JsonValue]] | None = None
    warnings: list[str] | None = None
    normalized: dict[str, list[JsonValue]] | None = None
    sandbox: bool | None = None


class CustomerCreated(_Write):
    """The record as the API holds it."""

    outcome: Literal["created"] = "created"
    customer: dict[str, JsonValue]

    @classmethod
    def of(cls, created: Created) -> Self:
        return cls(customer=_detail(created.customer), **_notes(created))


class CustomerUpdated(_Write):
    """`changed` pairs old and new values."""

    id: str
    customerId: str | None = None
    name: str | None = None
    changed: dict[str, list[JsonValue]]
    note: str | None = None

    @classmethod
    def of(cls, updated: Updated) -> Self:
        who = updated.customer
        silent = not (updated.changed or updated.ignored)
        return cls(
            id=who.id,
            customerId=_text(who.number),
            name=_text(who.name),
            changed=_pairs(updated.changed),
            note="Nothing to change: the record is so already, nothing was sent." if silent else None,
            **_notes(updated),
        )


class CustomerDeleted(Summary):
    """The record that is gone."""

    deleted: dict[str, JsonValue]
    sandbox: bool | None = None

    @classmethod
    def of(cls, customer: Customer) -> Self:
        return cls(deleted=_detail(customer))


class NumberGenerated(Summary):
    """The next free number, not reserved."""

    number: str


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
        return cls(number=number, available=available, holder=seen, note=hidden)


class Doubtful(Summary):
    """A created record that deserves a look."""

    id: str
    customerId: str | None = None
    name: str | None = None
    problems: list[str]


class CustomersImported(Summary):
    """Counts, the first rows as a table, and the rows that look wrong."""

    imported: int
    totalItemsBefore: int | None = None
    columns: list[str]
    rows: list[list[JsonValue]]
    doubtful: list[Doubtful]
    doubtfulTotal: int
    sandbox: bool | None = None

    @classmethod
    def of(cls, imported: Imported) -> Self:
        names: list[str] = [*DEFAULT_COLUMNS]
        return cls(
            imported=len(imported.customers),
            totalItemsBefore=imported.total_before,
            columns=names,
            rows=[_row(customer, names) for customer in imported.customers[:FIRST_ROWS]],
            doubtful=[_doubtful(*found) for found in imported.doubtful[:DOUBTFUL_ROWS]],
            doubtfulTotal=len(imported.doubtful),
        )


class _Notes(TypedDict):
    ignored: dict[str, list[JsonValue]] | None
    warnings: list[str] | None
    normalized: dict[str, list[JsonValue]] | None


def _notes(outcome: Created | Updated) -> _Notes:
    return {
        "ignored": _pairs(outcome.ignored) or None,
        "warnings": outcome.review.warnings or None,
        "normalized": _pairs(outcome.review.normalized) or None,
    }


def _columns(
    customers: Sequence[Customer], relations: Iterable[Relation], chosen: tuple[str, ...]
) -> list[str]:
    if EVERYTHING in chosen:
        filled = (
            key for customer in customers for key, value in customer.record.items() if value is not None
        )
        return list(dict.fromkeys(("id", "customerId", "name", *filled)))
    return list(dict.fromkeys((*(chosen or DEFAULT_COLUMNS), *map(record_key, relations))))


def _row(customer: Customer, columns: Iterable[str]) -> list[JsonValue]:
    return [shown(_value(customer, column), CELL_CHARS) for column in columns]


def _value(customer: Customer, column: str) -> JsonValue:
    return customer.name if column == "name" else customer.record.get(column)


def _detail(customer: Customer, chosen: Sequence[str] = ()) -> dict[str, JsonValue]:
    record = {key: customer.record.get(key) for key in chosen} if chosen else customer.record
    return fitted(record, CHOSEN_CHARS if chosen else DETAIL_CHARS)


def _doubtful(customer: Customer, problems: list[str]) -> Doubtful:
    return Doubtful(
        id=customer.id, customerId=_text(customer.number), name=_text(customer.name), problems=problems[:5]
    )


def _text(text: str | None) -> str | None:
    return None if text is None else str(shown(text, CELL_CHARS))


def _pairs(pairs: Mapping[str, tuple[object, object]]) -> dict[str, list[JsonValue]]:
    both = {name: cast("list[JsonValue]", list(pair)) for name, pair in pairs.items()}
    return {name: [shown(value, CELL_CHARS) for value in pair] for name, pair in both.items()}
