"""What came of a look-up or a write, as facts; summaries.py turns them into answers."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from .fields import Review
from .records import Customer

Pairs = dict[str, tuple[JsonValue, JsonValue]]


@dataclass(frozen=True, slots=True)
class Found:
    """`relations` were asked for, by their names in a record; those in `not_loaded` the API does not give."""

    customer: Customer
    not_loaded: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Created:
    """`ignored` holds what was sent and what the API holds instead."""

    customer: Customer
    review: Review
    ignored: Pairs


@dataclass(frozen=True, slots=True)
class Updated:
    """`changed` holds old and new values, `ignored` what was sent and what the API holds instead.

    `unseen` names lists that were sent and that the API does not show.
    """

    customer: Customer
    review: Review
    changed: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    ignored: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """`doubtful` names records that break a rule or deserve a look, with the reasons."""

    customers: list[Customer]
    doubtful: list[tuple[Customer, list[str]]]
    total_before: int | None
