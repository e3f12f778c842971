"""Text in a record that reads as if it spoke to a language model, not to a bookkeeper.

Signs are added up: who is addressed, what is commanded, whose words are imitated, what is hidden. One weak
sign alone marks nothing, for customers' notes are full of commands to people. German and English.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import JsonValue

from faktoora_mcp.text import clean

MARKED = 2
"""The weight of signs from which a text is marked."""
MOST_CHARS = 20_000
SHORT = re.compile(r"\A[^<\[{|#=:_]{0,19}\Z")
"""Too short for a command, and without punctuation that imitates something: most names and places."""
_HIDDEN = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff\u00ad\u180e]")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAGS = re.compile("[\U000e0000-\U000e007f]{3,}")
_FLAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{1,8}")
"""Flags of regions are written with the same invisible characters."""
MANY_HIDDEN = 4
GAP = r"[^.\n]{0,50}?"
"""Some words of the same sentence."""
_SPACED = re.compile(r"(?<!\w)(?:\w[ ._*-]){5,}\w(?!\w)")
_SHOUTED = re.compile(r"\b([A-ZÄÖÜ]{2,})\.(?= [A-ZÄÖÜ]{2,}\b)")
"""Full stops between words in capitals."""
_LEET = str.maketrans("013457@$", "oleastas")
_MIXED = re.compile(r"(?=\w*[a-z])(?=\w*[\u0370-\u03ff\u0400-\u04ff])\w{3,}")
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһкмтвн", "aeopcyxijsdhkmtbh")


@dataclass(frozen=True, slots=True)
class Sign:
    """`weight` of 2 is enough by itself."""

    name: str
    weight: int


def instructing_fields(record: Mapping[str, JsonValue]) -> list[str]:
    """The fields of a record whose text should be read with suspicion, by name."""
    return [name for name, value in record.items() if any(map(is_instruction, _texts(value)))]


def is_instruction(text: str) -> bool:
    return sum(sign.weight for sign in signs(text)) >= MARKED


def signs(text: str) -> Iterator[Sign]:
    """Every sign in a text, each once."""
    start = text[:MOST_CHARS]
    yield from _hidden(start)
    if SHORT.match(start):
        return
    plain = _readable(start)
    yield from (sign for sign, pattern in _signs() if pattern.search(plain))


def _hidden(text: str) -> Iterator[Sign]:
    if text.isascii():
        return
    without_flags = _FLAGS.sub("", text)
    if _TAGS.search(without_flags) or _REORDERING.search(text):
        yield Sign("hidden or reordered characters", MARKED)
    elif len(_HIDDEN.findall(text)) >= MANY_HIDDEN:
        yield Sign("many invisible characters", 1)
    if _MIXED.search(text.lower()):
        yield Sign("letters of two scripts in one word", 1)


def _readable(text: str) -> str:
    """As a person reads it: without disguises by width, spacing, or letters of other scripts."""
    plain = clean(unicodedata.normalize("NFKC", text))
    plain = _SHOUTED.sub(r"\1", plain).casefold()
    if not plain.isascii():
        plain = _MIXED.sub(lambda word: word[0].translate(_LOOKALIKES), plain)
    plain = _SPACED.sub(lambda run: re.sub(r"[ ._*-]", "", run[0]), plain)
    return re.sub(r"(?<=[a-zäöüß])[013457@$](?=[a-zäöüß])", lambda digit: digit[0].translate(_LEET), plain)


@cache
def _signs() -> list[tuple[Sign, re.Pattern[str]]]:
    table = tomllib.loads((files("faktoora_mcp.insight") / "instruction_signs.toml").read_text("utf-8"))
    lists = {name: _any_of(words) for name, words in table["lists"].items()} | {"gap": GAP}
    return [
        (Sign(sign["name"], sign["weight"]), _compiled("|".join(sign["patterns"]), lists))
        for sign in table["signs"]
    ]


def _compiled(pattern: str, lists: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$\{(\w+)\}", lambda place: lists[place[1]], pattern), re.MULTILINE)


def _any_of(words: str) -> str:
    parts = (re.escape(word).replace(r"\*", r"\w*").replace("_", " ") for word in words.split())
    return rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)"


def _texts(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for name, item in value.items():
                yield name
                yield from _texts(item)
        case _:
            pass
