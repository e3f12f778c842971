"""A text is found by each of its spellings, and names that only look alike are not."""
# ruff: noqa: RUF001 - letters that look alike are what is tested

import re
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.insight.normalization import cased, folded, spelling
from faktoora_mcp.insight.spelling import contains, ends_with, starts_with

SPELLED = {
    "ä": ["a", "ae"], "ö": ["o", "oe"], "ü": ["u", "ue"], "ß": ["ss"], "ø": ["o", "oe"], "å": ["a", "aa"],
    "æ": ["ae", "ä"], "œ": ["oe", "ö"], "đ": ["d", "dj"], "ð": ["d", "dh"], "þ": ["th"], "ł": ["l"],
    "ı": ["i"], "İ": ["i"], "ğ": ["g"], "ş": ["s"], "ç": ["c"], "ñ": ["n"], "č": ["c"], "ć": ["c"],
    "š": ["s"], "ž": ["z"], "ř": ["r"], "ů": ["u"], "ő": ["o", "ö", "oe"], "ű": ["u", "ü"], "ą": ["a"],
    "ę": ["e"], "é": ["e", "è"], "ë": ["e"], "ï": ["i"], "ț": ["t", "ţ"], "ħ": ["h"], "ŧ": ["t"],
    "ŋ": ["n", "ng"], "ż": ["z"], "ě": ["e"], "ķ": ["k"], "ė": ["e"], "ų": ["u"], "ỗ": ["o", "ô"],
    "ĳ": ["ij"], "ﬁ": ["fi"], "ά": ["α"], "ё": ["е"], "’": ["'"], "–": ["-"], "ẞ": ["ss", "ß"],
}  # fmt: skip
LETTERS = st.sampled_from([*SPELLED, *"aeouidjghsnt lmBAEOUZ&.-'1"])
TEXTS = st.lists(LETTERS, min_size=1, max_size=12).map("".join)
RETYPED = (str, str.lower, str.upper, str.title)


@st.composite
def texts_and_spellings(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same with any of its letters spelled otherwise, in any case and composition."""
    text = draw(TEXTS)
    letters = [draw(st.sampled_from([letter, *SPELLED.get(letter, ())])) for letter in text]
    return text, "".join(letters)


def recomposed(draw: st.DataObject, text: str) -> str:
    return unicodedata.normalize("NFC" if draw.draw(st.booleans()) else "NFD", text)


@given(st.data(), texts_and_spellings())
def test_a_text_is_found_by_any_spelling_of_it_in_both_directions(
    data: st.DataObject, spelled: tuple[str, str]
) -> None:
    text, other = (recomposed(data, one) for one in spelled)
    retype = data.draw(st.sampled_from(RETYPED))
    assert contains(retype(other))(text)
    assert contains(text)(retype(other))
    assert starts_with(retype(other))(text)
    assert ends_with(retype(other))(text)


@given(st.data(), texts_and_spellings(), TEXTS, TEXTS)
def test_every_part_of_a_spelling_is_found(
    data: st.DataObject, spelled: tuple[str, str], before: str, after: str
) -> None:
    text, other = spelled
    start = data.draw(st.integers(0, len(other) - 1))
    part = other[start : data.draw(st.integers(start + 1, len(other)))].strip()
    assert contains(part)(before + text + after)


@given(TEXTS, TEXTS)
def test_of_ascii_texts_only_the_case_may_differ(part: str, text: str) -> None:
    plain = [re.sub("[^ -~]", "", one) for one in (part, text)]
    sought, found = (cased(one) for one in plain)
    assert contains(plain[0])(plain[1]) == (sought in found)
    assert starts_with(plain[0])(plain[1]) == found.startswith(sought)
    assert ends_with(plain[0])(plain[1]) == found.endswith(sought)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("muller", "Müller"), ("MUELLER", "Müller"), ("müller", "Muller"), ("müller", "Mueller"),
        ("koln", "Köln"), ("yilmaz", "Yılmaz"), ("YILMAZ", "Yılmaz"), ("dorde", "Đorđe"),
        ("djordje", "Đorđe"), ("dordje", "Đorđe"), ("đorđe", "Djordje"), ("strasse", "Hauptstraße 1"),
        ("straße", "HAUPTSTRASSE 1"), ("soren", "Søren"), ("soeren", "Søren"), ("aarhus", "Århus"),
        ("arhus", "Århus"), ("lodz", "Łódź"), ("aero", "Ærø"), ("thor", "Þór"), ("gudrun", "Guðrún"),
        ("munoz", "Muñoz"), ("dvorak", "Dvořák"), ("istanbul", "İstanbul"), ("nguyen", "Nguyễn"),
        ("o'brien", "O’Brien"), ("gross-gerau", "Groß–Gerau"), ("kjær", "Kjaer"), ("müller", "mu\u0308ller"),
        ("mueller-gunther", "Müller-Günther"), ("donaudampf", "Donau\u00addampf"),
    ],
)  # fmt: skip
def test_it_is_found(part: str, text: str) -> None:
    assert contains(part)(text)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("baur", "Bauer"), ("bauer", "Baur"), ("muller", "Mueller"), ("mueller", "Muller"), ("aa", "Ä"),
        ("djordje", "Dorde"), ("aaaaa", "åå"), ("müe", "Mu"),
        ("straße", "Strase"), ("ueeller", "Müller"),
    ],
)  # fmt: skip
def test_it_is_not_found(part: str, text: str) -> None:
    assert not contains(part)(text)


@pytest.mark.parametrize(("part", "found"), [("mue", True), ("mu", True), ("ueller", False), ("ll", False)])
def test_a_start_is_found_only_at_the_start(part: str, found: bool) -> None:  # noqa: FBT001 (a column)
    assert starts_with(part)("Müller") is found


@pytest.mark.parametrize(
    ("part", "text"), [("brü", "Bru"), ("brü", "BRUE"), ("bru", "Brü"), ("e", "Brü"), ("aarå", "Vaarå")]
)
def test_an_end_is_found_in_any_spelling(part: str, text: str) -> None:
    assert ends_with(part)(text)


@pytest.mark.parametrize(("part", "text"), [("br", "Brü"), ("brü", "Bri"), ("brü", "Brün"), ("uee", "Brü")])
def test_an_end_is_found_only_at_the_end(part: str, text: str) -> None:
    assert not ends_with(part)(text)


def test_letters_may_be_left_out_on_both_sides_without_trying_every_way() -> None:
    assert not contains("å" * 200 + "z")("å" * 2_000)
    assert not contains("a" * 200 + "z")("å" * 2_000)


@pytest.mark.parametrize("read", [spelling, folded])
def test_every_letter_of_unicode_has_a_spelling_without_its_accent(read: Callable[[str], str]) -> None:
    letters = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    latin = (one for one in letters if unicodedata.name(one, "").startswith("LATIN SMALL LETTER"))
    accented = [one for one in latin if re.search("LETTER [A-Z] WITH ", unicodedata.name(one))]
    assert len(accented) > 300
    assert [one for one in accented if not read(one).isascii()] == ["ŀ", "ẚ", "ꬾ"]
