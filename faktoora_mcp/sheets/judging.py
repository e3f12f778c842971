"""What is wrong or doubtful in one row of a customer list, and how it may be repaired."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from pydantic import JsonValue

from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.rules.validation import Review, review

from .damage import Damage, damage_of
from .decoding import seen_as_utf8
from .lost_digits import lost_digits
from .rows import FIELD_OF_PART, Row

Record = dict[str, JsonValue]
Level = Literal["error", "warning"]
_NAMELESS = frozenset(("company_without_name", "person_without_name"))
_DEBTORS = "123456"
_ACCOUNT_DIGITS = 5


@dataclass(frozen=True, slots=True)
class CellFinding:
    """What is wrong or doubtful in a cell; `finding.path` is the field, "" for the whole row or file.

    `column` is the cell's header as the file has it. A repair that was taken is a warning.
    """

    level: Level
    finding: Finding
    column: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer of a list. `place` counts as a spreadsheet does; the headers are often row 1."""

    place: int
    customer: str
    record: Record
    findings: tuple[CellFinding, ...] = ()
    repairs: Mapping[str, str] = field(default_factory=dict[str, str])
    read_as: Mapping[str, tuple[str, JsonValue]] = field(default_factory=dict[str, tuple[str, JsonValue]])

    @property
    def ready(self) -> bool:
        return all(one.level == "warning" for one in self.findings)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the rows of a list have in common.

    `headers` are those of the fields that are read, `widths` the digits of numbers that begin with zeros.
    `accounts`, if customer numbers may be accounts of a ledger; `ledger`, if they surely are.
    """

    headers: Mapping[str, str]
    widths: Mapping[str, int] = field(default_factory=dict[str, int])
    accounts: bool = False
    ledger: bool = False


def judged(row: Row, frame: Frame, *, accept_repairs: bool = False) -> CustomerRow:
    """The row with all findings."""
    if row.fault:
        return CustomerRow(row.number, row.customer, {}, (CellFinding("error", row.fault),))
    headers = frame.headers
    damages = dict(_damages(row, frame.widths))
    repairs = {name: damage.repair for name, damage in damages.items() if damage.repair is not None}
    if accept_repairs and repairs:
        cells = {name: text for name, text in {**row.cells, **repairs}.items() if text}
        done = judged(replace(row, cells=cells, encoding=None), frame)
        taken = (_damaged(name, damages[name], headers, repaired=True) for name in repairs)
        return replace(done, findings=(*taken, *done.findings), repairs=repairs)
    judgement = review(row.record)
    findings = (
        *([CellFinding("warning", row.warning)] if row.warning else ()),
        *(_damaged(name, damage, headers) for name, damage in damages.items()),
        *_unseen(row, headers),
        *_damaged_elsewhere(row),
        *_judgements(row, judgement, headers, {_field(name) for name in damages}),
        *(_account(row, frame) if frame.accounts else ()),
    )
    record = cast("Record", judgement.values)
    return CustomerRow(row.number, row.customer, record, findings, repairs, dict(_read_as(row, judgement)))


def _damages(row: Row, widths: Mapping[str, int]) -> Iterator[tuple[str, Damage]]:
    country = cast("str | None", row.record.get("country"))
    for name, text in row.cells.items():
        damage = lost_digits(name, text, country, widths.get(name, 0)) or damage_of(name, text)
        if not damage and row.encoding and not text.isascii():
            damage = Damage("other_encoding", seen_as_utf8(text, row.encoding), text)
        if damage:
            yield name, damage


def _damaged(name: str, damage: Damage, headers: Mapping[str, str], *, repaired: bool = False) -> CellFinding:
    """Repairs have a code of their own: what was wrong no longer matters."""
    code = "repaired" if repaired else damage.code if damage.meant is None else f"{damage.code}_meant"
    level = "warning" if repaired or damage.doubtful else "error"
    values = {} if damage.meant is None else {"meant": damage.meant}
    return CellFinding(level, found(code, _field(name), seen=damage.seen, **values), headers[name])


def _unseen(row: Row, headers: Mapping[str, str]) -> Iterator[CellFinding]:
    for name in row.edges:
        yield CellFinding("warning", found("invisible_edges", _field(name)), headers[name])


def _damaged_elsewhere(row: Row) -> Iterator[CellFinding]:
    """Damage in columns that are not read; it is no fault of the record, but of the file."""
    for header, text in row.others.items():
        if damage := damage_of("", text):
            one = _damaged("", damage, {"": header})
            yield replace(one, level="warning")


def _judgements(
    row: Row, judgement: Review, headers: Mapping[str, str], damaged: set[str]
) -> Iterator[CellFinding]:
    """What the field rules say, except about damaged cells: their errors are consequences."""
    column = {_field(name): header for name, header in headers.items()}
    for path, error in judgement.errors.items():
        if path not in damaged:
            yield CellFinding("error", _with_hint(error, path), column.get(path))
    for one in judgement.warnings:
        if one.code in _NAMELESS:
            yield CellFinding("error", one if "isCompany" in row.cells else found("nameless", "name"))
        elif one.path not in damaged:
            yield CellFinding("warning", one, column.get(one.path))
    for path, (_, value) in judgement.normalized.items():
        yield CellFinding("warning", found("better_written", path, value=str(value)), column.get(path))


def _with_hint(error: Finding, path: str) -> Finding:
    return found("write_yes_or_no", path, error=error) if path == "isCompany" else error


def _account(row: Row, frame: Frame) -> Iterator[CellFinding]:
    """Accounts of debtors have five digits or more and begin with 1 to 6, those of creditors with 7 to 9."""
    account = row.cells.get("customerId", "")
    if not account.isdecimal() or (len(account) >= _ACCOUNT_DIGITS and account[0] in _DEBTORS):
        return
    supplier = len(account) >= _ACCOUNT_DIGITS
    if supplier or frame.ledger:
        one = found("supplier_account" if supplier else "ledger_account", "customerId", account=account)
        yield CellFinding("error" if frame.ledger else "warning", one, frame.headers["customerId"])


def _read_as(row: Row, judgement: Review) -> Iterator[tuple[str, tuple[str, JsonValue]]]:
    for name in ("country", "isCompany"):
        value = cast("JsonValue", judgement.values.get(name))
        plain = name not in judgement.errors and name not in judgement.normalized
        if name in row.cells and plain and value != row.cells[name]:
            yield name, (row.cells[name], value)


def _field(name: str) -> str:
    return FIELD_OF_PART.get(name, name)
