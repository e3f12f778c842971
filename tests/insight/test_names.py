"""Names at one address: which are the same, which hold a typing error, and which tell customers apart."""

import json
from pathlib import Path

import pytest

from tests.insight.test_duplicates import Record, Told, compared

PAIRS: dict[str, list[tuple[str, str]]] = json.loads(
    (Path(__file__).parent.parent / "data/name_pairs.json").read_text("utf-8")
)
"""Invented names by the kind of their difference."""
SAME = ("legal_form", "firm_before", "glued", "punctuation", "owner", "title")
PLACE: Record = {"isCompany": True, "postcode": "10115", "city": "Berlin", "country": "DE"}


def named(one: str, other: str) -> Told | None:
    """Two firms at one address are compared, in either order alike."""
    found, back = (
        compared(PLACE | {"name": a}, PLACE | {"name": b}) for a, b in ((one, other), (other, one))
    )
    assert (found and found.score) == (back and back.score)
    return found


def persons(one: str, other: str) -> Told | None:
    first, second = ({**PLACE, "isCompany": False, "name": name} for name in (one, other))
    return compared(first, second)


@pytest.mark.parametrize(("one", "other"), [pair for kind in SAME for pair in PAIRS[kind]])
def test_a_name_in_another_spelling_is_the_same(one: str, other: str) -> None:
    found = named(one, other)
    assert found
    assert (found.score, found.is_duplicate) == (95, True)
    assert found.reasons[0].startswith("same name")


@pytest.mark.parametrize(("one", "other"), PAIRS["typing_error"])
def test_a_typing_error_in_the_name_of_a_firm_makes_a_duplicate(one: str, other: str) -> None:
    found = named(one, other)
    assert found
    assert found.is_duplicate
    assert "% alike" in found.reasons[0]


@pytest.mark.parametrize(("one", "other"), PAIRS["distinguished"])
def test_a_word_that_distinguishes_makes_another_customer(one: str, other: str) -> None:
    assert named(one, other) is None


@pytest.mark.parametrize(("one", "other"), PAIRS["surnames"])
def test_firms_whose_surnames_differ_in_a_letter_are_a_hint(one: str, other: str) -> None:
    found = named(one, other)
    assert found
    assert not found.is_duplicate


@pytest.mark.parametrize(("one", "other"), PAIRS["persons"])
def test_persons_whose_names_differ_in_a_letter_are_a_hint(one: str, other: str) -> None:
    found = persons(one, other)
    assert found
    assert not found.is_duplicate


def test_two_letters_in_the_wrong_order_are_a_typing_error_in_any_name() -> None:
    found = persons("Anna Schmidt", "Anna Schmitd")
    assert found
    assert found.is_duplicate
