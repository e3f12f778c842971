"""A task: the user's words, the customers, the fewest calls that solve it, and the checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.faulty import Base, Fault, Record

Check: TypeAlias = "Callable[[Outcome], str | None]"
"""What is wrong with an outcome, or None."""
CUSTOMERS = 57


@dataclass(frozen=True, slots=True)
class Found:
    """A value from an earlier answer: the index of the call, from 0, and the path in its answer."""

    call: int
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the reference script; any value may be a `Found`."""

    tool: str
    arguments: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Turn:
    """What the user says, the fewest calls that solve it, and the answer."""

    says: str
    calls: tuple[Call, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Task:
    """`given` are customers besides the seeded ones, `faults` the faults of requests to a path.

    When the server asks whether to delete, the user agrees if the question names `agrees_to`.
    """

    id: str
    language: Literal["de", "en"]
    turns: tuple[Turn, ...]
    checks: tuple[Check, ...]
    customers: int = CUSTOMERS
    given: tuple[Record, ...] = ()
    faults: tuple[tuple[Fault, str], ...] = ()
    agrees_to: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The customers in the API before and after each turn, and the answers to the user."""

    bases: tuple[Base, ...]
    answers: tuple[str, ...]
