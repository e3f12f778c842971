"""The rows of a list compared with one another and with the customers that a walk shows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from faktoora_mcp.api.many_outcomes import ListedRow
from faktoora_mcp.api.outcomes import Record, Similar
from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicate_pairs import Pair, PairCollector
from faktoora_mcp.insight.duplicates import Reason, Traits
from faktoora_mcp.insight.names import glued
from faktoora_mcp.insight.new_values import PresentValues
from faktoora_mcp.insight.normalization import folded
from faktoora_mcp.rules.canonical import PHONES, canonical, email
from faktoora_mcp.rules.identity_fields import IDS
from faktoora_mcp.writes.equality import EMPTY, same

WRITTEN_ANYHOW = frozenset((*(name for name in IDS if name != "customerId"), *PHONES))
"""Fields whose spelling the API may change; a customer number is compared as it is."""
_ROW = "row "
"""Before the number of a row, where customers are known by their ids."""


def fits(given: Mapping[str, JsonValue], held: Customer) -> bool:
    """Whether a customer shows every value that a row gives."""
    return all(_holds(name, value, held) for name, value in given.items() if value not in EMPTY)


def _holds(name: str, value: JsonValue, customer: Customer) -> bool:
    held = customer.record.get(name)
    if same(name, value, held):
        return True
    match value, held:
        case str(), str() if name in WRITTEN_ANYHOW:
            country = str(customer.record.get("country") or "") or None
            return canonical(name, value, country) == canonical(name, held, country) != ""
        case str(), str() if name == "email":
            return email(value).casefold() == email(held).casefold()
        case str(), dict():
            return value in (held.get("id"), held.get("name"))
        case dict(), dict():
            return all(same(key, part, held.get(key)) for key, part in value.items())
        case _:
            return False


@dataclass(slots=True)
class Alike:
    """What was found for a row: customers that fit it whole, are duplicates of it, similar, hold its number.

    `row` is an earlier row that it is a duplicate of, with the reasons.
    """

    whole: list[Customer] = field(default_factory=list[Customer])
    duplicates: list[Similar] = field(default_factory=list[Similar])
    similar: list[Similar] = field(default_factory=list[Similar])
    holder: Customer | None = None
    row: tuple[int, tuple[Reason, ...]] | None = None


class Comparison:
    """Takes the rows first, then every customer; keeps of these only whom a row may mean."""

    def __init__(self, rows: Iterable[ListedRow]) -> None:
        self._pairs = PairCollector()
        self._records: dict[int, Record] = {}
        self._keys: set[str] = set()
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._by_number: defaultdict[str, list[int]] = defaultdict(list)
        self._found: defaultdict[int, Alike] = defaultdict(Alike)
        self._related: dict[str, Customer] = {}
        self._ids: set[str] = set()
        self.present = PresentValues()
        for row in rows:
            self._take(row)

    @property
    def known(self) -> set[str]:
        """The ids of all customers that were shown."""
        return self._ids

    def see(self, customer: Customer) -> None:
        self._ids.add(customer.id)
        self.present.see(customer)
        for place in self._by_number.get(customer.number or "", ()):
            self._found[place].holder = customer
        for key in _names(customer.record):
            for place in self._by_name.get(key, ()):
                if fits(self._records[place], customer):
                    self._found[place].whole.append(customer)
        if not self._keys.isdisjoint(_keys(Traits.of(customer.record))):
            self._related[customer.id] = Customer(customer.reduced())
            self._pairs.add(_unnumbered(customer.record, customer.id))

    def result(self) -> tuple[dict[int, Alike], int]:
        """What was found, by row, best first, and how many comparisons were left out. It takes a moment."""
        pairs = self._pairs.pairs()
        for pair in (*pairs.duplicates, *pairs.similar):
            self._note(pair)
        return self._found, pairs.skipped

    def _take(self, row: ListedRow) -> None:
        self._records[row.place] = row.record
        self._keys |= {*_keys(Traits.of(row.record))}
        self._by_name[_names(row.record)[-1]].append(row.place)
        if number := row.record.get("customerId"):
            self._by_number[str(number)].append(row.place)
        self._pairs.add(_unnumbered(row.record, f"{_ROW}{row.place}"))

    def _note(self, pair: Pair) -> None:
        one, other = str(pair.one["id"]), str(pair.other["id"])
        reasons, certain = pair.similarity.reasons, pair.similarity.is_duplicate
        if not one.startswith(_ROW):
            return
        place = int(one.removeprefix(_ROW))
        if other.startswith(_ROW):
            later = self._found[int(other.removeprefix(_ROW))]
            if certain and (later.row is None or place < later.row[0]):
                later.row = (place, reasons)
            return
        alike = self._found[place]
        (alike.duplicates if certain else alike.similar).append(Similar(self._related[other], reasons))


def _unnumbered(record: Mapping[str, JsonValue], key: str) -> Customer:
    """Two customers with one number are an error, not one customer."""
    return Customer({**record, "id": key, "customerId": None})


def _names(record: Mapping[str, JsonValue]) -> list[str]:
    """The name of the company and the last name, as far as there are, by which equal customers are found."""
    texts = (record.get(name) for name in ("lastName", "name"))
    return [folded(text) for text in texts if isinstance(text, str) and text] or [""]


def _keys(traits: Traits) -> Iterator[str]:
    """What two records that are compared have in common, at least one of them."""
    yield from (f"id {value}" for value in traits.ids if value)
    parts = {
        "email": traits.email,
        "postcode": traits.postcode,
        "city": traits.city,
        "name": traits.name,
        "glued": glued(traits),
    }
    yield from (f"{kind} {value}" for kind, value in parts.items() if value)
