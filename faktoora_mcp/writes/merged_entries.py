"""The contacts, or the delivery addresses, of two customers as one list."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Pairs
from faktoora_mcp.insight.normalization import folded

from .equality import is_blank, same

Entry = dict[str, JsonValue]
Choices = Sequence[Sequence[int]]
"""For each new entry the places among the held ones where it may stand, the best first."""
Places = dict[int, int]
"""By place the entry that stands there."""


def united_entries(
    name: str, held: Sequence[Entry], others: Sequence[Entry], *, preferred: bool
) -> tuple[list[Entry], Pairs]:
    """The held entries in their order, then those of the others that are new; and the conflicts by path.

    Each held entry is completed by at most one of the others, the same contact or address. Where the two
    clash, the held value stays, or if they are `preferred` the other. An entry whose values all stand in
    another one adds nothing.

    The same others add nothing to the result: each stands in it, or clashes with an entry that it has
    completed. The latter have places of their own there, and a largest matching finds such places for all.
    """
    given = [filled for entry in others if (filled := _filled(entry))]
    news = _not_in(held, given)
    fixed = {at for at, entry in enumerate(held) if preferred and any(_holds(entry, one) for one in given)}
    alike = [_alike(name, entry, held, fixed) for entry in news]
    settled = [
        [at for at in places if not _lacking(held[at], entry)]
        for entry, places in zip(news, alike, strict=True)
    ]
    matched = _extended(_largest_matching(settled), alike)
    made, conflicts = [*held], Pairs()
    for place, entry in ((place, news[which]) for place, which in matched.items()):
        made[place], clashes = _completed(held[place], entry, preferred=preferred)
        conflicts |= {f"{name}.{place}.{key}": pair for key, pair in clashes.items()}
    rest = [entry for which, entry in enumerate(news) if which not in matched.values()]
    return [*made, *_not_in(made, rest)], conflicts


def _filled(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if key != "id" and not is_blank(value)}


def _holds(entry: Entry, other: Entry) -> bool:
    return all(same(key, value, entry.get(key)) for key, value in other.items())


def _not_in(held: Iterable[Entry], entries: Iterable[Entry]) -> list[Entry]:
    """The entries that neither a held one nor one before them holds."""
    known, news = [*held], list[Entry]()
    for entry in entries:
        if not any(_holds(other, entry) for other in known):
            news.append(entry)
            known.append(entry)
    return news


def _lacking(entry: Entry, other: Entry) -> Entry:
    return {key: value for key, value in other.items() if is_blank(entry.get(key))}


def _clashing(entry: Entry, other: Entry) -> Pairs:
    """The values of both, where both have another one."""
    both = {key: (entry.get(key), value) for key, value in other.items() if not is_blank(entry.get(key))}
    return {key: pair for key, pair in both.items() if not same(key, *pair)}


def _completed(entry: Entry, other: Entry, *, preferred: bool) -> tuple[Entry, Pairs]:
    """The entry with what it lacks, and by field the values that clash: (stays, goes)."""
    clashing = _clashing(entry, other)
    if preferred:
        return entry | other, {key: (theirs, mine) for key, (mine, theirs) in clashing.items()}
    return entry | _lacking(entry, other), clashing


def _alike(name: str, entry: Entry, held: Sequence[Entry], fixed: Iterable[int]) -> list[int]:
    """The places of the same contact or address; where they are `fixed`, only of one that does not clash."""
    rated = {at: _IN_COMMON[name](entry, other) for at, other in enumerate(held)}
    places = [at for at in rated if rated[at] and not (at in fixed and _clashing(held[at], entry))]
    return sorted(places, key=lambda at: -rated[at])


def _largest_matching(choices: Choices) -> Places:
    """By place which entry stands there, for as many entries as possible."""
    matched = Places()
    for which in range(len(choices)):
        _seat(which, choices, matched)
    return matched


def _seat(which: int, choices: Choices, matched: Places) -> None:
    """Find a place for one more entry; others move to another place of theirs where that makes room."""
    waiting, tried = deque([(which, Places())]), set[int]()
    while waiting:
        entry, moves = waiting.popleft()
        for place in choices[entry]:
            if place not in tried:
                tried.add(place)
                made = {**moves, place: entry}
                if place not in matched:
                    matched |= made
                    return
                waiting.append((matched[place], made))


def _extended(matched: Places, choices: Choices) -> Places:
    """The same, with the entries that have no place yet at the best of their places that is free."""
    made = dict(matched)
    for which, places in enumerate(choices):
        free = next((place for place in places if place not in made), None)
        if free is not None and which not in matched.values():
            made[free] = which
    return made


def _contacts(one: Entry, other: Entry) -> int:
    """How much two contacts have in common; 0 for two people."""
    mail, name = _equal(one, other, "email"), _equal(one, other, "firstName", "lastName")
    first, last = _contradict(one, other, "firstName"), _contradict(one, other, "lastName")
    others = first or (last and not _equal(one, other, "firstName"))
    return 0 if others or _contradict(one, other, "email") else mail + name


def _addresses(one: Entry, other: Entry) -> int:
    """How much two addresses have in common; 0 for two places."""
    name, place = _equal(one, other, "name"), _equal(one, other, "address", "postcode", "city")
    code, city = _contradict(one, other, "postcode"), _contradict(one, other, "city")
    elsewhere = code or (city and not _equal(one, other, "postcode"))
    return 0 if elsewhere or _contradict(one, other, "name") else name + place


_IN_COMMON: dict[str, Callable[[Entry, Entry], int]] = {
    "customerContacts": _contacts,
    "deliveryAddresses": _addresses,
}
"""A contact is the same by its e-mail or its whole name, a delivery address by its name or its place, unless
the other of the two contradicts: several people may share an e-mail address."""


def _equal(one: Entry, other: Entry, *keys: str) -> bool:
    """Whether they agree in all of the fields, at least one of which is filled."""
    mine, theirs = ([_text(entry, key) for key in keys] for entry in (one, other))
    return mine == theirs and any(mine)


def _contradict(one: Entry, other: Entry, key: str) -> bool:
    mine, theirs = _text(one, key), _text(other, key)
    return bool(mine and theirs) and mine != theirs


def _text(entry: Entry, key: str) -> str:
    return folded(str(entry.get(key) or ""))
