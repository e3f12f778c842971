"""A list of customers as a caller gives it: rows from a chat, CSV text, or a file below an allowed folder."""

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from pydantic import JsonValue, ValidationError

from faktoora_mcp.api.models import WRITABLE, NewCustomer
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.errors import InvalidInput
from faktoora_mcp.rules.findings import Finding, did_you_mean, found
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.sheets.customers import read_customers
from faktoora_mcp.sheets.headers import Column
from faktoora_mcp.sheets.judging import CellFinding, CustomerRow, Frame, judged
from faktoora_mcp.sheets.rows import Row
from faktoora_mcp.sheets.tables import UnusableFile
from faktoora_mcp.text import bounded, trimmed
from faktoora_mcp.writes.equality import EMPTY

MAX_ROWS, MAX_BYTES = 2_000, 1_000_000
"""Of a list in a call."""
MAX_FILE_ROWS, MAX_FILE_BYTES = 20_000, 20_000_000
MAX_PARTS = 200
"""Of a choice of rows."""
ANY = range(sys.maxsize)
NAME_CHARS = 60
FLAG = {True: "ja", False: "nein"}
FRAME = Frame({name: name for name in WRITABLE})
Places = tuple[range, ...]
"""Numbers of rows."""


@dataclass(frozen=True, slots=True)
class Source:
    """One of `csv`, `rows` and `content`, which is that of a file. `columns` names fields by header."""

    csv: str | None = None
    rows: Sequence[Record] | None = None
    content: bytes | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    accept_repairs: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a list, how its columns are read, and what is to know of the file as a whole."""

    rows: tuple[CustomerRow, ...]
    columns: tuple[Column, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_list(source: Source) -> Listing:
    """Every row that is not blank, judged. InvalidInput for a list that cannot be read or is too large."""
    if source.rows is not None:
        return _chat(source.rows, source)
    if source.content is not None:
        return _file(source.content, source, "path", MAX_FILE_ROWS)
    return _file(_encoded(source.csv or ""), source, "csv", MAX_ROWS)


def refusal(name: str, reason: str, advice: str = "Correct this and call again.") -> InvalidInput:
    return InvalidInput("Nothing was sent.", fields={name: reason}, advice=advice)


def content_below(folder: Path | None, name: str) -> bytes:
    """The content of a regular file below the folder, wherever links lead. InvalidInput for any other."""
    if folder is None:
        raise refusal(
            "path", "this server reads no files", "Give csv or rows, or ask the operator for --files."
        )
    base = folder.resolve()
    try:
        target = (base / name).resolve(strict=True)
        if not target.is_relative_to(base):
            raise refusal("path", "is not below the folder that the operator allows")
        return _content(target)
    except (OSError, ValueError, RuntimeError):
        raise refusal("path", f"there is no such file: {bounded(name, NAME_CHARS)}") from None


def places(name: str, given: Iterable[str]) -> Places:
    """Rows by number, or from one to another: `5`, `5-9`. InvalidInput for anything else."""
    parts = [*given]
    if len(parts) > MAX_PARTS:
        raise refusal(name, f"has more than {MAX_PARTS} entries; give ranges such as 5-9")
    return tuple(_range(name, one) for one in parts)


def holds(rows: Places, place: int) -> bool:
    return any(place in part for part in rows)


def _range(name: str, text: str) -> range:
    first, dash, last = (part.strip() for part in text.partition("-"))
    ends = (first, last if dash else first)
    if not all(end.isascii() and end.isdigit() and len(end) < len("1000000000") for end in ends):
        raise refusal(name, f'expected row numbers such as 5 or "5-9", got {bounded(text, NAME_CHARS)}')
    return range(int(ends[0]), int(ends[1]) + 1)


def _content(target: Path) -> bytes:
    """Read without waiting for what never ends, such as a pipe."""
    handle = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise refusal("path", "is not a file")
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise refusal("path", f"is larger than {MAX_FILE_BYTES // 1_000_000} MB; split the file")
    return content


def _encoded(csv: str) -> bytes:
    if len(csv) > MAX_BYTES:
        raise refusal("csv", f"is larger than {MAX_BYTES // 1_000_000} MB; give it in parts")
    try:
        return csv.encode()
    except UnicodeEncodeError:
        raise refusal("csv", "holds half of a surrogate pair; send the text again") from None


def _file(content: bytes, source: Source, name: str, most: int) -> Listing:
    if unknown := [one for one in source.columns.values() if one and one not in WRITABLE]:
        raise refusal("columns", f"{bounded(unknown[0], NAME_CHARS)} is no field of a customer")
    try:
        sheet = read_customers(content, columns=source.columns)
        _check_number([*islice(sheet.cells(ANY), most + 1)], name, most)
        rows = tuple(sheet.rows(accept_repairs=source.accept_repairs))
    except UnusableFile as error:
        raise refusal(name, str(error)) from None
    return Listing(rows, sheet.columns, tuple(one.finding for one in sheet.findings))


def _chat(rows: Sequence[Record], source: Source) -> Listing:
    _check_number(rows, "rows", MAX_ROWS)
    if len(json.dumps(rows, ensure_ascii=False)) > MAX_BYTES:
        raise refusal("rows", f"are larger than {MAX_BYTES // 1_000_000} MB; give them in parts")
    return Listing(tuple(_row(place, given, source) for place, given in enumerate(rows, 1)))


def _check_number(rows: Sequence[object], name: str, most: int) -> None:
    if not rows:
        raise refusal(name, "has no customers")
    if len(rows) > most:
        raise refusal(name, f"has more than {most:,} rows; give it in parts")


def _row(place: int, given: Mapping[str, JsonValue], source: Source) -> CustomerRow:
    """A customer from a chat, judged as a row of a file is."""
    filled = {name: value for name, value in given.items() if value not in EMPTY}
    known = {name: _cell(name, value) for name, value in filled.items() if name in WRITABLE}
    texts = {name: value for name, value in known.items() if isinstance(value, str)}
    others = {name: value for name, value in known.items() if not isinstance(value, str)}
    row = judged(Row(place, texts, more=others), FRAME, accept_repairs=source.accept_repairs)
    faults = [*_unknown(filled), *(() if filled.keys() - known.keys() else _misfits(row))]
    return replace(row, findings=(*(CellFinding("error", fault) for fault in faults), *row.findings))


def _cell(name: str, value: JsonValue) -> JsonValue:
    if name == "isCompany" and isinstance(value, bool):
        return FLAG[value]
    return trimmed(value) if isinstance(value, str) else value


def _unknown(given: Iterable[str]) -> Iterator[Finding]:
    for name in given:
        if name not in WRITABLE:
            meant = did_you_mean(nearest(name, WRITABLE))
            yield found("no_field", bounded(name, NAME_CHARS), hint=meant)


def _misfits(row: CustomerRow) -> Iterator[Finding]:
    """What the rules did not judge, such as an entry of a list that is no object."""
    if not row.ready:
        return
    try:
        NewCustomer.model_validate(row.record)
    except ValidationError as exc:
        for error in exc.errors(include_url=False, include_input=False):
            yield found("misfit", ".".join(map(str, error["loc"])))
