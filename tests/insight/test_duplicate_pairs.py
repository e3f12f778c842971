"""All duplicates: exactly those that a comparison of every pair finds."""

import tracemalloc
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from rapidfuzz import fuzz, process

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicate_pairs import (
    BLOCK_COMPARISONS,
    CANDIDATES,
    LARGE_BLOCK,
    PairCollector,
    Pairs,
)
from faktoora_mcp.insight.duplicates import OTHER_FORM_SCORE, Similarity, Traits, similarity
from tests.insight.test_duplicates import FIRM, RECORDS, Record, duplicate, told

LETTERS = st.lists(st.sampled_from("abe 12"), min_size=8, max_size=24).map("".join)
FORMS = st.sampled_from(["", " GmbH", " AG"])


def gathered(records: list[Record]) -> Pairs:
    collector = PairCollector()
    for place, record in enumerate(records):
        collector.add(Customer({"id": str(place), **record}))
    return collector.pairs()


def compared_all(records: list[Record]) -> dict[tuple[JsonValue, JsonValue], Similarity]:
    """The reference: every pair compared."""
    places = combinations(range(len(records)), 2)
    traits = [*map(Traits.of, records)]
    judged = {(str(one), str(other)): similarity(traits[one], traits[other]) for one, other in places}
    return {pair: found for pair, found in judged.items() if found and found.score >= OTHER_FORM_SCORE}


def as_found(pairs: Pairs) -> dict[tuple[JsonValue, JsonValue], Similarity]:
    return {
        (pair.one["id"], pair.other["id"]): pair.similarity for pair in (*pairs.duplicates, *pairs.similar)
    }


@st.composite
def misspelled(draw: st.DrawFn) -> list[Record]:
    """Names in one place that differ by a few letters, around the limit of 90 %."""
    names = draw(st.lists(LETTERS, min_size=1, max_size=3))
    for _ in range(draw(st.integers(1, 8))):
        name, place = draw(st.sampled_from(names)), draw(st.integers(0, 8))
        names.append(
            name[:place]
            + draw(st.sampled_from(["", " ", "a", "e", "b "]))
            + name[place + draw(st.integers(0, 2)) :]
        )
    return [
        FIRM | {"name": name + draw(FORMS), "postcode": draw(st.sampled_from(["1", "2"]))} for name in names
    ]


@given(st.lists(RECORDS, max_size=12))
def test_every_pair_is_found_with_the_same_similarity(records: list[Record]) -> None:
    pairs = gathered(records)
    assert as_found(pairs) == compared_all(records)
    assert pairs.skipped == 0


@given(misspelled())
def test_every_misspelled_name_is_found(records: list[Record]) -> None:
    assert as_found(gathered(records)) == compared_all(records)


@pytest.mark.parametrize("letters", range(9, 60))
def test_names_that_are_just_similar_enough_are_found_at_any_length(letters: int) -> None:
    names = ["x" * letters + "y" * more for more in range(letters // 3)]
    records: list[Record] = [FIRM | {"name": name} for name in names]
    assert as_found(gathered(records)) == compared_all(records)


def test_every_pair_in_a_city_of_thousands_is_found() -> None:
    rng = Random(1)
    names = [
        "".join(rng.choices(["ber", "mei", "schu", "lin", "ner", "wal"], k=6)) for _ in range(LARGE_BLOCK)
    ]
    names += [name[:place] + "aa" + name[place:] for place, name in enumerate(names[:200], -100)]
    distinct = sorted(set(names))
    assert len(distinct) > LARGE_BLOCK
    pairs = gathered([{"name": name, "city": "Berlin"} for name in distinct])
    near = (
        (name, distinct[place + 1 + further], (str(place), str(place + 1 + further)))
        for place, name in enumerate(distinct)
        for _, _, further in process.extract(
            name, distinct[place + 1 :], scorer=fuzz.ratio, score_cutoff=90, limit=None
        )
    )
    expected = {
        places
        for one, other, places in near
        if similarity(*(Traits.of({"name": name, "city": "Berlin"}) for name in (one, other)))
    }
    assert expected
    assert set(as_found(pairs)) == expected
    assert pairs.skipped == 0


def test_pairs_are_shown_reduced_and_best_first() -> None:
    first = FIRM | {"customerId": "K-1", "vatId": "DE123456789", "email": "a@b.example"}
    pairs = gathered([first, FIRM | {"name": "Müller Bau AG"}, FIRM, {"name": "X", "vatId": "DE123456789"}])
    place: Record = {"postcode": "10115", "city": "Berlin"}
    shown: list[Record] = [
        {"id": "0", "customerId": "K-1", "name": "Müller Bau GmbH", **place},
        {"id": "1", "name": "Müller Bau AG", **place},
        {"id": "2", "name": "Müller Bau GmbH", **place},
        {"id": "3", "name": "X"},
    ]
    assert [(pair.one, pair.other, told(pair.similarity)) for pair in pairs.duplicates] == [
        (shown[0], shown[3], duplicate(100, "same VAT id DE123456789")),
        (shown[0], shown[2], duplicate(95, "same name, same postcode 10115")),
    ]
    assert [(pair.one, pair.other) for pair in pairs.similar] == [
        (shown[0], shown[1]),
        (shown[1], shown[2]),
    ]


def test_a_record_that_is_read_twice_is_no_duplicate_of_itself() -> None:
    collector = PairCollector()
    for city in ("Berlin", "Berlin", "Bremen"):
        collector.add(Customer(FIRM | {"id": "1", "city": city}))
    collector.add(Customer(FIRM | {"id": "2", "city": "Bremen", "postcode": None}))
    assert [told(pair.similarity) for pair in collector.pairs().duplicates] == [
        duplicate(95, "same name, same city Bremen")
    ]


def test_without_customers_there_are_no_pairs() -> None:
    assert gathered([]) == Pairs([], [], skipped=0)


def test_comparisons_left_out_are_counted() -> None:
    number = 1_000
    pairs = gathered([{"email": "tax@adviser.example", "name": f"Firm {place}"} for place in range(number)])
    done = sum(min(BLOCK_COMPARISONS // number, others) for others in range(number))
    assert pairs == Pairs([], [], skipped=number * (number - 1) // 2 - done)


def test_customers_of_one_name_and_place_stay_within_bounds() -> None:
    pairs = gathered([FIRM] * 20_000)
    assert len(pairs.duplicates) <= CANDIDATES + BLOCK_COMPARISONS
    assert pairs.skipped >= 20_000 * 19_999 // 2 - len(pairs.duplicates)


def test_little_is_kept_of_a_record() -> None:
    collector = PairCollector()
    tracemalloc.start()
    for place in range(1_000):
        collector.add(Customer(FIRM | {"id": str(place), "name": f"Firm {place}", "note": "long " * place}))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000 * 1_000
