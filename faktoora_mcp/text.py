"""Text made safe to display: without invisible characters, of bounded length, cuts marked, the key masked."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from operator import eq
from string import ascii_lowercase, ascii_uppercase

from pydantic import JsonValue
from pydantic_core import to_json

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
MASK = "[key]"
_BLOCK, _MIXED_RUN, _ANY_RUN = 4, 8, 12
"""Runs of a key's characters are masked from 8 on with letters and digits, from 12 on without."""
_ESCAPED = re.compile(
    r"""[%\\&](?:
        (?:(?<=%)|(?<=\\)(?:u00|x))([0-9a-f]{2})
        |(?<=&)(?:\#x0*([0-9a-f]{2})|\#0*([0-9]{2,3})|(amp|lt|gt|quot|apos));
        |(?<=\\)([\\"'/])
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""It begins with a set of characters, so that text without them is passed over quickly."""
_ALIGNED = re.compile(f"(?s:.{{{_BLOCK}}})")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPE_LEVELS = 3
_FOLDED = bytes.maketrans(f"{ascii_uppercase}-_".encode(), f"{ascii_lowercase}+/".encode())
"""Upper and lower case are the same, and so are the two alphabets of base64."""


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


def masked(text: str, key: str) -> str:
    """The text with [key] for the key and for every run of its characters that gives away a part of it.

    In any case, percent-encoded, escaped for JSON or HTML, in base64 or in hexadecimal digits, too.
    """
    forms = {*_forms(key)}
    blocks = {form[place : place + _BLOCK] for form in forms for place in range(len(form) - _BLOCK + 1)}
    shown, end = "", 0
    for start, stop in sorted(_exposed(text, forms, blocks)):
        shown += text[end:start] + MASK if start > end or not shown else ""
        end = max(end, stop)
    return shown + text[end:]


def _forms(key: str) -> Iterator[str]:
    """The key, also encoded; of base64 the characters that do not depend on the text around the key."""
    yield from (_folded(reading) for reading, _ in _readings(key))
    yield key.encode().hex()
    for before in range(3):
        code = b64encode(bytes(before) + key.encode()).decode()
        certain = code.rstrip("=")[:-1] if code.endswith("=") else code
        yield _folded(certain[(0, 2, 3)[before] :])


def _folded(text: str) -> str:
    """The text in which characters that count as the same are the same; as long as before."""
    return text.encode(errors="surrogatepass").translate(_FOLDED).decode(errors="surrogatepass")


def _exposed(text: str, forms: Iterable[str], blocks: set[str]) -> Iterator[tuple[int, int]]:
    """Start and end of every run to mask: it has 8 characters, so a block in it starts at a multiple of 4."""
    for reading, places in _readings(text):
        folded = _folded(reading)
        aligned = _ALIGNED.findall(folded)
        if blocks.isdisjoint(aligned):
            continue
        for place in (_BLOCK * number for number, block in enumerate(aligned) if block in blocks):
            for start, stop in _runs(folded, place, forms):
                yield places[start], places[stop]


def _runs(text: str, place: int, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
    """The runs around the block at this place that are long enough."""
    for form in forms:
        at = form.find(text[place : place + _BLOCK])
        while at >= 0:
            start = place - common_prefix(text[max(0, place - at) : place][::-1], form[:at][::-1])
            stop = place + common_prefix(text[place : place + len(form)], form[at:])
            if _tells(text[start:stop], form):
                yield start, stop
            at = form.find(text[place : place + _BLOCK], at + 1)


def common_prefix(one: str, other: str) -> int:
    """How many characters they start with in common."""
    return sum(takewhile(bool, map(eq, one, other)))


def _tells(run: str, form: str) -> bool:
    mixed = any(map(str.isdigit, run)) and any(map(str.isalpha, run))
    return len(run) >= (_MIXED_RUN if mixed or run == form else _ANY_RUN)


def _readings(text: str) -> Iterator[tuple[str, Sequence[int]]]:
    """The text as it is, then without its escapes, and where every character (and the end) stands in it."""
    places: Sequence[int] = range(len(text) + 1)
    yield text, places
    for _ in range(_ESCAPE_LEVELS):
        if not _ESCAPED.search(text):
            return
        text, places = _unescaped(text, places)
        yield text, places


def _unescaped(text: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    pieces: list[str] = []
    kept: list[int] = []
    end = 0
    for found in _ESCAPED.finditer(text):
        pieces += text[end : found.start()], _character(found)
        kept += places[end : found.start() + 1]
        end = found.end()
    return "".join(pieces) + text[end:], [*kept, *places[end:]]


def _character(escape: re.Match[str]) -> str:
    octet, entity, decimal, name, itself = escape.groups()
    if name:
        return _ENTITIES[name.lower()]
    return itself or chr(int(octet or entity or decimal, 10 if decimal else 16))


def masked_json(value: JsonValue, key: str) -> JsonValue:
    """The value with the key masked in every text and name."""
    text = to_json(value).decode()
    return value if masked(text, key) == text else without_key(value, key)


def without_key(value: JsonValue, key: str) -> JsonValue:
    """The value with the key masked in every text and name, looked for in each."""
    match value:
        case str():
            return masked(value, key)
        case list():
            return [without_key(item, key) for item in value]
        case dict():
            return {masked(name, key): without_key(item, key) for name, item in value.items()}
        case _:
            return value
