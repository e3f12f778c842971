"""Text written by strangers: made safe to show to an agent, bounded, and never cut in silence."""

import re

_UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
INVISIBLE = re.compile(f"[{_UNSEEN}]")
"""Control, format, bidirectional and filler characters (Unicode general categories Cc, Cf, Cs and the
default-ignorable code points of DerivedCoreProperties); line feed, tab, carriage return and the number signs
of Arabic and Syriac, which are seen, excepted."""
SEPARATORS = re.compile("[\u2028\u2029]")
UNUSUAL = re.compile(f"[{_UNSEEN}\u2028\u2029]")
_EDGES = re.compile(rf"\A[\s{_UNSEEN}]+|[\s{_UNSEEN}]+\Z")
QUOTED_CHARS = 40


def clean(text: str) -> str:
    """The text without characters that a reader cannot see or that reorder what is seen."""
    return SEPARATORS.sub("\n", INVISIBLE.sub("", text)) if UNUSUAL.search(text) else text


def trimmed(text: str) -> str:
    """The text without blanks and invisible characters at its ends."""
    return text if text.isascii() and text.isalnum() else _EDGES.sub("", text)


def bounded(text: str, limit: int) -> str:
    """Clean text of at most `limit` characters; what is left out is said at its end."""
    seen = text if text.isascii() and text.isprintable() else clean(text)
    return seen if len(seen) <= limit else f"{seen[:limit]}… [{len(seen) - limit:,} more characters]"


def quote(text: str) -> str:
    """A short quotation for an error's sentence; says when invisible characters were left out."""
    start = text[: 10 * QUOTED_CHARS]
    seen = clean(start)
    hidden = " (invisible characters left out)" if len(seen) < len(start) else ""
    return f"'{seen if len(seen) <= QUOTED_CHARS else seen[: QUOTED_CHARS - 1] + '…'}'{hidden}"
