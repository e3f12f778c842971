"""Untrusted text: invisible characters are removed, and every cut is marked."""

import json
import sys
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from string import ascii_letters, ascii_lowercase, digits
from urllib.parse import quote as percent
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.text import MASK, bounded, clean, masked, masked_json, quote, trimmed

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


KEY = 'fk_live/Zx9"8&q-7\\Wp2%mT'
"""It holds what every way of writing escapes."""
SEEN_AS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "percent": lambda key: percent(key, safe=""),
    "percent, small digits": lambda key: percent(key, safe="").lower(),
    "percent twice": lambda key: percent(percent(key, safe=""), safe=""),
    "form": quote_plus,
    "all percent": lambda key: "".join(f"%{ord(letter):02X}" for letter in key),
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON in JSON": lambda key: json.dumps(json.dumps(key))[3:-3],
    "JSON with slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON code points": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "Python": lambda key: "".join(f"\\x{ord(letter):02x}" for letter in key),
    "HTML": escape,
    "HTML decimal": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    "HTML hexadecimal": lambda key: "".join(f"&#x{ord(letter):X};" for letter in key),
    "hexadecimal": lambda key: key.encode().hex(),
    "base64": lambda key: b64encode(key.encode()).decode().rstrip("="),
    "base64 for URLs": lambda key: urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "base64 after a user": lambda key: b64encode(f"user:{key}".encode()).decode().rstrip("="),
    "base64 within": lambda key: b64encode(f"ab{key}yz".encode()).decode(),
}
LETTERS = ascii_letters + digits + "-_.~!$&'()*+,;=:@/?%\\\"<>#[]{}|^`"
KEYS = st.text(LETTERS, min_size=8, max_size=80)


def longest_shared(text: str, key: str) -> int:
    """The length of the longest run of the key in the text, without case."""
    text, key = text.lower(), key.lower()
    shared = (
        size
        for size in range(len(key), 0, -1)
        if any(key[start : start + size] in text for start in range(len(key) - size + 1))
    )
    return next(shared, 0)


class TestMasked:
    @pytest.mark.parametrize("way", SEEN_AS)
    def test_the_key_is_masked_however_it_is_written(self, way: str) -> None:
        shown = masked(f"Unknown key <{SEEN_AS[way](KEY)}>.", KEY)
        start, _, end = shown.partition(MASK)
        assert (start[:13], end[-2:], len(shown) <= len("Unknown key <user:12>.") + 12) == (
            "Unknown key <", ">.", True,
        )  # fmt: skip

    @given(KEYS, st.sampled_from(sorted(SEEN_AS)), st.text(max_size=20), st.text(max_size=20))
    def test_no_way_of_writing_gives_away_a_run_of_the_key(
        self, key: str, way: str, before: str, after: str
    ) -> None:
        written = SEEN_AS[way](key)
        shown = masked(f"{before} {written} {after}", key).replace(MASK, "\0")
        assert longest_shared(shown, written) < 12

    @given(KEYS, st.data())
    def test_twelve_characters_of_the_key_are_never_shown(self, key: str, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, len(key) - 1))
        stop = data.draw(st.integers(start, len(key)))
        shown = masked(f"key {key[start:stop]}!", key).replace(MASK, "\0")
        assert longest_shared(shown, key) < 12

    @given(st.text(ascii_letters + digits, min_size=12, max_size=40), st.data())
    def test_eight_characters_with_digits_and_letters_are_never_shown(
        self, key: str, data: st.DataObject
    ) -> None:
        start = data.draw(st.integers(0, len(key) - 8))
        run = key[start : start + data.draw(st.integers(8, 11))]
        mixed = any(map(str.isdigit, run)) and any(map(str.isalpha, run))
        assert (masked(f"({run})", key) == f"({MASK})") >= mixed

    @given(st.text(ascii_lowercase, min_size=12, max_size=40), st.integers(0, 20))
    def test_fewer_than_twelve_letters_are_words(self, key: str, start: int) -> None:
        run = key[start : start + 11]
        assert masked(run, key) == run

    @given(KEYS, st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x100)))
    def test_what_has_nothing_of_the_key_stays(self, key: str, text: str) -> None:
        assert masked(text, key) == text

    @pytest.mark.parametrize("word", ["", "any", "key", "sandbox"])
    def test_a_word_that_is_shorter_than_a_key_stays(self, word: str) -> None:
        assert masked(f"isCompany must be {word}", word) == f"isCompany must be {word}"

    def test_several_runs_are_masked_and_the_rest_stays(self) -> None:
        text = "x-api-key: abcd1234efgh5678, again abcd1234, and 12345678"
        assert masked(text, "abcd1234efgh5678") == f"x-api-key: {MASK}, again {MASK}, and 12345678"

    def test_texts_and_names_of_a_json_value_are_masked(self) -> None:
        value = {"note": ["my key", {KEY: 1, "b": f"({KEY})"}], "n": None, "t": True}
        shown = {"note": ["my key", {MASK: 1, "b": f"({MASK})"}], "n": None, "t": True}
        assert masked_json(json.loads(json.dumps(value)), KEY) == shown

    def test_a_json_value_without_the_key_is_not_copied(self) -> None:
        value: list[object] = ["a", {"b": 1}]
        assert masked_json(json.loads("[]"), KEY) == []
        assert masked_json(value, KEY) is value  # pyright: ignore[reportArgumentType] (JSON all the same)
