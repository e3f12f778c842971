"""A question over all customers, answered in bounded memory while their records arrive."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from faktoora_mcp.api.models import Relation
from faktoora_mcp.api.records import REDUCED_FIELDS, Customer, with_id, with_relations_of
from faktoora_mcp.rules.validation import ENTRY_FIELDS
from faktoora_mcp.settings import PAGE_SIZE

from .checks import Check, Reason
from .conditions import Condition
from .groups import Group, Groups, Rest
from .matching import matcher
from .normalization import folded
from .paths import bare, owners, text, values

COLUMNS = (*REDUCED_FIELDS, "country")
REASON, EXTRAS = "reason", "extras"
SPARE_ROWS = 100
_Rank = tuple[bool, bool, int | float, str, str]
_Hit = tuple[_Rank, Customer, Reason]
Cell = JsonValue | Reason


@dataclass(frozen=True, slots=True)
class Question:
    """Which customers (all conditions hold and the check gives a reason), grouped by what, shown how.

    `sort` is a path, or "-path" for descending; missing values come last either way. `limit` 0 only counts,
    and so do groups where neither `limit` nor `fields` asks for rows.
    """

    where: tuple[Condition, ...] = ()
    check: Check | None = None
    group_by: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    sort: str = "name"
    limit: int | None = None

    @property
    def most_rows(self) -> int:
        if self.limit is not None:
            return self.limit
        return 0 if self.group_by and not self.fields else PAGE_SIZE

    @property
    def columns(self) -> tuple[str, ...]:
        """The chosen fields or those that tell customers apart; with the id, by which one acts on a row."""
        chosen = dict.fromkeys(with_id(self.fields) or COLUMNS)
        return (*chosen, REASON) if self.check else (*chosen,)

    @property
    def sorted_by(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def paths(self) -> tuple[str, ...]:
        """Every field that the question uses, so that the answer says something about it."""
        asked = (field for condition in self.where for field in condition.fields)
        checked = self.check.fields if self.check else ()
        return (*dict.fromkeys((*asked, *checked, *map(bare, self.group_by), *self.fields, self.sorted_by)),)

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The relations that these fields need."""
        return with_relations_of(owners(self.paths))


@dataclass(frozen=True, slots=True)
class AggregationResult:
    """`rows` of values as the API sent them, the reasons of a check last.

    `not_loaded` names the lists that no record contained.
    """

    scanned: int
    matched: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    groups: tuple[Group, ...] = ()
    rest: Rest | None = None
    not_loaded: tuple[str, ...] = ()


def _is_shown(customer: Customer, name: str) -> bool:
    """Whether the record shows a list, or extras, which may be null."""
    return customer.record.get(name) is not None or (name == EXTRAS and name in customer.record)


class Aggregation:
    """Takes every customer once, in any order, and keeps only the rows of the answer."""

    def __init__(self, question: Question) -> None:
        self._question, self._most = question, question.most_rows
        self._holds = matcher(question.where)
        self._groups = Groups(question.group_by)
        self._best: list[_Hit] = []
        self._not_loaded = set(owners(question.paths)) & {*ENTRY_FIELDS, EXTRAS}
        self._scanned = self._matched = 0

    def add(self, customer: Customer) -> None:
        self._scanned += 1
        if self._not_loaded:
            self._not_loaded -= {name for name in self._not_loaded if _is_shown(customer, name)}
        if not self._holds(customer):
            return
        check = self._question.check
        reason = check.reason(customer) if check else ()
        if check and not reason:
            return
        self._matched += 1
        self._groups.add(customer)
        self._keep(customer, reason)

    def result(self) -> AggregationResult:
        groups, rest = self._groups.largest()
        return AggregationResult(
            scanned=self._scanned,
            matched=self._matched,
            columns=self._question.columns,
            rows=tuple(tuple(self._row(customer, reason)) for _, customer, reason in self._foremost()),
            groups=groups,
            rest=rest,
            not_loaded=tuple(sorted(self._not_loaded)) if self._scanned else (),
        )

    def _keep(self, customer: Customer, reason: Reason) -> None:
        if self._most:
            self._best.append((self._rank(customer), customer, reason))
        if len(self._best) > self._most + SPARE_ROWS:
            self._best = self._foremost()

    def _foremost(self) -> list[_Hit]:
        descending = self._question.sort.startswith("-")
        return sorted(self._best, key=lambda hit: hit[0], reverse=descending)[: self._most]

    def _rank(self, customer: Customer) -> _Rank:
        """Numbers before texts, umlauts and case ignored, then the id."""
        first = next(iter(values(customer, self._question.sorted_by)), None)
        last = (first is None) != self._question.sort.startswith("-")
        if isinstance(first, (int, float)):
            return last, False, first, "", customer.id
        return last, True, 0, folded(text(first)), customer.id

    def _row(self, customer: Customer, reason: Reason) -> Iterator[Cell]:
        for column in self._question.columns:
            if column == REASON:
                yield reason
            elif "." in column or column == "name":
                yield _shown(values(customer, column))
            else:
                yield customer.record.get(column)


def _shown(found: list[JsonValue]) -> JsonValue:
    return found if len(found) > 1 else next(iter(found), None)
