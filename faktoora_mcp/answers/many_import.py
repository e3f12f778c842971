"""The answer to a list of customers: what each row is or became, in full only where it needs attention."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self, cast

from pydantic import JsonValue

from faktoora_mcp.api.many_outcomes import Listed, ListedRow, RowStatus, Stop, ranges
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.api.records import Customer

from .budget import CELL_CHARS, CONTENT_BYTES, first_texts, first_that_fit, fitted_row, short_text, size
from .imports import CustomersImported
from .many import STOPPED, reason_of
from .marks import untrusted_rows
from .redaction import NOTHING, is_hidden, redacted_record
from .sentences import line, reason

COLUMNS = ["row", "customer", "status", "reason", "id"]
NOT_TAKEN: tuple[RowStatus, ...] = ("unknown", "failed", "error", "duplicate", "left")
STATUSES: tuple[RowStatus, ...] = ("unknown", "failed", "error", "duplicate", "doubt", "created")
"""Of the rows that need attention, the most urgent first."""
SHOW = (
    "Show this to the user, then call again with the same list and dry_run false: it creates ready and doubt."
)
NOTHING_READY = "Nothing would be created."
AGAIN = "Call again with the same list to go on: who exists is not created again."
REPAIRS = "accept_repairs: true takes the proposed repairs."
REASONS: dict[Stop, str] = {**STOPPED, "time": "The time of one call is over."}
PART = CONTENT_BYTES // 8
EXAMPLES = 3
NAME_CHARS = 60


@dataclass(kw_only=True)
class ListImported(CustomersImported):
    """Of a list: `counts` of rows by status, a table of those that need attention, the others by number."""

    outcome: Literal["dry_run", "done", "stopped"] | None = None
    counts: dict[str, int] | None = None
    rowsTotal: int | None = None
    ready: list[str] | None = None
    created: Record | None = None
    exists: Record | None = None
    readAs: dict[str, str] | None = None
    notRead: list[str] | None = None
    proposed: list[Record] | None = None
    repaired: list[Record] | None = None
    left: list[str] | None = None
    stopped: str | None = None
    call: str | None = None
    incomplete: str | None = None
    note: str | None = None

    @classmethod
    def listed(cls, listed: Listed, hidden: frozenset[str] = NOTHING) -> Self:
        """What becomes of every row."""
        attention = _attention(listed.rows, hidden)
        shown = first_that_fit(attention, CONTENT_BYTES // 2)
        about = _about(listed) if listed.dry_run else {}
        room = CONTENT_BYTES - size(shown) - 2 * PART
        created = _ids(listed.rows, "created", room, hidden)
        left = ranges(row.place for row in listed.rows if row.status == "left")
        ready = ranges(row.place for row in listed.rows if row.status == "ready")
        return cls(
            outcome=_outcome(listed),
            counts=_counts(listed),
            columns=COLUMNS if shown else None,
            rows=shown or None,
            untrusted=untrusted_rows([(str(row[0]), dict(zip(COLUMNS, row, strict=False))) for row in shown]),
            rowsTotal=len(attention) if len(shown) < len(attention) else None,
            ready=first_texts(ready, PART // 2) or None if listed.dry_run else None,
            created=created,
            exists=_ids(listed.rows, "exists", room - size(created), hidden),
            readAs=cast("dict[str, str] | None", about.get("readAs")),
            notRead=cast("list[str] | None", about.get("notRead")),
            proposed=_repairs([row for row in listed.rows if not row.repaired], hidden) or None,
            repaired=_repairs([row for row in listed.rows if row.repaired], hidden) or None,
            left=first_texts(left, PART // 2) or None,
            stopped=_stopped(listed, hidden),
            call=listed.call if created else None,
            incomplete=listed.incomplete and short_text(listed.incomplete),
            warnings=first_texts([line(one, hidden) for one in listed.findings], PART // 2) or None,
            note=_note(listed),
        )


def _outcome(listed: Listed) -> Literal["dry_run", "done", "stopped"]:
    return "dry_run" if listed.dry_run else "stopped" if listed.stopped else "done"


def _counts(listed: Listed) -> dict[str, int]:
    skipped = {"skipped": listed.skipped} if listed.skipped else {}
    return {"total": len(listed.rows), **Counter(row.status for row in listed.rows), **skipped}


def _about(listed: Listed) -> Record:
    fields = {short_text(header): name for header, name in listed.columns}
    columns = first_that_fit(fields.items(), PART)
    unread = first_texts(listed.unread, PART // 4)
    return cast("Record", {"readAs": dict(columns) or None, "notRead": unread or None})


def _attention(rows: Iterable[ListedRow], hidden: frozenset[str]) -> list[list[JsonValue]]:
    """A line for every row that needs attention; equal ones share it."""
    groups: dict[tuple[RowStatus, str, str], list[ListedRow]] = {}
    for row in rows:
        told = told_of(row, hidden)
        if row.status in STATUSES and (told or row.status != "created"):
            groups.setdefault((row.status, told, _whom(row)), []).append(row)
    ordered = sorted(groups, key=lambda key: (STATUSES.index(key[0]), groups[key][0].place))
    return [_line(groups[key], key, hidden) for key in ordered]


def _line(
    rows: Sequence[ListedRow], key: tuple[RowStatus, str, str], hidden: frozenset[str]
) -> list[JsonValue]:
    status, told, whom = key
    more = f" and {len(rows) - 1:,} more" if rows[1:] else ""
    numbers = ", ".join(ranges(row.place for row in rows))
    cells = (numbers, _called(rows[0], hidden) + more, status, told, whom)
    return fitted_row([short_text(cell) or None for cell in cells], PART)


def _called(row: ListedRow, hidden: frozenset[str]) -> str:
    customer = Customer({"id": "", **redacted_record(row.record, hidden)})
    return short_text(customer.name or customer.number or "")[:NAME_CHARS]


def told_of(row: ListedRow, hidden: frozenset[str]) -> str:
    """Why the row is what it is."""
    if row.error:
        return reason_of(row.error, hidden)
    parts = [line(one, hidden) for one in row.findings]
    if row.like:
        parts.append(f"like row {row.like[0]}: {reason(row.like[1][0], hidden)}")
    parts += [reason(one, hidden) for similar in row.similar[:1] for one in similar.reasons]
    more = len(row.similar) - 1
    return "; ".join([*dict.fromkeys(parts), *([f"{more} more customers are like it"] if more > 0 else [])])


def _whom(row: ListedRow) -> str:
    """The id of the customer that the row is, is like, or shares a number with."""
    customers = (row.customer, *(similar.customer for similar in row.similar))
    return next((customer.id for customer in customers if customer), "")


def _ids(rows: Iterable[ListedRow], status: RowStatus, room: int, hidden: frozenset[str]) -> Record | None:
    """The customers of the rows with this status, as many as fit, and how many there are."""
    known = [(row.place, row.customer) for row in rows if row.status == status and row.customer]
    columns = ["row", "id", *([] if is_hidden("customerId", hidden) else ["customerId"])]
    table = [[place, customer.id, customer.number][: len(columns)] for place, customer in known]
    fitting = first_that_fit(table, room)
    cut = {"total": len(table)} if len(fitting) < len(table) else {}
    return cast("Record", {"columns": columns, "rows": fitting, **cut}) if table else None


def _repairs(rows: Iterable[ListedRow], hidden: frozenset[str]) -> list[Record]:
    """By field how many cells, and some of them as they are and as they probably were."""
    cells: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        for name, seen, meant in row.repairs:
            cells.setdefault(name, []).append((seen, meant))
    return [
        {"field": name, "cells": len(pairs), **_examples(name, pairs, hidden)}
        for name, pairs in cells.items()
    ]


def _examples(name: str, pairs: Sequence[tuple[str, str]], hidden: frozenset[str]) -> Record:
    if is_hidden(name, hidden):
        return {}
    shown = [[text[: CELL_CHARS // 3] for text in map(short_text, pair)] for pair in pairs[:EXAMPLES]]
    return cast("Record", {"examples": shown})


def _stopped(listed: Listed, hidden: frozenset[str]) -> str | None:
    if listed.stopped is None:
        return None
    refusal = reason_of(listed.refusal, hidden) if listed.stopped == "refused" and listed.refusal else ""
    return f"{REASONS[listed.stopped]} {refusal}".strip()


def _note(listed: Listed) -> str | None:
    statuses = {row.status for row in listed.rows}
    proposed = REPAIRS if any(row.repairs and not row.repaired for row in listed.rows) else ""
    if not listed.dry_run:
        return AGAIN if statuses & {"left", "unknown", "failed"} else None
    first = SHOW if statuses & {"ready", "doubt", "left"} else NOTHING_READY
    return f"{first} {proposed}".strip()
