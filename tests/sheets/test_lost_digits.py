"""Postcodes that a spreadsheet took for numbers."""

import pytest

from faktoora_mcp.sheets.lost_digits import original_postcode


@pytest.mark.parametrize(
    ("text", "country", "postcode"),
    [
        ("1067", "DE", "01067"), ("1067.0", "DE", "01067"), ("1067,00", "DE", "01067"),
        ("1.067", "DE", "01067"), ("1,067E+03", "DE", "01067"), ("10.115", "DE", "10115"),
        ("1,0115E+04", "DE", "10115"), ("1010.0", "AT", "1010"), ("8.001", "CH", "8001"),
    ],
)  # fmt: skip
def test_a_postcode_that_became_a_number_is_restored(text: str, country: str, postcode: str) -> None:
    assert original_postcode(text, country) == postcode


@pytest.mark.parametrize("text", ["106", "0067", "5123", "101155", "1067 Dresden", "1,5", "01067", ""])
def test_nothing_is_restored_from_any_other_text(text: str) -> None:
    assert original_postcode(text, "DE") is None
