"""All pairs of duplicates: records are kept compactly and compared only where they can be similar."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, groupby
from operator import sub

from pydantic import JsonValue

from faktoora_mcp.api.records import REDUCED_FIELDS, Customer

from .duplicates import OTHER_FORM_SCORE, Similarity, Traits, similarity
from .names import ALIKE_PERCENT, glued, numbers_of

SHOWN = (*REDUCED_FIELDS, "address")
BLOCK_COMPARISONS = 100_000
CANDIDATES = 200_000
LARGE_BLOCK = 2_000
NAME_COMPARISONS = 100_000_000
_BUCKETS = 2**22


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records reduced to the fields that are SHOWN, and why they are similar."""

    one: dict[str, JsonValue]
    other: dict[str, JsonValue]
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class Pairs:
    """Best first. `skipped` counts the comparisons left out because very many records share a value."""

    duplicates: list[Pair]
    similar: list[Pair]
    skipped: int


_Row = tuple[Traits, *tuple[JsonValue, ...]]
"""What is compared of a record, and its fields that are SHOWN."""


class PairCollector:
    """Collects the records of a scan; one that comes twice counts once, as it came last."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._places: dict[str, str] = {}

    def add(self, customer: Customer) -> None:
        shown = customer.addressed()
        for key in ("postcode", "city"):
            if isinstance(text := shown.get(key), str):
                shown[key] = self._shared(text)
        traits = Traits.of(customer.record, self._shared)
        self._rows[customer.id] = (traits, *map(shown.get, SHOWN))

    def pairs(self) -> Pairs:
        """Every pair of duplicates, and every pair with one name and two legal forms."""
        rows = list(self._rows.values())
        candidates = _candidates([row[0] for row in rows])
        judged = (
            (one, other, similarity(rows[one][0], rows[other][0])) for one, other in sorted(candidates.pairs)
        )
        found = [
            Pair(_reduced(rows[one]), _reduced(rows[other]), how)
            for one, other, how in judged
            if how and how.score >= OTHER_FORM_SCORE
        ]
        found.sort(
            key=lambda pair: (-pair.similarity.score, *sorted((str(pair.one["id"]), str(pair.other["id"]))))
        )
        duplicates = [pair for pair in found if pair.similarity.is_duplicate]
        return Pairs(
            duplicates, [pair for pair in found if not pair.similarity.is_duplicate], candidates.skipped
        )

    def _shared(self, text: str) -> str:
        """One object for equal texts: there are few postcodes and cities."""
        return self._places.setdefault(text, text)


@dataclass(slots=True)
class _Candidates:
    """Pairs of positions to compare; if very many records share a value, only some of them."""

    pairs: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    skipped: int = 0

    def among(self, block: Sequence[int]) -> None:
        reach = self._reach(block)
        for start, place in enumerate(block, 1):
            near = block[start : start + reach]
            self.pairs.update((place, other) for other in near)
            self.skipped += len(block) - start - len(near)

    def between(self, block: Sequence[int], others: Sequence[int]) -> None:
        near = others[: self._reach(block)]
        for place in block:
            self.pairs.update((min(place, other), max(place, other)) for other in near if other != place)
            self.skipped += len(others) - len(near)

    def _reach(self, block: Sequence[int]) -> int:
        return max(1, BLOCK_COMPARISONS // len(block)) if len(self.pairs) < CANDIDATES else 0


def _candidates(traits: Sequence[Traits]) -> _Candidates:
    found = _Candidates()
    for held in (_ids, _emails):
        for block in _blocks(traits, held):
            found.among(block)
    _with_missing_city(traits, lambda one: one.name, found)
    _with_missing_city(traits, glued, found)
    for block in {tuple(block): None for held in (_postcodes, _cities) for block in _blocks(traits, held)}:
        _at_one_place(traits, block, found)
    return found


def _blocks(
    traits: Sequence[Traits], held: Callable[[Sequence[Traits]], Iterator[tuple[int, str]]]
) -> Iterator[list[int]]:
    """Positions of records that share a value; hashes show first which values only one record has."""
    seen = bytearray(_BUCKETS)
    for _, value in held(traits):
        bucket = hash(value) % _BUCKETS
        seen[bucket] = min(seen[bucket] + 1, 2)
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for place, value in held(traits):
        if seen[hash(value) % _BUCKETS] > 1 and blocks[value][-1:] != [place]:
            blocks[value].append(place)
    return (block for block in blocks.values() if len(block) > 1)


def _ids(traits: Sequence[Traits]) -> Iterator[tuple[int, str]]:
    """A record may have an id in more than one field."""
    return ((place, value) for place, one in enumerate(traits) for value in one.ids if value)


def _emails(traits: Sequence[Traits]) -> Iterator[tuple[int, str]]:
    return ((place, one.email) for place, one in enumerate(traits) if one.email)


def _postcodes(traits: Sequence[Traits]) -> Iterator[tuple[int, str]]:
    return ((place, one.postcode) for place, one in enumerate(traits) if one.postcode)


def _cities(traits: Sequence[Traits]) -> Iterator[tuple[int, str]]:
    return ((place, one.city) for place, one in enumerate(traits) if one.city)


def _with_missing_city(traits: Sequence[Traits], key: Callable[[Traits], str], found: _Candidates) -> None:
    """Pairs with one name of which one record has no city to compare."""
    bare = _by_key(traits, (place for place, one in enumerate(traits) if not one.city), key)
    if bare:
        named = _by_key(traits, (place for place, one in enumerate(traits) if key(one) in bare), key)
        for name, places in bare.items():
            found.between(places, named[name])


def _by_key(
    traits: Sequence[Traits], places: Iterable[int], key: Callable[[Traits], str]
) -> dict[str, list[int]]:
    """The positions by a value, without those that have none."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place in places:
        if value := key(traits[place]):
            found[value].append(place)
    return found


