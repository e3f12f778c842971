"""The answers to questions over all customers: rows, counts, duplicates, and how much was read."""
# ruff: noqa: N815 (the names agents read follow the API's)

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, TypedDict, TypeVar, cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.aggregation import AggregationResult, Cell
from faktoora_mcp.insight.duplicate_pairs import Pair
from faktoora_mcp.insight.duplicates import Similarity
from faktoora_mcp.insight.groups import Group, Rest
from faktoora_mcp.insight.instructions import text_chars
from faktoora_mcp.queries.questions import Answered, DuplicatePairs, SimilarCustomers
from faktoora_mcp.queries.scan import Scan

from .budget import (
    CELL_CHARS,
    CONTENT_BYTES,
    bounded_value,
    first_that_fit,
    fitted_record,
    fitted_row,
    short_text,
    size,
)
from .customers import Answer, known_as
from .marks import how_to_read_whole, untrusted_in, untrusted_rows
from .redaction import NOTHING, is_hidden, redacted_record, redacted_value, visible
from .sentences import reason

SHOWN_PAIRS = 20
SHARE_BYTES = CONTENT_BYTES // 4
OVERFULL = "very many customers share a name, place or id: {:,} comparisons were left out"
CUT = "only {} rows with {} fields fit into an answer; ask for fewer"
COUNT = "customers"
Found = TypeVar("Found")


class _Coverage(TypedDict):
    scanned: int
    complete: bool
    reason: str | None


@dataclass(kw_only=True)
class _Finding(Answer):
    """`scanned` customers were read; where some may be missing `complete` is false, and `reason` says why."""

    scanned: int
    complete: bool
    reason: str | None = None


@dataclass(kw_only=True)
class CustomerMatches(_Finding):
    """How many customers match, the first of them as a table, and counts by group.

    `narrowedBy`: the field by whose condition the API's search chose the customers that were read.
    """

    matched: int
    narrowedBy: str | None = None
    columns: list[str] | None = None
    rows: list[list[JsonValue]] | None = None
    groups: Record | None = None
    notLoaded: list[str] | None = None
    untrusted: dict[str, list[str]] | None = None
    note: str | None = None

    @classmethod
    def of(cls, answered: Answered, hidden: frozenset[str] = NOTHING) -> Self:
        result = answered.result
        by = answered.question.group_by
        groups = _groups(by, result.groups, result.rest) if by else None
        names = visible(result.columns, hidden)
        columns = first_that_fit(map(short_text, names), 2 * SHARE_BYTES)
        untrusted = _untrusted(by, result, groups, hidden)
        budget = CONTENT_BYTES - size(groups) - size(columns) - size(untrusted)
        cells = [_cells(result.columns, row, hidden)[: len(columns)] for row in result.rows]
        rows = [fitted_row(row, budget) for row in cells]
        kept = first_that_fit(rows, budget)
        is_cut = len(kept) < len(rows) or len(columns) < len(names)
        notes = (CUT.format(len(kept), len(columns)) if is_cut else None, how_to_read_whole(columns, kept))
        return cls(
            matched=result.matched,
            narrowedBy=answered.narrowed_by,
            columns=columns if rows else None,
            rows=kept if rows else None,
            groups=groups,
            notLoaded=[*result.not_loaded] or None,
            untrusted=untrusted,
            note=" ".join(filter(None, notes)) or None,
            **_coverage(answered.scan, hidden),
        )


