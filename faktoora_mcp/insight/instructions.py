"""Text in a record that reads as if it spoke to a language model, not to a bookkeeper.

Signs are added up: who is addressed, what is commanded, whose words are imitated, what is hidden. One weak
sign alone marks nothing, for customers' notes are full of commands to people. German and English.
"""

import re
import tomllib
import unicodedata
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.resources import files
from typing import Any

from pydantic import JsonValue

from faktoora_mcp.text import clean

MARKED = 2
"""The weight of signs from which a text is marked."""
MOST_CHARS = 20_000
SHORT_CHARS = 20
SHORT = re.compile(rf"\A[^<\[{{|#=:_]{{0,{SHORT_CHARS - 1}}}\Z")
"""Too short for a command, and without punctuation that imitates something: most names and places."""
ORDINARY = re.compile('[^\0<>\\[\\]{}|#=:_*~"`$\u00ad\u0250-\u200f\u2028-\u20ab\u20ad-\U0010ffff]*\\Z')
"""No punctuation that imitates something, no characters of other scripts."""
DISGUISED = (
    re.compile(r"[013457](?<=[a-zß-ɏ].)(?=[a-zß-ɏ])"),
    re.compile(r"@[a-zß-ɏ]+[ \n]"),
    re.compile(r"[ .-](?:\w[ .-]){3}"),
    re.compile(r"(?<![a-z0-9+/])[a-z0-9+/]{24}"),
)
"""Digits amid letters, @ for a letter, letters apart, what may be Base64: quicker than as one pattern."""
_STEM, _OPEN = 5, 3
"""Words are compared with those of the signs by so many first letters, those with an open ending by fewer."""
_WORDS = re.compile(r"[a-zß-ɏ]+")
_LITERALS = re.compile(r"(?<![^\W_])([^\W\d_]{2,})(\\w|[?*+\[(])?")
_SYNTAX = re.compile(r"\\(?!w)\w|(?<!\w)\\w|\$\{\w+\}")
_USED = re.compile(r"(?<!\(\?!)\$\{(\w+)\}")
_HIDDEN = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff\u00ad\u180e]")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAGS = re.compile("[\U000e0000-\U000e007f]{3,}")
_FLAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{1,8}")
"""Flags of regions are written with the same invisible characters."""
MANY_HIDDEN = 4
CACHED_TEXTS, CACHED_CHARS = 4_096, 500
"""The outcome of a quick look is kept for so many texts of at most so many characters."""
_ENCODED = re.compile(r"(?<![\w+/])[A-Za-z0-9+/]{24,}={0,2}(?![\w+/=])")
GAP = r"[^.\n]{0,50}?"
"""Some words of the same sentence."""
_SPACED = re.compile(r"(?<!\w)(?:\w[ ._*-]){5,}\w(?!\w)")
_SHOUTED = re.compile(r"\b([A-ZÄÖÜ]{2,})\.(?= [A-ZÄÖÜ]{2,}\b)")
"""Full stops between words in capitals."""
_LEET = str.maketrans("013457@$", "oleastas"), str.maketrans("013457@$", "oieastas")
_AMID_LETTERS = re.compile(r"(?<=[a-zäöüß])[013457@$](?=[a-zäöüß])")
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


def instructing_records(records: Sequence[Mapping[str, JsonValue]]) -> list[list[str]]:
    """The same for many records, most of which have none; quicker than one by one."""
    texts = [_flat(record.values()) for record in records]
    if ORDINARY.match("".join(map("".join, texts))) is None:
        return [_if_doubtful(record, "\n".join(each)) for record, each in zip(records, texts, strict=True)]
    joined = ["\n".join([text for text in each if len(text) >= SHORT_CHARS]) for each in texts]
    long = "\0".join(joined).casefold()
    if _is_disguised(long):
        return [_if_doubtful(record, text) for record, text in zip(records, joined, strict=True)]
    rows = zip(records, long.split("\0"), strict=bool(records))
    return [instructing_fields(record) if _may_have_words(text) else [] for record, text in rows]


def _if_doubtful(record: Mapping[str, JsonValue], text: str) -> list[str]:
    return instructing_fields(record) if _may_instruct(text) else []


def text_chars(value: JsonValue) -> int:
    """How many characters there are to read in a value."""
    return sum(map(len, _texts(value)))


def is_instruction(text: str) -> bool:
    return _judged(text) if len(text) <= CACHED_CHARS else _is_marked(text)


def _is_marked(text: str) -> bool:
    return sum(sign.weight for sign in signs(text)) >= MARKED


