"""Contacts, delivery addresses and extras: changed entry by entry; none is removed unless it is named."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Entries, Pairs
from faktoora_mcp.errors import Ambiguous, InvalidInput
from faktoora_mcp.insight.normalization import cased
from faktoora_mcp.rules.findings import Of, found

from .equality import changed, same_entry

KEYS = {"customerContacts": ("id", "email"), "deliveryAddresses": ("id", "name")}
"""The fields that identify the entries of a list; equal entries are the same, too."""
Entry = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Merged:
    """A list or object as it will be; `given` holds of each given entry what differs from the present one."""

    value: JsonValue
    given: JsonValue


def merged(name: str, given: JsonValue, removals: Sequence[str], present: JsonValue) -> Merged:
    """What a change makes of a list or of extras. InvalidInput for an entry that is not there."""
    if name == "extras":
        return _merged_object(_object(given), removals, _object(present))
    held = _without(name, _list(present), removals)
    kept = [*held]
    added: list[Entry] = []
    news: list[JsonValue] = []
    for entry in _list(given):
        place = _place(name, entry, held)
        if place is None:
            added.append(entry)
            news.append(entry)
        else:
            news.append(_difference(entry, held[place]))
            kept[place] = kept[place] | entry
    return Merged(cast("JsonValue", kept + added), news)


def judged(given: JsonValue, differences: JsonValue) -> JsonValue:
    """The given entries with their differences as the rules normalised them."""
    pairs = zip(_list(given), _list(differences), strict=True)
    return [{**entry, **{key: value for key, value in new.items() if key in entry}} for entry, new in pairs]


def compared(name: str, before: JsonValue, after: JsonValue) -> Entries:
    """What became of the entries of a list."""
    old, new = _list(before), _list(after)
    matched = _matched(name, old, new)
    pairs = [(old[at], new[place]) for place, at in sorted(matched.items())]
    added = [entry for place, entry in enumerate(new) if place not in matched]
    differing = [pair for pair in pairs if _pairs(*pair)]
    removed = [entry for at, entry in enumerate(old) if at not in matched.values()]
    back = [*_changed_back(name, differing), *_brought_back(name, removed, new)]
    whole = len(back) == len(differing) + len(removed) and all(_key(name, entry) for entry in added)
    return Entries(
        added=added,
        changed={label(name, was): _pairs(was, now) for was, now in differing},
        removed=removed,
        kept=len(pairs) - len(differing),
        back=[*back],
        lost=not whole,
    )


def label(name: str, entry: Entry) -> Of:
    """The value that names an entry in changes, answers and remove_entries; of no field without one."""
    key = _key(name, entry)
    return Of(key, str(entry[key])) if key else Of("", "")


def labels(name: str, added: Sequence[Entry]) -> list[Of]:
    """What entries are called, less those that nothing names."""
    return [called for entry in added if (called := label(name, entry)).field]


def differing(name: str, sent: JsonValue, held: JsonValue) -> tuple[JsonValue, JsonValue]:
    """The entries of each list that the other does not hold."""
    ours, theirs = _list(sent), _list(held)
    missing = [entry for entry in ours if not any(same_entry(name, entry, other) for other in theirs)]
    unasked = [other for other in theirs if not any(same_entry(name, entry, other) for entry in ours)]
    return cast("JsonValue", missing), cast("JsonValue", unasked)


def extras_pairs(before: JsonValue, after: JsonValue) -> Pairs:
    """Keys of extras that differ, as `extras.KEY`."""
    old, new = _object(before), _object(after)
    return {
        f"extras.{key}": (old.get(key), new.get(key))
        for key in {**old, **new}
        if changed(key, old.get(key), new.get(key))
    }


def _merged_object(given: Entry, removals: Sequence[str], present: Entry) -> Merged:
    if unknown := [key for key in removals if key not in present]:
        raise _not_there("extras", unknown[0], list(present))
    gone = {*removals, *(key for key, value in given.items() if value is None)}
    value = {key: item for key, item in {**present, **given}.items() if key not in gone}
    return Merged(value, value)


def _without(name: str, held: list[Entry], removals: Sequence[str]) -> list[Entry]:
    gone = {_only(name, wanted, _called(name, wanted, held), held) for wanted in removals}
    return [entry for at, entry in enumerate(held) if at not in gone]


def _called(name: str, wanted: str, held: list[Entry]) -> list[int]:
    """The places of entries with this id, or else of those with this e-mail or name."""
    by_id = [at for at, entry in enumerate(held) if wanted and str(entry.get("id") or "") == wanted]
    return by_id or [at for at, entry in enumerate(held) if _is(name, entry, wanted)]


def _only(name: str, wanted: str, places: list[int], held: list[Entry]) -> int:
    if not places:
        raise _not_there(name, wanted, [str(entry.get("id") or "") for entry in held])
    if len(places) > 1:
        raise Ambiguous(
            f"{len(places)} entries of {name} fit {wanted!r}; nothing was changed.",
            advice=f"Name one by its id: {', '.join(str(held[at].get('id')) for at in places)}.",
        )
    return places[0]


def _not_there(name: str, wanted: str, present: list[str]) -> InvalidInput:
    there = ", ".join(filter(None, present)) or "none"
    return InvalidInput(
        "An entry is not there; nothing was changed.",
        fields={name: found("no_entry", name, wanted=wanted, there=there)},
        advice="Read the customer with this relation, then name entries by id.",
    )


def _is(name: str, entry: Entry, wanted: str) -> bool:
    return bool(wanted) and any(cased(str(entry.get(key) or "")) == cased(wanted) for key in KEYS[name])


def _place(name: str, entry: Entry, held: list[Entry]) -> int | None:
    """Where the entry stands already: by id, else by its e-mail or name, else by being equal."""
    first, second = (str(entry.get(key) or "") for key in KEYS[name])
    if first:
        known = [at for at, other in enumerate(held) if str(other.get("id") or "") == first]
        return _only(name, first, known, held)
    alike = [at for at, other in enumerate(held) if _is(name, other, second)]
    if alike:
        return _only(name, second, alike, held)
    return next((at for at, other in enumerate(held) if same_entry(name, entry, other)), None)


def _matched(name: str, old: list[Entry], new: list[Entry]) -> dict[int, int]:
    """Which new entry was which old one: first by id, then by e-mail or name, then by being equal."""
    by_id, by_word = KEYS[name]
    alike: tuple[Callable[[Entry, Entry], bool], ...] = (
        lambda was, now: _agree(by_id, was, now),
        lambda was, now: _agree(by_word, was, now),
        lambda was, now: same_entry(name, _without_id(now), _without_id(was)),
    )
    matched: dict[int, int] = {}
    for fits in alike:
        for place in [place for place in range(len(new)) if place not in matched]:
            free = (at for at in range(len(old)) if at not in matched.values() and fits(old[at], new[place]))
            if (at := next(free, None)) is not None:
                matched[place] = at
    return matched


def _key(name: str, entry: Entry) -> str | None:
    return next((key for key in KEYS[name] if entry.get(key)), None)


def _agree(key: str, was: Entry, now: Entry) -> bool:
    return bool(now.get(key)) and cased(str(was.get(key))) == cased(str(now.get(key)))


def _difference(entry: Entry, present: Entry) -> Entry:
    """The given fields that differ from the present ones, with the country that their rules depend on."""
    differing = {key: value for key, value in entry.items() if changed(key, present.get(key), value)}
    country = entry.get("country", present.get("country"))
    return {**differing, "country": country} if differing and country else differing


def _changed_back(name: str, differing: Sequence[tuple[Entry, Entry]]) -> Iterator[Entry]:
    """The entries that make changed ones what they were, where something names them."""
    for was, now in differing:
        if key := _key(name, now):
            yield {key: now[key]} | {field: old for field, (old, _) in _pairs(was, now).items()}


def _brought_back(name: str, removed: Sequence[Entry], new: Sequence[Entry]) -> Iterator[Entry]:
    """The entries that left, unless they would be taken for another one."""
    for entry in removed:
        if not any(_agree(KEYS[name][1], entry, other) for other in new):
            yield _without_id(entry)


def _without_id(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if key != "id"}


def _pairs(old: Entry, new: Entry) -> Pairs:
    """Old and new values of the fields that differ; ids are the API's."""
    return {
        key: (old.get(key), new.get(key))
        for key in {**_without_id(old), **_without_id(new)}
        if changed(key, old.get(key), new.get(key))
    }


def _list(value: JsonValue) -> list[Entry]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _object(value: JsonValue) -> Entry:
    return value if isinstance(value, dict) else {}