@dataclass(kw_only=True)
class DuplicateCustomers(_Finding):
    """Likely duplicates, best first, each with its reasons; `similar` customers are not duplicates.

    For one customer: customers similar to it. For all customers: pairs.
    """

    duplicates: list[Record]
    duplicatesTotal: int
    similar: list[Record]
    similarTotal: int

    @classmethod
    def of(cls, found: SimilarCustomers, hidden: frozenset[str] = NOTHING) -> Self:
        """Customers that are similar to one customer."""
        duplicates = [pair for pair in found.similar if pair[1].is_duplicate]
        similar = [pair for pair in found.similar if not pair[1].is_duplicate]
        return cls._rendered(
            duplicates, similar, lambda pair: _similar(pair, hidden), _coverage(found.scan, hidden)
        )

    @classmethod
    def of_all(
        cls, found: DuplicatePairs, hidden: frozenset[str] = NOTHING, budget: int = CONTENT_BYTES
    ) -> Self:
        """Pairs of similar customers."""
        pairs, coverage = found.pairs, _coverage(found.scan, hidden, found.pairs.skipped)
        return cls._rendered(
            pairs.duplicates, pairs.similar, lambda pair: _pair(pair, hidden), coverage, budget
        )

    @classmethod
    def _rendered(
        cls,
        duplicates: Sequence[Found],
        similar: Sequence[Found],
        render: Callable[[Found], Record],
        coverage: _Coverage,
        budget: int = CONTENT_BYTES,
    ) -> Self:
        return cls(
            duplicates=first_that_fit(map(render, duplicates[:SHOWN_PAIRS]), budget // 2),
            duplicatesTotal=len(duplicates),
            similar=first_that_fit(map(render, similar[:SHOWN_PAIRS]), budget // 4),
            similarTotal=len(similar),
            **coverage,
        )


def _coverage(scan: Scan, hidden: frozenset[str], skipped: int = 0) -> _Coverage:
    unread = (scan.withheld if hidden else None) or scan.reason
    why = unread or (OVERFULL.format(skipped) if skipped else None)
    return {"scanned": scan.read, "complete": why is None, "reason": why and short_text(why)}


def _cells(columns: Sequence[str], row: Sequence[Cell], hidden: frozenset[str]) -> list[JsonValue]:
    """The cells of the columns that may be shown."""
    shown = (pair for pair in zip(columns, row, strict=True) if not is_hidden(pair[0], hidden))
    return [bounded_value(_cell(*pair, hidden), CELL_CHARS) for pair in shown]


def _cell(column: str, value: Cell, hidden: frozenset[str]) -> JsonValue:
    return reason(value, hidden) if isinstance(value, tuple) else redacted_value(column, value, hidden)


def _untrusted(
    by: Sequence[str], result: AggregationResult, shown_groups: Record | None, hidden: frozenset[str]
) -> dict[str, list[str]] | None:
    """By id the untrusted fields of the rows, and under `groups` the paths with such labels."""
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    shown = [
        (str(row["id"]), {name: value for name, value in row.items() if not isinstance(value, tuple)})
        for row in rows
    ]
    visible_rows = [(identity, redacted_record(row, hidden)) for identity, row in shown]
    if sum(text_chars(row) for _, row in visible_rows) > CONTENT_BYTES:
        cells = [(identity, fitted_record(row, CELL_CHARS)) for identity, row in visible_rows]
        visible_rows = first_that_fit(cells, CONTENT_BYTES)
    labels = {path: [group.label[place] for group in result.groups] for place, path in enumerate(by)}
    table = cast("list[list[JsonValue]]", shown_groups["rows"]) if shown_groups else []
    listed: Record = {path: [row[place] for row in table if row[place:]] for place, path in enumerate(by)}
    fields = untrusted_in(cast("Record", labels), listed)
    groups = {"groups": fields} if fields else {}
    return {**(untrusted_rows(visible_rows) or {}), **groups} or None


def _groups(by: Sequence[str], groups: Sequence[Group], rest: Rest | None) -> Record:
    """Counts as a table, the largest first; the groups left out are counted together."""
    labels = ([label and short_text(label) for label in group.label] for group in groups)
    rows = (fitted_row([*label, group.customers]) for label, group in zip(labels, groups, strict=True))
    kept = first_that_fit(rows, SHARE_BYTES)
    table: Record = {"columns": [*map(short_text, by), COUNT], "rows": cast("JsonValue", kept)}
    others = _others(groups[len(kept) :], rest)
    return {**table, "rest": others} if others else table


def _others(cut: Sequence[Group], rest: Rest | None) -> Record | None:
    """The groups that the table does not show; None where it shows all."""
    groups = len(cut) + (rest.groups if rest else 0)
    customers = sum(group.customers for group in cut) + (rest.customers if rest else 0)
    inexact: Record = {"exact": False} if rest and not rest.exact else {}
    return {"groups": groups, COUNT: customers, **inexact} if customers else None


def _similar(found: tuple[Customer, Similarity], hidden: frozenset[str]) -> Record:
    customer, similarity = found
    return {**_known(customer.addressed(), hidden), "reasons": _reasons(similarity, hidden)}


def _pair(pair: Pair, hidden: frozenset[str]) -> Record:
    customers: list[JsonValue] = [_known(pair.one, hidden), _known(pair.other, hidden)]
    return {"customers": customers, "reasons": _reasons(pair.similarity, hidden)}


def _known(customer: Record, hidden: frozenset[str]) -> Record:
    return known_as(customer, hidden, CONTENT_BYTES)


def _reasons(similarity: Similarity, hidden: frozenset[str]) -> list[JsonValue]:
    return [short_text(reason(parts, hidden)) for parts in similarity.reasons]
