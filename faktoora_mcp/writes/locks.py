"""Keys of identities: of two parallel creations or changes of one customer the second waits for the first."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from faktoora_mcp.insight.duplicates import Traits
from faktoora_mcp.insight.names import glued

NEXT_NUMBER = "next number"
"""The key of creations that draw a number: what one draws no other may draw."""


def creation_keys(scope: str, body: Mapping[str, JsonValue], *, numbered: bool) -> frozenset[str]:
    """What no two creations may share at the same time, in the account that `scope` names."""
    return frozenset(
        f"{scope} {key}" for key in _identity(body) | ({NEXT_NUMBER} if numbered else set[str]())
    )


def without_number(keys: Iterable[str]) -> frozenset[str]:
    """The keys that name a customer."""
    return frozenset(key for key in keys if not key.endswith(NEXT_NUMBER))


def change_key(scope: str, customer_id: str) -> str:
    """What no two changes of a customer may share at the same time."""
    return f"{scope} change {customer_id}"


def _identity(body: Mapping[str, JsonValue]) -> set[str]:
    """By the same traits that the duplicate check compares, so that both call the same customers equal."""
    traits = Traits.of(body)
    ids = {value.casefold() for value in traits.ids if value}
    names = {traits.name, glued(traits)} - {""}
    places = {f"name {name} {place}" for name in names for place in (traits.postcode, traits.city) if place}
    return ids | places | ({f"email {traits.email}"} if traits.email else set())
