"""Untrusted text, made safe to display: without invisible characters, of bounded length, cuts marked."""

import re

_CODE_POINTS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
INVISIBLE = re.compile(f"[{_CODE_POINTS}]")
"""Control, format, bidirectional and filler characters: Unicode categories Cc, Cf and Cs and the
default-ignorable code points of DerivedCoreProperties, except line feed, tab, carriage return and the visible
number signs of Arabic and Syriac."""
SEPARATORS = re.compile("[\u2028\u2029]")
UNSAFE = re.compile(f"[{_CODE_POINTS}\u2028\u2029]")
_EDGES = re.compile(rf"\A[\s{_CODE_POINTS}]+|[\s{_CODE_POINTS}]+\Z")
QUOTED_CHARS = 40


def clean(text: str) -> str:
    """The text without characters that are invisible or change the order of others."""
    return SEPARATORS.sub("\n", INVISIBLE.sub("", text)) if UNSAFE.search(text) else text


def trimmed(text: str) -> str:
    """The text without blanks and invisible characters at its ends."""
    return text if text.isascii() and text.isalnum() else _EDGES.sub("", text)


def bounded(text: str, limit: int) -> str:
    """Clean text of at most `limit` characters; the end says how many more there are."""
    visible = text if text.isascii() and text.isprintable() else clean(text)
    if len(visible) <= limit:
        return visible
    return f"{visible[:limit]}… [{len(visible) - limit:,} more characters]"


def quote(text: str) -> str:
    """A short quotation for an error's sentence; it says when invisible characters were left out."""
    start = text[: 10 * QUOTED_CHARS]
    visible = clean(start)
    note = " (invisible characters left out)" if len(visible) < len(start) else ""
    return f"'{visible if len(visible) <= QUOTED_CHARS else visible[: QUOTED_CHARS - 1] + '…'}'{note}"
