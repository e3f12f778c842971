"""Untrusted text: invisible characters are removed, and every cut is marked."""

import sys
import unicodedata

import pytest

from faktoora_mcp.text import bounded, clean, quote, trimmed

INVISIBLE_CHARS = {
    "bidirectional override": "\u202e",
    "bidirectional isolate": "\u2067",
    "right-to-left mark": "\u200f",
    "Arabic letter mark": "\u061c",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "byte order mark": "\ufeff",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "Mongolian vowel separator": "\u180e",
    "variation selector": "\ufe0f",
    "variation selector supplement": "\U000e0101",
    "tag letter": "\U000e0041",
    "cancel tag": "\U000e007f",
    "lone high surrogate": "\ud83d",
    "lone low surrogate": "\ude00",
    "null": "\x00",
    "escape": "\x1b",
    "delete": "\x7f",
    "C1 control": "\x9b",
    "interlinear annotation": "\ufff9",
    "musical format": "\U0001d173",
    "hieroglyph format": "\U00013430",
}
VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2}
"""Arabic and Syriac number signs: format characters that are visible."""


@pytest.mark.parametrize("char", INVISIBLE_CHARS.values(), ids=INVISIBLE_CHARS)
def test_an_invisible_character_is_removed(char: str) -> None:
    assert clean(f"Ac{char}me{char}") == "Acme"


def test_of_all_control_format_and_surrogate_characters_only_visible_ones_stay() -> None:
    hidden = {point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point))[0] == "C"}
    formats = {point for point in hidden if unicodedata.category(chr(point)) in ("Cc", "Cf", "Cs")}
    assert {point for point in formats if clean(chr(point))} == {*b"\t\n\r"} | VISIBLE_FORMATS


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_line_and_paragraph_separators_become_line_feeds(separator: str) -> None:
    assert clean(f"one{separator}two") == "one\ntwo"


@pytest.mark.parametrize(
    "text", ["Müller & Söhne", "日本", "Ελλάδα", "עברית", "العربية", "a\tb\r\nc", "😀", "e\u0301", ""]
)
def test_visible_text_stays(text: str) -> None:
    assert clean(text) == text


def test_clean_text_can_always_be_encoded() -> None:
    assert clean("".join(map(chr, range(0xD7FF, 0xE001)))).encode() == "\ud7ff\ue000".encode()


def test_blanks_and_invisible_characters_are_trimmed_at_the_ends_only() -> None:
    assert trimmed("\u200b \u00a0Acme\u200bGmbH\ufeff\n") == "Acme\u200bGmbH"


def test_text_within_the_limit_is_complete() -> None:
    assert bounded("12345", 5) == "12345"


def test_longer_text_says_how_many_characters_are_left_out() -> None:
    assert bounded("x" * 2345, 5) == "xxxxx… [2,340 more characters]"


def test_invisible_characters_do_not_count_against_the_limit() -> None:
    assert bounded("1\u200b2\u200b3\u200b", 3) == "123"


def test_a_quotation_is_in_quotes() -> None:
    assert quote("Acme") == "'Acme'"


def test_a_long_quotation_is_cut_to_forty_characters() -> None:
    assert quote("x" * 40) == f"'{'x' * 40}'"
    assert quote("x" * 41) == f"'{'x' * 39}…'"


def test_a_quotation_says_that_invisible_characters_are_left_out() -> None:
    assert quote("Ac\u202eme") == "'Acme' (invisible characters left out)"
