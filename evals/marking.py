"""Checks of an outcome: what the customers really are afterwards, and facts that an answer must state."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from pydantic import JsonValue

from tests.faulty import Record

from .task import Check, Outcome

GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,'\u2019\s]\d{3})+(?!\d)")
"""A number with thousands separators."""
BY_THE_API = {"id", "faktooraId", "createdAt", "updatedAt"}
LAST = -1


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact, and whether an answer states it."""

    name: str
    said_in: Callable[[str], bool]

    def __or__(self, other: "Fact") -> "Fact":
        return Fact(
            f"{self.name} or {other.name}", lambda answer: self.said_in(answer) or other.said_in(answer)
        )


def text(*spellings: str) -> Fact:
    """One of the spellings, as whole words in any case."""
    pattern = "|".join(re.escape(_plain(spelling)) for spelling in spellings)
    return Fact(
        " or ".join(spellings), lambda answer: bool(re.search(rf"(?<!\w)({pattern})(?!\w)", _plain(answer)))
    )


def number(value: int) -> Fact:
    """The number by itself, with or without thousands separators."""
    pattern = re.compile(rf"(?<![\w.,-]){value}(?!\w|[.,]\d)")
    return Fact(str(value), lambda answer: bool(pattern.search(GROUPED.sub(_ungrouped, answer))))


def digits(value: str) -> Fact:
    """The digits of a phone number in order, with anything between them."""
    return Fact(value, lambda answer: value in re.sub(r"\D", "", answer))


def says(*facts: Fact, turn: int = LAST) -> Check:
    def check(outcome: Outcome) -> str | None:
        missing = [fact.name for fact in facts if not fact.said_in(outcome.answers[turn])]
        return f"the answer does not say {', '.join(missing)}" if missing else None

    return check


def never_says(fact: Fact) -> Check:
    def check(outcome: Outcome) -> str | None:
        said = any(fact.said_in(answer) for answer in outcome.answers)
        return f"the answer says {fact.name}" if said else None

    return check


@dataclass(frozen=True, slots=True)
class OneMore:
    """The old list and one more entry with at least these fields."""

    entry: Record

    def fits(self, old: JsonValue, new: JsonValue) -> bool:
        before, after = cast("list[Record]", old or []), cast("list[Record]", new or [])
        added = [entry for entry in after if entry not in before]
        kept = [entry for entry in after if entry in before]
        return kept == before and len(added) == 1 and self.entry.items() <= added[0].items()


@dataclass(frozen=True, slots=True)
class OneLess:
    """The old list without the entry of this e-mail."""

    email: str

    def fits(self, old: JsonValue, new: JsonValue) -> bool:
        before, after = cast("list[Record]", old or []), cast("list[Record]", new or [])
        return after == [entry for entry in before if entry["email"] != self.email] != before


@dataclass(frozen=True, slots=True)
class SameEntries:
    """The entries of the old list in any order; their ids may be others."""

    def fits(self, old: JsonValue, new: JsonValue) -> bool:
        before, after = ([*map(_given, cast("list[Record]", each or []))] for each in (old, new))
        return len(before) == len(after) and all(entry in after for entry in before)


Wanted: TypeAlias = JsonValue | OneMore | OneLess | SameEntries


def unchanged(turn: int = LAST) -> Check:
    """All customers are as before the first turn."""
    return lambda outcome: _nothing_in(Difference.of(outcome, turn))


def created(*wanted: Mapping[str, Wanted]) -> Check:
    """Each of these records was created once, and nothing else changed."""

    def check(outcome: Outcome) -> str | None:
        found = Difference.of(outcome)
        left = [*found.created]
        for record in wanted:
            match = next((new for new in left if _is(record, new)), None)
            if match is None:
                return f"no new customer is {dict(record)}{found.summary}"
            left.remove(match)
        return _nothing_in(Difference(left, found.changed, found.deleted))

    return check


def changed(customer_number: str, **fields: Wanted) -> Check:
    """This customer has these new values, and nothing else changed."""
    return lambda outcome: _only_changed(Difference.of(outcome), {customer_number: fields})


def each_changed(customer_numbers: Iterable[str], **fields: Wanted) -> Check:
    """All these customers have these new values, and nothing else changed."""
    wanted = dict.fromkeys(customer_numbers, fields)
    return lambda outcome: _only_changed(Difference.of(outcome), wanted)


