"""Names at one address: which are the same, which hold a typing error, and which tell customers apart."""

import json
from pathlib import Path

import pytest

from tests.insight.test_duplicates import Record, Told, compared, duplicate, hint

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


def test_firms_of_one_name_with_different_owners_are_a_hint() -> None:
    one, other = "Friseur Zwirn, Inh. Anna Probe", "Friseur Zwirn, Inh. Max Muster"
    assert named(one, other) == hint(58, "same name, same postcode 10115")


def test_numbers_that_are_written_as_one_are_another_number() -> None:
    assert named("Zwirn 2 4", "Zwirn 24") is None


def test_a_letter_that_could_be_a_roman_number_is_glued_like_others() -> None:
    assert named("X-Zwirn", "XZwirn") == duplicate(95, "same name, same postcode 10115")


@pytest.mark.parametrize("other", ["Zwirn Garnhandel Holding", "Zwirn Hochgarnhandel"])
def test_of_two_names_with_one_address_one_may_say_more(other: str) -> None:
    mail: Record = {"email": "info@zwirn.example"}
    found = compared(PLACE | mail | {"name": "Zwirn Garnhandel"}, PLACE | mail | {"name": other})
    assert found
    assert (found.score, found.is_duplicate) == (92, True)


def test_words_that_distinguish_do_so_with_one_e_mail_address_too() -> None:
    mail: Record = {"email": "info@zwirn.example"}
    found = compared(PLACE | mail | {"name": "Zwirnbank West"}, PLACE | mail | {"name": "Zwirnbank Ost"})
    assert found == hint(40, "same e-mail, other name")
