"""Folding of case, accents and umlauts."""

import pytest

from faktoora_mcp.sandbox.folding import fold, folded_text, spellings


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


@pytest.mark.parametrize("text", ["Jörg Groß", "Bauer", "Mueller-Lüdenscheidt", "Øre", "ÀÉÎ"])
def test_every_part_of_a_text_is_found_in_its_folded_text(text: str) -> None:
    haystack = folded_text([text])
    parts = [text[start:end] for start in range(len(text)) for end in range(start + 1, len(text) + 1)]
    assert all(spelling in haystack for part in parts for spelling in spellings(part))
