"""Two lists as one: kept entries have their place and values, and nothing of the others is lost."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.api.outcomes import Pairs
from faktoora_mcp.writes.equality import is_blank, same
from faktoora_mcp.writes.merged_entries import Entry, united_entries

TOLD_BY = {
    "customerContacts": ("email", "firstName", "lastName"),
    "deliveryAddresses": ("name", "address", "postcode", "city"),
}
Lists = tuple[str, list[Entry], list[Entry]]


@st.composite
def alike_lists(draw: st.DrawFn) -> Lists:
    """The lists of two customers, with entries that fit several others."""
    name = draw(st.sampled_from([*TOLD_BY]))
    words, fields = st.sampled_from([None, " ", "a", "A", "b"]), [*TOLD_BY[name], "note", "color"]
    some = st.lists(st.dictionaries(st.sampled_from(fields), words), max_size=6)
    held, others = (
        [cast("Entry", {**entry, "id": f"{side}{place}"}) for place, entry in enumerate(draw(some))]
        for side in ("k", "r")
    )
    return name, held, others


def filled(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if key != "id" and not is_blank(value)}


def stands(name: str, entry: Entry, made: list[Entry], conflicts: Pairs) -> bool:
    """Whether one entry has all its values, but for those that a conflict at its place names."""

    def is_told(key: str, place: int) -> bool:
        value = entry[key]
        clash = conflicts.get(f"{name}.{place}.{key}", ())
        return same(key, value, made[place].get(key)) or value in clash

    return any(all(is_told(key, place) for key in filled(entry)) for place in range(len(made)))


@given(lists=alike_lists(), preferred=st.booleans())
def test_the_same_entries_again_change_nothing(lists: Lists, *, preferred: bool) -> None:
    name, held, others = lists
    made, _ = united_entries(name, held, others, preferred=preferred)
    assert united_entries(name, made, others, preferred=preferred)[0] == made


@given(lists=alike_lists(), preferred=st.booleans())
def test_every_entry_stands_somewhere_with_its_conflicts_named(lists: Lists, *, preferred: bool) -> None:
    name, held, others = lists
    made, conflicts = united_entries(name, held, others, preferred=preferred)
    lost = [entry for entry in (*held, *others) if filled(entry) and not stands(name, entry, made, conflicts)]
    assert lost == []


@given(lists=alike_lists())
def test_every_kept_entry_stays_at_its_place_with_its_values(lists: Lists) -> None:
    name, held, others = lists
    made, _ = united_entries(name, held, others, preferred=False)
    assert [{**entry, **filled(old), "id": old["id"]} for entry, old in zip(made, held, strict=False)] == (
        made[: len(held)]
    )
    assert len(made) >= len(held)


@given(lists=alike_lists(), preferred=st.booleans())
def test_new_entries_follow_in_their_order_without_ids(lists: Lists, *, preferred: bool) -> None:
    name, held, others = lists
    made, _ = united_entries(name, held, others, preferred=preferred)
    left = map(filled, others)
    assert all(entry in left for entry in made[len(held) :])


@pytest.mark.parametrize("preferred", [False, True])
def test_two_contacts_never_complete_one(preferred: bool) -> None:  # noqa: FBT001 (a column of the table)
    held: list[Entry] = [{"email": "a@b.de", "phoneNo": "1"}]
    others: list[Entry] = [{"email": "a@b.de", "position": "Chefin"}, {"email": "a@b.de", "note": "neu"}]
    made, conflicts = united_entries("customerContacts", held, others, preferred=preferred)
    assert (made, conflicts) == ([held[0] | others[0], others[1]], {})


def test_entries_that_clash_give_way_to_each_other() -> None:
    """The first fits both, the second one only: both have a place, and nothing is added."""
    held: list[Entry] = [
        {"email": "a@b.de", "phoneNo": "1", "department": "x"},
        {"email": "a@b.de", "phoneNo": "2"},
    ]
    others: list[Entry] = [{"email": "a@b.de", "phoneNo": "3"}, {"email": "a@b.de", "department": "y"}]
    made, conflicts = united_entries("customerContacts", held, others, preferred=False)
    assert made == held
    assert conflicts == {
        "customerContacts.0.department": ("x", "y"),
        "customerContacts.1.phoneNo": ("2", "3"),
    }
