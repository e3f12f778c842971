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
    """What the user says, the fewest calls that solve it, and the answer.

    `singly`: the calls that it takes where no tool is for many customers, if they are others.
    """

    says: str
    calls: tuple[Call, ...]
    answer: str
    singly: tuple[Call, ...] | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """The nth request to a path (`POST /customer`, `*` is any text) meets a fault."""

    fault: Fault
    where: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Task:
    """`given` are customers besides the seeded ones; `many`: it is about a list of customers.

    `reconciles`: the server looks for the outcome where an answer was lost; otherwise the agent has to.
    When the server asks, the user agrees if the question names `agrees_to`.
    """

    id: str
    language: Literal["de", "en"]
    turns: tuple[Turn, ...]
    checks: tuple[Check, ...]
    customers: int = CUSTOMERS
    given: tuple[Record, ...] = ()
    faults: tuple[Met, ...] = ()
    agrees_to: str | None = None
    many: bool = False
    reconciles: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The customers in the API before and after each turn, and the answers to the user."""

    bases: tuple[Base, ...]
    answers: tuple[str, ...]