def _at_one_place(traits: Sequence[Traits], block: Sequence[int], found: _Candidates) -> None:
    named = _by_key(traits, block, lambda one: one.name)
    for same in named.values():
        if len(same) > 1:
            found.among(same)
    for one, other in _with_one_spelling(traits, block):
        found.between(named[one], named[other])
    for places in (named, _by_key(traits, block, lambda one: one.written)):
        for one, other in _alike(places, found):
            found.between(places[one], places[other])


def _with_one_spelling(traits: Sequence[Traits], block: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Pairs of names that are equal where their words are written as one."""
    first: dict[str, str] = {}
    names: defaultdict[str, set[str]] = defaultdict(set)
    for place in block:
        spelling, name = glued(traits[place]), traits[place].name
        if first.setdefault(spelling, name) != name:
            names[spelling] |= {first[spelling], name}
    return chain.from_iterable(combinations(sorted(same), 2) for same in names.values())


def _alike(names: Iterable[str], found: _Candidates) -> Iterator[tuple[str, str]]:
    """Pairs of names with similar letters and equal numbers."""
    by_numbers: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        by_numbers[tuple(numbers_of(name))].append(name)
    for group in by_numbers.values():
        for one, others in _similar(group, found):
            yield from ((one, other) for other in others)


def _similar(names: list[str], found: _Candidates) -> Iterator[tuple[str, list[str]]]:
    """Each name, and the similar names after it."""
    from rapidfuzz import fuzz, process

    room = NAME_COMPARISONS
    for one, others in _comparable(names):
        if not others:
            continue
        near = others[:room]
        room -= len(near)
        found.skipped += len(others) - len(near)
        hits = process.extract(one, near, scorer=fuzz.ratio, score_cutoff=ALIKE_PERCENT, limit=None)
        yield one, [name for name, _, _ in hits]


def _comparable(names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each name, and the later names that can be similar; none is lost, as each surplus letter is an edit."""
    count = _letters if len(names) > LARGE_BLOCK else _length
    names.sort(key=count)
    groups = [(counts, list(group)) for counts, group in groupby(names, count)]
    for place, (counts, group) in enumerate(groups, 1):
        near = [name for other, later in groups[place:] if _within_reach(counts, other) for name in later]
        for start, one in enumerate(group, 1):
            yield one, group[start:] + near


def _within_reach(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    edits = sum(map(abs, map(sub, one, other)))
    return 100 * edits <= (100 - ALIKE_PERCENT) * (sum(one) + sum(other))


def _length(name: str) -> tuple[int, ...]:
    return (len(name),)


def _letters(name: str) -> tuple[int, ...]:
    """Counts of three groups of letters that are about equally frequent."""
    vowels, dentals = sum(map(name.count, "aeiou")), sum(map(name.count, "nrstl"))
    return vowels, dentals, len(name) - vowels - dentals


def _reduced(row: _Row) -> dict[str, JsonValue]:
    _, *shown = row
    return {key: value for key, value in zip(SHOWN, shown, strict=True) if value is not None}
