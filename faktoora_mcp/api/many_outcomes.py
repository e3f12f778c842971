"""The results of calls that change many customers, as facts; answers/ shapes what the agent reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.rules.findings import Finding

from .outcomes import Record, Similar, Updated
from .records import Customer

Stop = Literal["failures", "unknown", "time", "refused"]
"""Why a call stopped: failures, a write with unknown outcome, no time left, or no more writes allowed."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A customer that is not or may not be changed, and why."""

    id: str
    error: FaktooraError


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What a change of many customers would do.

    `matched` customers are meant, `unchanged` of them are so already, `refused` ones would fail. `updates`
    are what this call would change, `more` the ids of others beyond the limit of one call. `confirm` names
    exactly these updates; None where nothing would change, or where `incomplete` says what was not read.
    """

    matched: int
    unchanged: int
    updates: tuple[Updated, ...]
    more: tuple[str, ...] = ()
    refused: tuple[Failed, ...] = ()
    confirm: str | None = None
    incomplete: str | None = None
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ManyUpdated:
    """What became of every customer: those in `done` changed, are as before, or the API ignored the change.

    `left` are ids of customers that were not begun, `stopped` says why, `refusal` by which error. `undo` are
    calls that restore the old values; None where they do not fit into an answer. `call` names the call in the
    audit log, if there is one.
    """

    preview: BulkPreview
    done: tuple[Updated, ...]
    failed: tuple[Failed, ...]
    unknown: tuple[Failed, ...]
    left: tuple[str, ...]
    stopped: Stop | None
    refusal: FaktooraError | None
    undo: tuple[Record, ...] | None
    call: str | None


RowStatus = Literal["ready", "doubt", "error", "duplicate", "exists", "created", "failed", "unknown", "left"]
"""`ready` and `doubt` are to be created; `left` was not begun."""


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row of a list, the record that it makes, and what is or becomes of it.

    `findings` say why, `similar` and `like` (a row and the reasons) whom it is like. `customer` is the one
    that exists, holds the number or was created. `repairs` pair damaged texts with what they probably were.
    """

    place: int
    record: Record
    status: RowStatus = "ready"
    findings: tuple[Finding, ...] = ()
    similar: tuple[Similar, ...] = ()
    like: tuple[int, tuple[tuple[Finding, ...], ...]] | None = None
    customer: Customer | None = None
    error: FaktooraError | None = None
    repairs: tuple[tuple[str, str, str], ...] = ()
    """Field, what is there, what it probably was."""
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """What becomes of every row of a list that was selected; of a dry run what would.

    `columns` are the fields by header, `unread` other headers. `incomplete` says why rows may not be compared
    with all customers. `stopped` and `refusal` as in ManyUpdated.
    """

    rows: tuple[ListedRow, ...]
    dry_run: bool
    columns: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    incomplete: str | None = None
    skipped: int = 0
    stopped: Stop | None = None
    refusal: FaktooraError | None = None
    call: str | None = None


def ranges(numbers: Iterable[int]) -> list[str]:
    """The numbers in short: `2-5`, `9`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return [f"{first}-{last}" if first < last else str(first) for first, last in parts]
