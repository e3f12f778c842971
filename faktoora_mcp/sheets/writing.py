"""Customers written to a file: a CSV table for Excel, or JSON lines."""

import csv
import json
import re
from collections.abc import Callable, Collection, Sequence
from typing import TextIO

from pydantic import JsonValue

Record = dict[str, JsonValue]
Write = Callable[[Record], object]
COLUMNS = (
    "id", "customerId", "isCompany", "name", "firstName", "lastName", "title", "gender",
    "address", "postcode", "city", "country", "email", "phoneNo", "faxNo",
    "vatId", "taxId", "glnId", "dunsId", "peppolId", "routeId", "faktooraId", "invoiceProfile",
    "category", "supplierNumber", "nameAuthorisedSignatory", "legalform", "industry", "note", "extras",
    "createdAt", "updatedAt",
)  # fmt: skip
"""Every field of a record that fits into a cell; the API lists no contacts and other related data."""
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_HARMLESS = re.compile(r" *[+-](?:[0-9][0-9 ()]*|[0-9]+[.,][0-9]+)")
"""Phone numbers and negative numbers: without operators, names and references they compute nothing."""


def json_lines(text: TextIO) -> Write:
    """Writes one record per line, all fields that the API sent."""
    return lambda record: text.write(_json(record) + "\n")


def csv_table(text: TextIO, hidden: Collection[str] = ()) -> Write:
    """Writes CSV that Excel opens in a German office: semicolons, CRLF, UTF-8 with a byte order mark."""
    columns = [name for name in COLUMNS if name not in hidden]
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    text.write("\ufeff")
    rows.writerow(columns)
    return lambda record: rows.writerow([_cell(record.get(name)) for name in columns])


def without_formula(text: str) -> str:
    """The text, with an apostrophe before anything that a spreadsheet would compute, or had one before."""
    return f"'{text}" if _FORMULA.match(text) and not _HARMLESS.fullmatch(text) else text


def without_guard(text: str) -> str:
    """The text of a cell that `without_formula` wrote."""
    return text[1:] if text[:1] == "'" and without_formula(text[1:]) == text else text


def is_export(headers: Sequence[str]) -> bool:
    """Whether these are the headers of an export, perhaps without hidden fields."""
    return len(headers) > 1 and [*headers] == [name for name in COLUMNS if name in headers]


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case dict() | list() if not value:
            return ""
        case str():
            return without_formula(value)
        case _:
            return without_formula(_json(value))


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
