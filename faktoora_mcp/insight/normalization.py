"""Normalization for comparing words: case, blanks, accents and umlauts."""

import re
from functools import lru_cache
from unicodedata import category, combining, decomposition, name, normalize

_TRANSCRIBED = {
    "ä": "aE", "ö": "oE", "ü": "uE", "ő": "oE", "ű": "uE", "ø": "oE", "å": "aA",
    "đ": "dJ", "ð": "dH", "ŋ": "nG", "æ": "ae", "œ": "oe", "þ": "th", "ə": "e", "ĸ": "q",
    **dict.fromkeys("\u2018\u2019\u02bc\xb4", "'"),
}  # fmt: skip
"""Transcriptions of ICAO Doc 9303-3 and of everyday use; other letters have the base letter alone."""
_WITH_ACCENT = re.compile("LATIN SMALL LETTER (?:DOTLESS )?([A-Z])(?: WITH .*)?")
_UMLAUTS_WRITTEN_OUT = {ord("E"): "e", **dict.fromkeys(map(ord, "AGHJ"))}


def cased(text: str) -> str:
    """The text without case and extra blanks: `Muenchen` and `München` stay different."""
    return " ".join(normalize("NFC", text).split()).casefold()


def spelling(text: str) -> str:
    """As `cased`, with base letters; an upper-case letter after them may be there or not.

    `Müller` is `muEller`, which stands for `muller` and `mueller`.
    """
    plain = cased(text)
    return plain if plain.isascii() else "".join(map(_letter, plain))


def folded(text: str) -> str:
    """The text without case, accents and extra blanks, umlauts as two letters."""
    return spelling(text).translate(_UMLAUTS_WRITTEN_OUT)


@lru_cache(4096)
def _letter(letter: str) -> str:
    """How a letter without case may be spelled; '' for an accent that stands alone."""
    if letter in _TRANSCRIBED:
        return _TRANSCRIBED[letter]
    if parts := [part for part in decomposition(letter).split() if not part.startswith("<")]:
        return "".join(map(_letter, "".join(chr(int(part, 16)) for part in parts).casefold()))
    if combining(letter) or category(letter) == "Cf":
        return ""
    if category(letter) == "Pd":
        return "-"
    accented = _WITH_ACCENT.fullmatch(name(letter, ""))
    return accented[1].lower() if accented else letter
