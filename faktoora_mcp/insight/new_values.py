"""Values that nobody else has where few are usual: probably misspelt, or else new."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.text import quote

FEW_VALUED = ("category", "country")
EXISTING = 5
"""So many of the present values are named, the most similar first."""


class PresentValues:
    """The values of such fields that the customers of a base have; show it each of them."""

    def __init__(self) -> None:
        self._held = {name: Counter[str]() for name in FEW_VALUED}

    def see(self, customer: Customer) -> None:
        for name, values in self._held.items():
            value = customer.record.get(name)
            if isinstance(value, str) and value:
                values[value] += 1

    def new(self, record: Mapping[str, JsonValue]) -> Iterator[Finding]:
        """A finding for every such value of a record that none of the customers has, if they have others."""
        for name, present in self._held.items():
            value = record.get(name)
            if isinstance(value, str) and value and present and value not in present:
                yield found("new_value", name, value=value, existing=_nearest(value, present))


def new_values(record: Mapping[str, JsonValue], customers: Iterable[Customer]) -> Iterator[Finding]:
    """A finding for every such value of a new record that none of the customers has, if they have others."""
    present = PresentValues()
    for customer in customers:
        present.see(customer)
    return present.new(record)


def _nearest(value: str, present: Counter[str]) -> str:
    from rapidfuzz import fuzz

    ordered = sorted(present, key=lambda text: (-fuzz.ratio(text, value), -present[text]))
    return ", ".join(map(quote, ordered[:EXISTING]))
