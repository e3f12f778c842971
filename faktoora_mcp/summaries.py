"""What the agent reads: tables, details and outcomes, without nulls and within the byte budget."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Literal, Self, TypedDict, cast

from pydantic import BaseModel, JsonValue, SerializerFunctionWrapHandler, model_serializer

from .models import Relation
from .outcomes import Created, Found, Imported, Pairs, Updated
from .records import Customer, CustomerPage, record_key
from .shapes import (
    CELL_CHARS,
    CHOSEN_CHARS,
    DETAIL_CHARS,
    REMARK_BYTES,
    ROOM_BYTES,
    cell,
    first,
    fitted,
    fitted_pairs,
    fitted_row,
    rows_that_fit,
    shown,
    size,
)

DEFAULT_COLUMNS = ("id", "customerId", "name", "postcode", "city", "country", "email")
EVERYTHING = "*"
FIRST_ROWS = 10
DOUBTFUL_ROWS = 20
NOTE_BYTES = ROOM_BYTES // 7
"""What each kind of note beside a record may take; changed values and imported rows take up to three."""
UNCHANGED = "Nothing to change: the record is so already, nothing was sent."


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
        shown_names = [cell(name) for name in names]
        room = ROOM_BYTES - size(shown_names)
        count = rows_that_fit(rows, page.per_page, room)
        number = (page.page - 1) * (page.per_page // count) + 1
        more = len(rows) > count or page.next_page is not None
        return cls(
            columns=shown_names,
            rows=[fitted_row(row, room) for row in rows[:count]],
            page=number,
            perPage=count,
            totalItems=page.total_items,
            nextPage=number + 1 if more else None,
        )


class CustomerDetail(Summary):
    """A record without its nulls; `notLoaded` names relations that the API does not give."""

    customer: dict[str, JsonValue]
    notLoaded: list[str] | None = None

    @classmethod
    def of(cls, found: Found, columns: Sequence[str] = ()) -> Self:
        """The record, or the chosen fields of it and the relations, then with longer texts."""
        names = () if EVERYTHING in columns or not columns else (*columns, *found.relations)
        chosen = {name: _value(found.customer, name) for name in names}
        detail = fitted(chosen, CHOSEN_CHARS) if names else fitted(found.customer.record, DETAIL_CHARS)
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
        notes = _notes(created)
        return cls(customer=fitted(created.customer.record, DETAIL_CHARS, ROOM_BYTES - size(notes)), **notes)


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
        return cls(
            id=cell(who.id),
            customerId=_text(who.number),
            name=_text(who.name),
            changed=fitted_pairs(updated.changed, 3 * NOTE_BYTES),
            note=_note(updated),
            **_notes(updated),
        )


class CustomerDeleted(Summary):
    """The record that is gone."""

    deleted: dict[str, JsonValue]
    sandbox: bool | None = None

    @classmethod
    def of(cls, customer: Customer) -> Self:
        return cls(deleted=fitted(customer.record, DETAIL_CHARS))


class NumberGenerated(Summary):
    """The next free number, not reserved."""

    number: str

    @classmethod
    def of(cls, number: str) -> Self:
        return cls(number=cell(number))


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
            rows=[
                fitted_row(_row(customer, names), 3 * NOTE_BYTES // FIRST_ROWS)
                for customer in imported.customers[:FIRST_ROWS]
            ],
            doubtful=_first_doubtful(imported.doubtful[:DOUBTFUL_ROWS]),
            doubtfulTotal=len(imported.doubtful),
        )


class _Notes(TypedDict):
    ignored: dict[str, list[JsonValue]] | None
    warnings: list[str] | None
    normalized: dict[str, list[JsonValue]] | None


def _notes(outcome: Created | Updated) -> _Notes:
    return {
        "ignored": fitted_pairs(outcome.ignored, NOTE_BYTES) or None,
        "warnings": _lines(outcome.review.warnings, NOTE_BYTES) or None,
        "normalized": fitted_pairs(cast("Pairs", outcome.review.normalized), NOTE_BYTES) or None,
    }


def _note(updated: Updated) -> str | None:
    if updated.unseen:
        return f"Sent, but the API does not show what it holds now: {', '.join(updated.unseen)}."
    return None if updated.changed or updated.ignored else UNCHANGED


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


def _row(customer: Customer, columns: Iterable[str]) -> list[JsonValue]:
    return [shown(_value(customer, column), CELL_CHARS) for column in columns]


def _value(customer: Customer, column: str) -> JsonValue:
    return customer.name if column == "name" else customer.record.get(column)


def _first_doubtful(found: Sequence[tuple[Customer, list[str]]]) -> list[Doubtful]:
    rows = [
        Doubtful(
            id=cell(customer.id),
            customerId=_text(customer.number),
            name=_text(customer.name),
            problems=_lines(problems, NOTE_BYTES // 2),
        )
        for customer, problems in found
    ]
    ends = accumulate(size(row) + 1 for row in rows)
    return rows[: sum(end <= 3 * NOTE_BYTES for end in ends)]


def _text(text: str | None) -> str | None:
    return None if text is None else cell(text)


def _lines(lines: Sequence[str], room: int) -> list[str]:
    return [cell(line) for line in first(lines, room)]
