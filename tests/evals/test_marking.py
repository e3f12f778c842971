import pytest

from evals.marking import OneMore, digits, number, text
from tests.faulty import Record

OLD: Record = {"id": "1", "lastName": "Öz"}
NEW: Record = {"id": "2", "lastName": "Vogt", "position": "Einkauf"}


@pytest.mark.parametrize(
    "answer",
    ["1064", "1.064", "1,064", "1 064", "1\N{NO-BREAK SPACE}064", "1'064", "**1,064**.", "DE: 1064, AT: 174"],
)
def test_a_number_is_read_with_any_separator(answer: str) -> None:
    assert number(1064).said_in(answer)


@pytest.mark.parametrize("answer", ["11064", "1064.5", "21,064", "1,064,000", "CUST-1064", "10 64", ""])
def test_another_number_is_not_taken_for_it(answer: str) -> None:
    assert not number(1064).said_in(answer)


def test_numbers_of_a_list_stay_apart() -> None:
    assert all(number(each).said_in("45, 174, 3") for each in (45, 174, 3))


def test_a_number_may_be_spelt_out() -> None:
    assert (number(6) | text("six")).said_in("Six of them.")


@pytest.mark.parametrize("answer", ["FÖRSTER  heizungsbau", "bei\nFörster\nHeizungsbau."])
def test_words_are_read_in_any_case_and_spacing(answer: str) -> None:
    assert text("Förster Heizungsbau").said_in(answer)


def test_a_part_of_a_longer_word_is_not_taken_for_the_word() -> None:
    assert not text("CUST-0001").said_in("CUST-00012")


def test_one_of_several_spellings_is_enough() -> None:
    assert text("Austria", "Österreich").said_in("in Österreich")


def test_a_phone_number_is_read_however_it_is_grouped() -> None:
    assert digits("4215878535").said_in("(+49) 421 / 587 85-35")


def test_another_phone_number_is_not_taken_for_it() -> None:
    assert not digits("4215878535").said_in("(+49) 421 / 587 85-53")


def test_one_more_entry_may_hold_more_than_was_asked() -> None:
    assert OneMore({"lastName": "Vogt"}).fits([OLD], [OLD, NEW])


@pytest.mark.parametrize(
    "entries",
    [
        [OLD],
        [NEW],
        [OLD | {"lastName": "Ost"}, NEW],
        [OLD, NEW, NEW | {"id": "3"}],
        [OLD, NEW | {"lastName": "Vogel"}],
    ],
    ids=["none", "replaced", "another changed", "twice", "somebody else"],
)
def test_one_more_entry_is_just_that(entries: list[Record]) -> None:
    assert not OneMore({"lastName": "Vogt"}).fits([OLD], [*entries])
