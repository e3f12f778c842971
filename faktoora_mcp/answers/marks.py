"""What an answer says about texts in it: which seem to speak to a language model, and which were cut."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from pydantic import JsonValue
from pydantic_core import to_json

from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.insight.instructions import instructing_fields, instructing_records, text_chars

from .budget import (
    CELL_CHARS,
    CHOSEN_CHARS,
    CONTENT_BYTES,
    DETAIL_CHARS,
    bounded_value,
    first_texts,
    fitted_record,
    short_text,
    size,
)

METADATA = ("faktooraId", "createdAt", "updatedAt")
"""What the API keeps for itself; nobody else writes into it."""
UNTRUSTED = "untrusted"
ANY_ROW = "*"
"""Stands for every id where the marks of single rows would not fit."""
MARKS_BYTES = CONTENT_BYTES // 8
READ_WHOLE = "Values were cut: get_customer with fields {} shows up to {:,} characters of each."
_UNWRITTEN = ("id", *METADATA)
_TEXTS = (str, list, dict)
_CUT = re.compile(r"\[[\d,]+ (?:more characters|more entries|bytes left out)\]")


def untrusted_fields(record: Mapping[str, JsonValue], shown: Iterable[str] | None = None) -> list[str] | None:
    """The shown fields whose text seems to speak to a language model; None where none does."""
    names = record.keys() if shown is None else shown
    judged = {name: record[name] for name in names if name in record and name not in _UNWRITTEN}
    return first_texts(instructing_fields(_bounded(judged)), MARKS_BYTES) or None


def untrusted_in(record: Mapping[str, JsonValue], *parts: Mapping[str, JsonValue] | None) -> list[str] | None:
    """The same for an answer that shows a record and, in its parts, other values by field."""
    values: dict[str, list[JsonValue]] = {}
    for part in filter(None, parts):
        for name in part.keys() - _UNWRITTEN:
            values.setdefault(name, []).append(part[name])
    shown = instructing_fields(cast("Record", values))
    fields = dict.fromkeys([*(untrusted_fields(record) or ()), *sorted(shown)])
    return first_texts([*fields], MARKS_BYTES) or None


def _bounded(record: Record) -> Record:
    """As much as one answer can show, since a closer look at megabytes would take minutes."""
    if text_chars(record) <= CONTENT_BYTES:
        return record
    for limit in (CHOSEN_CHARS, DETAIL_CHARS):
        whole = {name: bounded_value(value, limit) for name, value in record.items()}
        if size(whole) <= CONTENT_BYTES:
            return whole
    return fitted_record(record, CELL_CHARS)


def marked(shown: Record, record: Mapping[str, JsonValue]) -> Record:
    """The record as it is shown, with its untrusted fields."""
    fields = untrusted_fields(record, shown)
    return {**shown, UNTRUSTED: [*fields]} if fields else shown


def untrusted_rows(rows: Sequence[tuple[str, Mapping[str, JsonValue]]]) -> dict[str, list[str]] | None:
    """By id the fields of the shown records that are untrusted, or those of all together if they are many."""
    judged = [
        {
            name: value
            for name, value in record.items()
            if isinstance(value, _TEXTS) and name not in _UNWRITTEN
        }
        for _, record in rows
    ]
    marks = {
        short_text(customer): fields
        for (customer, _), fields in zip(rows, instructing_records(judged), strict=True)
        if fields
    }
    if size(marks) <= MARKS_BYTES:
        return marks or None
    every = dict.fromkeys(name for fields in marks.values() for name in fields)
    return {ANY_ROW: first_texts([*every], MARKS_BYTES)}


def how_to_read_whole(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]]) -> str | None:
    """What to call for the values that were cut; None where none was."""
    if not _CUT.search(to_json(rows).decode()):
        return None
    cut = [
        column
        for place, column in enumerate(columns)
        if any(_is_cut(row[place]) for row in rows if row[place:])
    ]
    names = to_json(first_texts([name for name in cut if name != "id"], MARKS_BYTES // 4)).decode()
    return READ_WHOLE.format(names, CHOSEN_CHARS)


def _is_cut(value: JsonValue) -> bool:
    return _CUT.search(to_json(value).decode()) is not None
