"""What wrong encodings make of text: letters that became several, other ones, signs or nothing."""

import re
from html import unescape
from itertools import permutations
from urllib.parse import unquote

from faktoora_mcp.text import INVISIBLE, clean, trimmed

_LETTERS = frozenset("äöüÄÖÜßé")
_USUAL = re.compile("[\t\n\r -~äöüÄÖÜßé\u2013]*")
_ESCAPES = re.compile(
    r"&(?:#[0-9]{2,6}|#x[0-9a-fA-F]{2,5}|[a-zA-Z]{2,8});|_x[0-9A-F]{4}_|\\u00[0-9a-fA-F]{2}|%C[2-5]%[89AB][0-9A-F]"
)
_CODE_POINT = re.compile(r"(?:_x([0-9A-F]{4})_|\\u(00[0-9a-fA-F]{2}))")
_SIGN_IN_WORD = re.compile(
    r"[^\W\d_][\u201e\u201d\u201a\u2020\u2030\u2039\u02c6\u00a7\u00b3\u00b8÷ⁿﬂΣ▀▄─╓\x80-\x9f][^\W\d_]"
)
"""Signs that stand for German letters where one of these encodings was taken for another."""
_CASE = re.compile("[a-zäöüß][A-ZÄÖÜŠŸŽ]")
_QUESTION_MARK = re.compile(r"[^\W\d_]\?[^\W\d_]")
_ONE_BYTE = ("cp1252", "cp850", "cp437", "mac_roman", "latin-1")
_LOST = "\ufffd"


def suspicious(text: str) -> bool:
    """Whether any check of this module can find something: a quick test for the many sound cells."""
    return (
        not _USUAL.fullmatch(text)
        or "&" in text
        or "?" in text
        or "%" in text
        or "\\" in text
        or "_x" in text
    )


def unescaped(text: str) -> str | None:
    """`Müller & Co` of `M&uuml;ller &amp; Co`; escapes of URLs, JSON and Excel as well."""
    if not _ESCAPES.search(text):
        return None
    plain = _CODE_POINT.sub(lambda found: chr(int(found[1] or found[2], 16)), unescape(text))
    plain = unquote(plain) if _ESCAPES.search(plain) else plain
    return trimmed(plain) if plain != text and _LOST not in plain else None


def encoded_once(text: str) -> str | None:
    """`Möbel` of `MÃ¶bel`. Of several steps those that lead to usual letters are enough."""
    if _USUAL.fullmatch(text):
        return None
    from ftfy import apply_plan, fix_encoding_and_explain

    fixed, plan = fix_encoding_and_explain(text)
    steps = [(step.action, step.parameter) for step in plan or ()]
    texts = (apply_plan(text, steps[: n + 1]) for n, (action, _) in enumerate(steps) if action == "decode")
    fixed = next(filter(_USUAL.fullmatch, texts), fixed)
    return fixed if fixed != text and _LOST not in fixed else None


def decoded_again(text: str) -> str | None:
    """`Müller` of `M³ller`: a sign stands where another encoding has a letter."""
    if not _SIGN_IN_WORD.search(text):
        return None
    for seen, meant in permutations(_ONE_BYTE, 2):
        try:
            again = text.encode(seen).decode(meant)
        except UnicodeError:
            continue
        if (
            again != text
            and all(char.isascii() or char in _LETTERS for char in again)
            and not _CASE.search(again)
        ):
            return again
    return None


def visible(text: str) -> str | None:
    """The text without invisible characters within."""
    return trimmed(clean(text)) if INVISIBLE.search(text) else None


def has_lost_characters(text: str) -> bool:
    return _LOST in text


def has_question_mark_in_word(text: str) -> bool:
    """`M?ller`: a program wrote a question mark for a letter that it did not know."""
    return _QUESTION_MARK.search(text) is not None
