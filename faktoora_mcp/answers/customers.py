"""The answers about customers: a table, one record, a number; without nulls and within the byte budget."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

from pydantic import JsonValue

from faktoora_mcp.api.models import Relation
from faktoora_mcp.api.outcomes import Found, Record
from faktoora_mcp.api.records import Customer, CustomerPage, record_key, with_id
from faktoora_mcp.insight.instructions import text_chars

from .budget import (
    CELL_CHARS,
    CHOSEN_CHARS,
    CONTENT_BYTES,
    DETAIL_CHARS,
    PLACEHOLDER_BYTES,
    PagePart,
    bounded_value,
    first_texts,
    fitted_record,
    fitted_row,
    fitted_rows,
    part_that_fits,
    short_text,
    size,
)
from .marks import MARKS_BYTES, METADATA, how_to_read_whole, marked, untrusted_fields, untrusted_rows
from .redaction import NOTHING, redacted_customer, redacted_record, visible

DEFAULT_COLUMNS = ("id", "customerId", "name", "postcode", "city", "country", "email")
EVERYTHING = "*"
OTHER_CASE = "Free, but the number of the customer with id {} differs from it in upper and lower case only."
PARTLY_COMPARED = "Only the first {:,} hits were compared with all keywords; use a more distinctive one."
MORE_THAN_A_PAGE = "Customers {:,} to {:,} of the list; go on with nextPage and perPage."
USER = "user"
OF_A_USER = ("name", "firstName", "lastName", "email")
"""What is shown of the user of faktoora who keeps a customer."""
EMPTY: tuple[JsonValue, ...] = (None, "", [], {})


@dataclass(kw_only=True)
class Answer:
    """What a tool answers; None is left out."""

    def as_json(self) -> dict[str, JsonValue]:
        """The JSON that the agent reads."""
        return {name: _json(value) for name, value in vars(self).items() if value is not None}


@dataclass(kw_only=True)
class CustomerTable(Answer):
    """One page of customers; the last one has no `nextPage`."""

    columns: list[str]
    rows: list[list[JsonValue]]
    page: int
    perPage: int
    totalItems: int | None = None
    nextPage: int | None = None
    untrusted: dict[str, list[str]] | None = None
    note: str | None = None

    @classmethod
    def of(
        cls,
        page: CustomerPage,
        relations: Iterable[Relation] = (),
        columns: Iterable[str] = (),
        hidden: frozenset[str] = NOTHING,
    ) -> Self:
        """The page, or as much of it as fits; who follows nextPage reads every customer once."""
        names = visible(_columns(page.customers, relations, tuple(columns)), hidden)
        shown = [redacted_customer(customer, hidden) for customer in page.customers[: page.per_page]]
        values = [values_of(customer, names) for customer in shown]
        short_names = [short_text(name) for name in names]
        budget = CONTENT_BYTES - size(short_names)
        cells = [[bounded_value(value, CELL_CHARS) for value in one.values()] for one in values]
        ids = [customer.id for customer in shown]
        part, rows = _part_and_rows(cells, page, budget)
        untrusted = _untrusted(ids, values, rows)
        if untrusted:
            part, rows = _part_and_rows(cells, page, budget - MARKS_BYTES)
            untrusted = _untrusted(ids, values, rows)
        more = len(page.customers) > part.rows or page.next_page is not None
        cut = how_to_read_whole(short_names, rows)
        return cls(
            columns=short_names,
            rows=rows,
            page=part.page,
            perPage=part.per_page,
            totalItems=page.total_items,
            nextPage=part.page + 1 if more else None,
            untrusted=untrusted,
            note=" ".join((*_notes(page, part), *([cut] if cut else []))) or None,
        )


@dataclass(kw_only=True)
class CustomerDetail(Answer):
    """A record without what is empty; `notLoaded` names relations that the API does not give."""

    customer: dict[str, JsonValue]
    notLoaded: list[str] | None = None
    untrusted: list[str] | None = None
    note: str | None = None

    @classmethod
    def of(cls, found: Found, columns: Sequence[str] = (), hidden: frozenset[str] = NOTHING) -> Self:
        """The filled fields (for `*` with metadata), or the chosen fields and relations with longer texts."""
        customer = redacted_customer(found.customer, hidden)
        if EVERYTHING in columns:
            record, limit = presentable(customer.record, customer.record), DETAIL_CHARS
        elif columns:
            names = visible((*with_id(columns), *found.relations), hidden)
            record, limit = values_of(customer, names), CHOSEN_CHARS
        else:
            record, limit = presentable(customer.record, found.relations), DETAIL_CHARS
        detail = fitted_record(record, limit)
        note = how_to_read_whole([*detail], [[*detail.values()]]) if limit < CHOSEN_CHARS else None
        return cls(
            customer=detail,
            notLoaded=[*found.not_loaded] or None,
            untrusted=untrusted_fields(record, detail),
            note=note,
        )


@dataclass(kw_only=True)
class NumberGenerated(Answer):
    """The next free number, not reserved."""

    number: str

    @classmethod
    def of(cls, number: str) -> Self:
        return cls(number=short_text(number))


@dataclass(kw_only=True)
class NumberVerified(Answer):
    """Whether a number is free; `holder` where it is not and the holder was found."""

    number: str
    available: bool
    holder: dict[str, JsonValue] | None = None
    note: str | None = None

    @classmethod
    def free(cls, number: str, in_other_case: Customer | None) -> Self:
        note = OTHER_CASE.format(short_text(in_other_case.id)) if in_other_case else None
        return cls(number=short_text(number), available=True, note=note)

    @classmethod
    def taken(cls, number: str, holder: Customer | None, hidden: frozenset[str] = NOTHING) -> Self:
        reduced = known_as(holder.reduced(), hidden, CONTENT_BYTES) if holder else None
        note = None if holder else "In use, but the search shows no holder."
        return cls(number=short_text(number), available=False, holder=reduced, note=note)


def _notes(page: CustomerPage, part: PagePart) -> Iterator[str]:
    if part.rows > part.per_page:
        last = part.page * part.per_page
        yield MORE_THAN_A_PAGE.format(last - part.rows + 1, last)
    if page.compared:
        yield PARTLY_COMPARED.format(page.compared)


def _columns(
    customers: Sequence[Customer], relations: Iterable[Relation], chosen: tuple[str, ...]
) -> list[str]:
    if EVERYTHING in chosen:
        filled = (
            key for customer in customers for key, value in customer.record.items() if value is not None
        )
        names = list(dict.fromkeys(("id", "customerId", "name", *filled)))
        return first_texts(names, CONTENT_BYTES, overhead=PLACEHOLDER_BYTES)
    return list(dict.fromkeys((*(with_id(chosen) or DEFAULT_COLUMNS), *map(record_key, relations))))


def _json(value: object) -> JsonValue:
    if isinstance(value, Answer):
        return value.as_json()
    items = cast("list[object]", value) if isinstance(value, list) else []
    if items and isinstance(items[0], Answer):
        return [_json(item) for item in items]
    return cast("JsonValue", value)


def row(customer: Customer, columns: Iterable[str]) -> list[JsonValue]:
    return [bounded_value(_value(customer, column), CELL_CHARS) for column in columns]


def presentable(record: Mapping[str, JsonValue], asked: Collection[str] = ()) -> Record:
    """The filled fields of a record, and what was asked for; the user and metadata only if asked for."""
    own = (*METADATA, USER)
    shown = {name: value for name, value in record.items() if value not in EMPTY and name not in own}
    return {name: _told(name, record[name]) for name in record if name in shown or name in asked}


def known_as(record: Mapping[str, JsonValue], hidden: frozenset[str], budget: int) -> Record:
    """What identifies a customer, as far as it may be shown, with its untrusted fields."""
    known = redacted_record(record, hidden)
    return marked(fitted_record(known, CELL_CHARS, budget), known)


def values_of(customer: Customer, columns: Iterable[str]) -> Record:
    return {column: _value(customer, column) for column in columns}


def _part_and_rows(
    cells: list[list[JsonValue]], page: CustomerPage, budget: int
) -> tuple[PagePart, list[list[JsonValue]]]:
    """What fits of a page, and its rows."""
    rows = fitted_rows(cells, budget)
    part = part_that_fits(rows, page.page, page.per_page, budget)
    return part, rows[: part.rows] if part.rows > 1 else [fitted_row(one, budget) for one in rows[:1]]


def _untrusted(
    ids: Sequence[str], values: Sequence[Record], rows: Sequence[Sequence[JsonValue]]
) -> dict[str, list[str]] | None:
    """The marks of the rows that are shown; of very large ones only what is shown is read."""
    judged = values[: len(rows)]
    if sum(map(text_chars, judged)) > CONTENT_BYTES:
        judged = [dict(zip(whole, cells, strict=True)) for whole, cells in zip(judged, rows, strict=True)]
    return untrusted_rows([*zip(ids, judged, strict=False)])


def _value(customer: Customer, column: str) -> JsonValue:
    return customer.name if column == "name" else _told(column, customer.record.get(column))


def _told(name: str, value: JsonValue) -> JsonValue:
    """Of a user only who that is."""
    if name == USER and isinstance(value, dict):
        return {part: value[part] for part in OF_A_USER if value.get(part)}
    return value