def signs(text: str) -> Iterator[Sign]:
    """Every sign in a text, each once."""
    start = text[:MOST_CHARS]
    yield from _hidden(start)
    if any(map(_is_text, _ENCODED.findall(start))):
        yield Sign("an encoded text", MARKED)
    if SHORT.match(start) or not _may_instruct(start):
        return
    readings = _readings(start)
    yield from (sign for sign, pattern in _signs() if any(map(pattern.search, readings)))


def _may_instruct(text: str) -> bool:
    """Whether a closer look is needed: quick, and true for every text in which signs are found."""
    folded = text.casefold()
    return not _is_plain(folded) or _may_have_words(folded)


def _is_plain(folded: str) -> bool:
    return ORDINARY.match(folded) is not None and not _is_disguised(folded)


def _is_disguised(folded: str) -> bool:
    return any(pattern.search(folded) for pattern in DISGUISED)


def _may_have_words(folded: str) -> bool:
    return _known(folded) if len(folded) <= CACHED_CHARS else _has_words_of_signs(folded)


def _has_words_of_signs(folded: str) -> bool:
    """Two words of the signs, or one for a model."""
    stems, words = _stems(), _WORDS.findall(folded)
    hits = stems.whole.intersection([word[:_STEM] for word in words])
    if stems.open.isdisjoint(short := [word[:_OPEN] for word in words]):
        return len(hits) > 1 or not hits.isdisjoint(stems.models)
    return bool(hits) or len(stems.open.intersection(short)) > 1


_known = lru_cache(CACHED_TEXTS)(_has_words_of_signs)
_judged = lru_cache(CACHED_TEXTS)(_is_marked)


@dataclass(frozen=True, slots=True)
class _Stems:
    """How words of the signs begin: `whole` with five letters, `open` with three where the rest varies."""

    whole: frozenset[str]
    open: frozenset[str]
    models: frozenset[str]


@cache
def _stems() -> _Stems:
    table = _table()
    patterns = [pattern for sign in table["signs"] for pattern in sign["patterns"]]
    used = {name for pattern in patterns for name in _USED.findall(pattern)}
    lists = [word.partition("_")[0] for name in used for word in table["lists"].get(name, "").split()]
    found = [*_literals(lists), *_literals(_SYNTAX.sub(" ", pattern) for pattern in patterns)]
    models = [
        *_literals(
            word.partition("_")[0] for name in ("model", "helper") for word in table["lists"][name].split()
        )
    ]
    return _Stems(
        frozenset(word[:_STEM] for word, size in found if size >= _STEM or size == len(word)),
        frozenset(word[:_OPEN] for word, size in found if size < min(_STEM, len(word))),
        frozenset(word[:_STEM] for word, _ in models),
    )


def _literals(texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The words of the texts, and how many of their letters are certain."""
    for text in texts:
        for word, end in _LITERALS.findall(text):
            certain = len(word) - (end == "?")
            yield (word + "…" if end else word), certain


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


def _is_text(code: str) -> bool:
    """Whether Base64 or hexadecimal digits stand for several words."""
    for decoded in (bytes.fromhex, partial(b64decode, validate=True)):
        try:
            plain = decoded(code[: len(code) // 4 * 4]).decode()
        except ValueError:
            continue
        if plain.isprintable() and len(_WORDS.findall(plain.casefold())) > 1 and " " in plain:
            return True
    return False


def _readings(text: str) -> set[str]:
    """As a person reads it: without disguises by width, spacing, digits, or letters of other scripts."""
    plain = clean(unicodedata.normalize("NFKC", text))
    plain = _SHOUTED.sub(r"\1", plain).casefold()
    if not plain.isascii():
        plain = _MIXED.sub(lambda word: word[0].translate(_LOOKALIKES), plain)
    plain = _SPACED.sub(lambda run: re.sub(r"[ ._*-]", "", run[0]), plain)
    return {_AMID_LETTERS.sub(lambda digit: digit[0].translate(leet), plain) for leet in _LEET}  # noqa: B023 (sub calls it at once)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("faktoora_mcp.insight") / "instruction_signs.toml").read_text("utf-8"))


@cache
def _signs() -> list[tuple[Sign, re.Pattern[str]]]:
    table = _table()
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


def _flat(values: Iterable[JsonValue]) -> list[str]:
    """The texts in the values; most of these are texts."""
    texts: list[str] = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, (list, dict)):
            texts += _texts(value)
    return texts


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
