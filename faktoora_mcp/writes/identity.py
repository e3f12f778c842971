"""Whether a record is the one that a creation meant to make."""

from collections.abc import Iterator, Mapping
from enum import Enum

from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.canonical import canonical
from faktoora_mcp.rules.identity_fields import PROVING

PLACE = ("address", "postcode", "city")


class Match(Enum):
    FULL = "every compared field agrees"
    PARTIAL = "some fields agree, others differ"
    NONE = "another customer"
    UNKNOWN = "the record shows nothing to compare"


def match_of(wanted: Mapping[str, JsonValue], record: Customer) -> Match:
    """How well a record fits what was sent, the API's own spelling of it aside."""
    compared = dict(_compared(wanted, record))
    telling = [same for name, same in compared.items() if name not in PLACE]
    if not compared:
        return Match.UNKNOWN
    if not all(compared.values()):
        return Match.PARTIAL if any(telling) else Match.NONE
    return Match.FULL if telling else Match.PARTIAL


def _compared(wanted: Mapping[str, JsonValue], customer: Customer) -> Iterator[tuple[str, bool]]:
    asked = Customer({"id": "", **wanted})
    pairs = [(name, wanted.get(name), customer.record.get(name)) for name in (*PROVING, *PLACE)]
    for name, sent, held in [("name", asked.name, customer.name), *pairs]:
        if sent and held:
            yield name, canonical(name, str(sent)) == canonical(name, str(held))
