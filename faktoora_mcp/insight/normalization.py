"""Normalization for comparing: case, blanks, accents and umlauts; punctuation of ids."""

from unicodedata import combining, normalize

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "œ": "oe", "ł": "l"})


def cased(text: str) -> str:
    """The text without case and extra blanks: `Muenchen` and `München` stay different."""
    return " ".join(normalize("NFC", text).split()).casefold()


def folded(text: str) -> str:
    """The text without case, accents and extra blanks, umlauts as two letters."""
    plain = cased(text)
    return plain if plain.isascii() else _without_accents(plain.translate(_UMLAUTS))


def compact(text: str) -> str:
    """An id or a number: letters and digits only, upper-case."""
    return "".join(letter for letter in normalize("NFKC", text) if letter.isalnum()).upper()


def _without_accents(text: str) -> str:
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter))