def after(turn: int, check: Check) -> Check:
    """The check, of what was true after this turn, from 0."""
    return lambda outcome: check(Outcome(outcome.bases[: turn + 2], outcome.answers[: turn + 1]))


def restored(customer_number: str) -> Check:
    """This customer is there again under another id, as before, and nothing else changed."""

    def check(outcome: Outcome) -> str | None:
        found = Difference.of(outcome)
        old = next(each for each in outcome.bases[0].values() if _key(each) == customer_number)
        again = [new for new in found.created if _given(new) == _given(old)]
        if found.deleted != [customer_number] or again != found.created or len(again) != 1:
            return f"{customer_number} should be there again as before{found.summary}"
        return _nothing_in(Difference([], found.changed, []))

    return check


def deleted(customer_number: str) -> Check:
    """This customer was deleted, and nothing else changed."""

    def check(outcome: Outcome) -> str | None:
        found = Difference.of(outcome)
        if customer_number not in found.deleted:
            return f"{customer_number} is still there{found.summary}"
        others = [gone for gone in found.deleted if gone != customer_number]
        return _nothing_in(Difference(found.created, found.changed, others))

    return check


def merged(kept: str, gone: str, **fields: Wanted) -> Check:
    """The one customer has these new values, the other was deleted, and nothing else changed."""

    def check(outcome: Outcome) -> str | None:
        found = Difference.of(outcome)
        if gone not in found.deleted:
            return f"{gone} is still there{found.summary}"
        others = [customer for customer in found.deleted if customer != gone]
        return _only_changed(Difference(found.created, found.changed, others), {kept: fields})

    return check


def either(*checks: Check) -> Check:
    """At least one of the checks passes."""

    def check(outcome: Outcome) -> str | None:
        faults = [each(outcome) for each in checks]
        return " and ".join(filter(None, faults)) if all(faults) else None

    return check


@dataclass(frozen=True, slots=True)
class Difference:
    """New records, changed fields as (old, new), and deletions by customer number."""

    created: list[Record]
    changed: dict[str, dict[str, tuple[JsonValue, JsonValue]]]
    deleted: list[str]

    @classmethod
    def of(cls, outcome: Outcome, turn: int = LAST) -> "Difference":
        before, after = outcome.bases[0], outcome.bases[turn if turn < 0 else turn + 1]
        revised = {_key(before[i]): _revised(before[i], after[i]) for i in before if i in after}
        return cls(
            [after[i] for i in after if i not in before],
            {key: fields for key, fields in revised.items() if fields},
            [_key(before[i]) for i in before if i not in after],
        )

    @property
    def summary(self) -> str:
        new = [
            f"{_key(record)} {record['name'] or record['lastName']} was created" for record in self.created
        ]
        revised = [f"{key} got {fields}" for key, fields in self.changed.items()]
        return "".join(
            f"; {event}" for event in (*new, *revised, *(f"{key} was deleted" for key in self.deleted))
        )


def _only_changed(found: Difference, wanted: Mapping[str, Mapping[str, Wanted]]) -> str | None:
    for customer, fields in wanted.items():
        revised = found.changed.get(customer, {})
        if revised.keys() != fields.keys() or not all(
            _fits(fields[name], *revised[name]) for name in revised
        ):
            return f"{customer} should have got {dict(fields)}{found.summary}"
    others = {key: value for key, value in found.changed.items() if key not in wanted}
    return _nothing_in(Difference(found.created, others, found.deleted))


def _nothing_in(difference: Difference) -> str | None:
    return f"nothing else should have happened{difference.summary}" if difference.summary else None


def _revised(old: Record, new: Record) -> dict[str, tuple[JsonValue, JsonValue]]:
    return {name: (old[name], new[name]) for name in old if old[name] != new[name] and name != "updatedAt"}


def _fits(wanted: Wanted, old: JsonValue, new: JsonValue) -> bool:
    return wanted.fits(old, new) if isinstance(wanted, OneMore | OneLess | SameEntries) else wanted == new


def _is(wanted: Mapping[str, Wanted], new: Record) -> bool:
    return all(_fits(value, None, new.get(name)) for name, value in wanted.items())


def _given(record: Record) -> Record:
    """What the API does not set by itself."""
    return {name: value for name, value in record.items() if name not in BY_THE_API}


def _key(record: Record) -> str:
    return str(record["customerId"] or record["id"])


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _ungrouped(match: re.Match[str]) -> str:
    return re.sub(r"\D", "", match[0])
