"""What rules and writes find, as facts: a code, a field and values, of which answers/ makes sentences."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Self

Fact = str | int | float
ASK_FOR_VALUES = "Ask the user for the values, do not guess; then call again."


@dataclass(frozen=True, slots=True)
class Of:
    """A value of another field than the one that the finding is about."""

    field: str
    value: Fact


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` is the field it is about, in a record's dotted form (`customerContacts.0.email`), or a topic.

    `code` names the sentence in answers/sentences.py, `values` what the sentence names, as it was read. A
    value that is no `Of` is one of the field at `path`, or nobody's.
    """

    code: str
    path: str = ""
    values: "tuple[tuple[str, Part], ...]" = ()

    def at(self, path: str) -> Self:
        """The same about this field."""
        return replace(self, path=path)


Part = Fact | Of | Finding | tuple[Finding, ...] | None


def found(code: str, path: str = "", /, **values: Part) -> Finding:
    """A finding with named values; None where an optional one is missing."""
    return Finding(code, path, tuple(values.items()))


FORM = frozenset((
    "required", "blank_required", "blank_optional", "blank_clears", "broken_text", "wrong_type",
    "number_loses_zeros", "company_without_name", "person_without_name",
))  # fmt: skip
"""Codes of refusals for how a value is given; all others are about what it says."""


def how_to_correct(faults: Iterable[object]) -> str:
    """What to do about refused values, of which some only the user can know."""
    known = all(not isinstance(fault, Finding) or fault.code in FORM for fault in faults)
    return "Correct these and call again." if known else ASK_FOR_VALUES


def did_you_mean(meant: Fact | Of | None) -> Finding | None:
    """A hint that other findings end with."""
    return found("did_you_mean", meant=meant) if meant else None


def together(findings: Iterable[Finding]) -> Finding:
    """One finding that lists several, at least one: `same name, same postcode 10115`."""
    return reduce(lambda one, other: found("together", one=one, other=other), findings)
