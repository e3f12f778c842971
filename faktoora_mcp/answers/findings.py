"""What the agent reads of a question over all customers: rows, counts, doubles, and how much was seen."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self, TypedDict, TypeVar, cast

from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicate_pairs import Pair
from faktoora_mcp.insight.duplicates import Likeness
from faktoora_mcp.insight.groups import Group, Rest
from faktoora_mcp.queries.questions import AllLikes, Answered, Likes
from faktoora_mcp.queries.scan import Scan

from .budget import CELL_CHARS, ROOM_BYTES, cell, fitted, fitted_row, shown, size
from .customers import Summary

SHOWN_PAIRS = 20
SHARE_BYTES = ROOM_BYTES // 4
OVERFULL = "very many customers share a name, place or id: {:,} comparisons were left out"
CUT = "only {} rows with {} fields fit into an answer; ask for fewer"
COUNT = "customers"
INEXACT = {"exact": False}
Fields = dict[str, JsonValue]
Row = TypeVar("Row")
Found = TypeVar("Found")


class _Seen(TypedDict):
    scanned: int
    complete: bool
    reason: str | None


@dataclass(kw_only=True)
class _Finding(Summary):
    """`scanned` customers were read; where some may be missing `complete` is false, and `reason` says why."""

    scanned: int
    complete: bool
    reason: str | None = None


@dataclass(kw_only=True)
class CustomerMatches(_Finding):
    """How many customers match, the first of them as a table, and counts by group."""

    matched: int
    columns: list[str] | None = None
    rows: list[list[JsonValue]] | None = None
    groups: Fields | None = None
    notLoaded: list[str] | None = None
    note: str | None = None

    @classmethod
    def of(cls, answered: Answered) -> Self:
        tallied = answered.tallied
        by = answered.question.group_by
        groups = _groups(by, tallied.groups, tallied.rest) if by else None
        columns = _first([*map(cell, tallied.columns)], 2 * SHARE_BYTES)
        room = ROOM_BYTES - size(groups) - size(columns)
        seen = [[shown(value, CELL_CHARS) for value in row[: len(columns)]] for row in tallied.rows]
        rows = [fitted_row(cells, room) for cells in seen]
        kept = _first(rows, room)
        return cls(
            matched=tallied.matched,
            columns=columns if rows else None,
            rows=kept if rows else None,
            groups=groups,
            notLoaded=[*tallied.not_loaded] or None,
            note=CUT.format(len(kept), len(columns))
            if kept != rows or len(columns) < len(tallied.columns)
            else None,
            **_seen(answered.scan),
        )


@dataclass(kw_only=True)
class DuplicateCustomers(_Finding):
    """Likely doubles, best first, each with its reasons; `similar` ones are never called doubles.

    Of one customer: those like it. Of the whole base: pairs.
    """

    doubles: list[Fields]
    doublesTotal: int
    similar: list[Fields]
    similarTotal: int

    @classmethod
    def of(cls, likes: Likes) -> Self:
        """Customers like one of them."""
        doubles = [pair for pair in likes.found if pair[1].double]
        similar = [pair for pair in likes.found if not pair[1].double]
        return cls._shown(doubles, similar, _like, _seen(likes.scan))

    @classmethod
    def of_all(cls, likes: AllLikes, room: int = ROOM_BYTES) -> Self:
        """Pairs of customers like one another."""
        found, seen = likes.pairs, _seen(likes.scan, likes.pairs.skipped)
        return cls._shown(found.doubles, found.other_forms, _pair, seen, room)

    @classmethod
    def _shown(
        cls,
        doubles: Sequence[Found],
        similar: Sequence[Found],
        shape: Callable[[Found], Fields],
        seen: _Seen,
        room: int = ROOM_BYTES,
    ) -> Self:
        return cls(
            doubles=_first([*map(shape, doubles[:SHOWN_PAIRS])], room // 2),
            doublesTotal=len(doubles),
            similar=_first([*map(shape, similar[:SHOWN_PAIRS])], room // 4),
            similarTotal=len(similar),
            **seen,
        )


def _seen(scan: Scan, skipped: int = 0) -> _Seen:
    reason = scan.reason or (OVERFULL.format(skipped) if skipped else None)
    return {"scanned": scan.read, "complete": reason is None, "reason": reason and cell(reason)}


def _groups(by: Sequence[str], groups: Sequence[Group], rest: Rest | None) -> Fields:
    """Counts as a table, the largest first; what is left is counted, too."""
    rows = [
        fitted_row([*(label and cell(label) for label in group.label), group.customers]) for group in groups
    ]
    kept = _first(rows, SHARE_BYTES)
    table: Fields = {"columns": [*map(cell, by), COUNT], "rows": cast("JsonValue", kept)}
    left = _rest(rest, groups[len(kept) :])
    return {**table, "rest": left} if left else table


def _rest(rest: Rest | None, cut: Sequence[Group]) -> Fields | None:
    groups = len(cut) + (rest.groups if rest else 0)
    count = sum(group.customers for group in cut) + (rest.customers if rest else 0)
    return (
        {"groups": groups, COUNT: count, **({} if rest is None or rest.exact else INEXACT)} if count else None
    )


def _like(found: tuple[Customer, Likeness]) -> Fields:
    customer, like = found
    return {**fitted(customer.reduced(), CELL_CHARS), "reasons": [*map(cell, like.reasons)]}


def _pair(pair: Pair) -> Fields:
    return {
        "customers": [fitted(pair.one, CELL_CHARS), fitted(pair.other, CELL_CHARS)],
        "reasons": [*map(cell, pair.likeness.reasons)],
    }


def _first(rows: list[Row], room: int) -> list[Row]:
    """As many of the rows as fit into the room."""
    ends = accumulate(size(row) + 1 for row in rows)
    return rows[: sum(end <= room for end in ends)]
