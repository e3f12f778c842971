"""What a task is: the user's words, the base they are said over, the calls that suffice, the checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.faulty import Base, Fault, Record

Check: TypeAlias = "Callable[[Outcome], str | None]"
"""What is wrong with an outcome; None where nothing is."""
CUSTOMERS = 57


@dataclass(frozen=True, slots=True)
class Found:
    """A value that an earlier call of the task has answered: which call, counted from 0, and where in it."""

    call: int
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the reference script; a `Found` may stand for any value."""

    tool: str
    arguments: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Turn:
    """What the user says, then the fewest calls that do it and what there is to answer."""

    says: str
    calls: tuple[Call, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Task:
    """`given` are customers beside the seeded ones, `faults` what a request to a place will meet.

    Asked by the server whether to delete, the user agrees where the question names `agrees_to`.
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
    """The base before and after each turn, as the API holds it, and what the user was answered."""

    bases: tuple[Base, ...]
    answers: tuple[str, ...]
