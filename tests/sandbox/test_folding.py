"""Folding of case, accents and umlauts."""

import pytest

from faktoora_mcp.sandbox.folding import SEPARATOR, fold, fold_case, spellings


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("MÜNCHEN", "munchen"),
        ("Mu\N{COMBINING DIAERESIS}nchen", "munchen"),
        ("Weiß", "weiss"),
        ("WEISS", "weiss"),
        ("Łódź", "lodz"),
        ("Çelik", "celik"),
        ("Søren Æ", "soren ae"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}\N{LATIN SMALL LETTER DOTLESS I}", "ii"),
        ("a\x1fb\x00c\nd", "a b c d"),
        ("Москва", "москва"),
        ("", ""),
    ],
)
def test_case_accents_and_controls_fold_away(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_an_umlaut_has_two_spellings_and_plain_text_one() -> None:
    assert spellings("Übelhör") == ("ubelhor", "uebelhoer")
    assert spellings("Bauer") == ("bauer",)


def test_case_alone_folds_without_touching_umlauts() -> None:
    assert fold_case("MÜNCHEN\x1fStraße") == "münchen straße"


@pytest.mark.parametrize("text", ["Jörg Groß", "Bauer", "Mueller-Lüdenscheidt", "Øre", "ÀÉÎ"])
def test_every_part_of_a_text_is_found_in_one_of_its_spellings(text: str) -> None:
    haystack = SEPARATOR.join(spellings(text))
    parts = [text[start:end] for start in range(len(text)) for end in range(start + 1, len(text) + 1)]
    assert all(spelling in haystack for part in parts for spelling in spellings(part))
