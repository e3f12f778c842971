"""Folds text for search and sorting: case, accents, umlauts and ß."""

import unicodedata
from functools import lru_cache

SEPARATOR = "\x1f"
_CONTROLS = dict.fromkeys(range(32), " ")
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """`MÜNCHEN` and `munchen` both become `munchen`."""
    if text.isascii() and text.isprintable():
        return text.lower()
    return _without_accents(unicodedata.normalize("NFKC", text).casefold())


def fold_written_out(text: str) -> str:
    """`München` and `MUENCHEN` both become `muenchen`."""
    if text.isascii() and text.isprintable():
        return text.lower()
    return _without_accents(unicodedata.normalize("NFKC", text).casefold().translate(_WRITTEN_OUT))


@lru_cache(maxsize=4096)
def spellings(text: str) -> tuple[str, ...]:
    """The folded forms of a text: without accents and, if that differs, with umlauts written out."""
    return tuple(dict.fromkeys((fold(text), fold_written_out(text))))


def fold_case(text: str) -> str:
    """`MÜNCHEN` becomes `münchen`."""
    return text.lower().translate(_CONTROLS)


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_CONTROLS)
