"""Parses CSV customer lists, as German offices write them, into bodies of create requests."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO

from .countries import code_for
from .csv_headers import HOUSE_NUMBER, columns, field_of
from .errors import InvalidRequestError
from .folding import fold
from .forms import Forms
from .records import Record
from .validation import new_customer

DELIMITERS = ";,\t"
SHOWN_PROBLEMS = 20
_YES = frozenset({"ja", "j", "yes", "y", "true", "wahr", "1", "x", "firma", "company"})
_NO = frozenset({"nein", "n", "no", "false", "falsch", "0", "privat", "private", "person"})
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_customers(content: bytes, forms: Forms) -> list[tuple[int, Record]]:
    """The bodies with their row numbers as in a spreadsheet (the headers are row 1). All rows or none."""
    rows = _rows(_text(content))
    nothing: tuple[int, list[str]] = (0, [])
    first, headers = next(rows, nothing)
    fields = columns(headers)
    _check_headers(headers, fields)
    problems: list[tuple[int, str]] = []
    bodies: list[tuple[int, Record]] = []
    for number, cells in rows:
        try:
            bodies.append((number - first + 1, new_customer(_body(headers, fields, cells), forms)))
        except InvalidRequestError as error:
            problems += [(number - first + 1, message) for message in error.messages]
    refuse_rows(problems)
    if not bodies:
        raise InvalidRequestError("the file holds no customers below its headers")
    return bodies


def refuse_rows(problems: Sequence[tuple[int, str]]) -> None:
    """Raises InvalidRequestError with the first problems and the number of further ones, if there are any."""
    if problems:
        messages = [f"row {number}: {message}" for number, message in problems[:SHOWN_PROBLEMS]]
        rest = len(problems) - SHOWN_PROBLEMS
        raise InvalidRequestError(*messages, *([f"and {rest} more errors"] if rest > 0 else []))


def _text(content: bytes) -> str:
    bom_encoding = next((encoding for bom, encoding in _BOMS if content.startswith(bom)), None)
    try:
        return content.decode(bom_encoding or "utf-8")
    except UnicodeDecodeError as error:
        if bom_encoding:
            raise InvalidRequestError(f"the file is not valid {bom_encoding}") from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise InvalidRequestError("the file is neither UTF-8 nor Windows-1252") from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their numbers."""
    declared = re.match(r"\s*sep=(.)[^\S\r\n]*\r?\n", text, re.IGNORECASE)
    text = text[declared.end() :] if declared else text
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=declared[1] if declared else _delimiter(text), strict=True
    )
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise InvalidRequestError(f"row {number + 1}: cannot be read as CSV: {error}") from error


def _delimiter(text: str) -> str:
    """The delimiter that yields the most known headers in the first line."""
    line = text.strip().partition("\n")[0]
    known = {mark: sum(field_of(cell) is not None for cell in line.split(mark)) for mark in DELIMITERS}
    return max(known, key=lambda mark: known[mark])


def _check_headers(headers: Sequence[str], fields: Sequence[str | None]) -> None:
    named = [field for field in fields if field]
    twice = sorted({field for field in named if named.count(field) > 1})
    if twice:
        raise InvalidRequestError(f"more than one column means {', '.join(twice)}")
    missing = [field for field in ("address", "postcode", "city") if field not in named]
    if missing:
        found = ", ".join(header[:40] for header in headers[:SHOWN_PROBLEMS])
        raise InvalidRequestError(f"no column for {', '.join(missing)} among the headers: {found}")


def _body(headers: Sequence[str], fields: Sequence[str | None], cells: Sequence[str]) -> Record:
    if any(cells[len(headers) :]):
        raise InvalidRequestError(f"has {len(cells)} cells under {len(headers)} headers")
    filled = [
        (header, field, cell) for header, field, cell in zip(headers, fields, cells, strict=False) if cell
    ]
    known = {field: cell for _, field, cell in filled if field}
    body: Record = {field: cell for field, cell in known.items() if field not in {HOUSE_NUMBER, "isCompany"}}
    body |= _place(known)
    body["isCompany"] = _is_company(known)
    body["extras"] = {header: cell for header, field, cell in filled if not field}
    return body


def _place(known: dict[str, str]) -> Record:
    place: Record = {}
    if HOUSE_NUMBER in known:
        place["address"] = f"{known.get('address', '')} {known[HOUSE_NUMBER]}".strip()
    if "country" in known:
        place["country"] = code_for(known["country"])
    if "postcode" in known:
        place["postcode"] = _postcode(known["postcode"], place.get("country") == "DE")
    return place


def _postcode(text: str, german: bool) -> str:  # noqa: FBT001 - a property of the text
    digits = re.sub(r"^(?:DE?|AT?|CH|FL|LI)-\s?(?=[0-9])", "", text)
    return digits.zfill(5) if german and re.fullmatch("[0-9]{4}", digits) else digits


def _is_company(known: dict[str, str]) -> bool:
    word = known.get("isCompany")
    if word is None:
        return "name" in known
    if fold(word) in _YES | _NO:
        return fold(word) in _YES
    raise InvalidRequestError(f'"isCompany" must be Ja or Nein, got {word[:40]!r}')
