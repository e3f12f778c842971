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


def new_values(record: Mapping[str, JsonValue], customers: Iterable[Customer]) -> Iterator[Finding]:
    """A finding for every such value of a new record that none of the customers has, if they have others."""
    held = [customer.record for customer in customers]
    for name in FEW_VALUED:
        value = record.get(name)
        present = Counter(text for other in held if isinstance(text := other.get(name), str) and text)
        if isinstance(value, str) and value and present and value not in present:
            yield found("new_value", name, value=value, existing=_nearest(value, present))


def _nearest(value: str, present: Counter[str]) -> str:
    from rapidfuzz import fuzz

    ordered = sorted(present, key=lambda text: (-fuzz.ratio(text, value), -present[text]))
    return ", ".join(map(quote, ordered[:EXISTING]))
