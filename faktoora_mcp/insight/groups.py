"""Counts of customers by the values of one or two fields."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from faktoora_mcp.api.records import Customer

from .normalization import cased, folded
from .paths import asks_whether_filled, bare, text, values

SHOWN_GROUPS = 50
DISTINCT_LABELS = 100_000
LABEL_CHARS = 300
Label = tuple[str | None, ...]
_Order = tuple[tuple[bool, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Values in their most common spelling (None: missing), and how many customers have them."""

    label: Label
    customers: int


@dataclass(frozen=True, slots=True)
class Rest:
    """The groups that are not shown; `exact` unless there were too many to count each."""

    groups: int
    customers: int
    exact: bool = True


class Groups:
    """Counts by the text of each path, without case and extra blanks, up to 300 characters.

    Of a path that asks whether it is filled the text is "true" or "false".

    A customer with several values in a list counts once in each of their groups.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._counts = Counter[Label]()
        self._beyond = 0

    def add(self, customer: Customer) -> None:
        if not self._paths:
            return
        for label in product(*(_spelled(customer, path) for path in self._paths)):
            if label in self._counts or len(self._counts) < DISTINCT_LABELS:
                self._counts[label] += 1
            else:
                self._beyond += 1

    def largest(self, most: int = SHOWN_GROUPS) -> tuple[tuple[Group, ...], Rest | None]:
        """The largest groups first, equal ones by name; and the rest, if there are more."""
        spellings: dict[_Order, list[tuple[Label, int]]] = {}
        for label, count in self._counts.items():
            spellings.setdefault(_order(label, cased), []).append((label, count))
        merged = sorted(map(_merged, spellings.values()), key=_rank)
        left = merged[most:]
        rest = Rest(len(left), sum(group.customers for group in left) + self._beyond, exact=not self._beyond)
        return tuple(merged[:most]), rest if rest.customers else None


def _spelled(customer: Customer, path: str) -> Sequence[str | None]:
    """Each distinct value in one of its spellings."""
    if asks_whether_filled(path):
        return (text(bool(values(customer, bare(path)))),)
    labels = [" ".join(text(value).split())[:LABEL_CHARS] for value in values(customer, path)]
    if len(labels) <= 1:
        return labels or [None]
    return [*{cased(label): label for label in labels}.values()]


def _merged(spellings: list[tuple[Label, int]]) -> Group:
    commonest, _ = min(spellings, key=lambda spelling: (-spelling[1], _order(spelling[0])))
    return Group(commonest, sum(count for _, count in spellings))


def _rank(group: Group) -> tuple[int, _Order, _Order]:
    return -group.customers, _order(group.label, folded), _order(group.label)


def _order(label: Label, read: Callable[[str], str] = str) -> _Order:
    return tuple((part is None, read(part or "")) for part in label)
