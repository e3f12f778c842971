"""Findings become sentences in the reader's language, by code, once values of hidden fields are redacted."""

import re
from collections.abc import Iterable
from functools import cache
from string import Formatter

from faktoora_mcp.language import Language, spoken
from faktoora_mcp.rules.findings import Finding, Of, Part, found
from faktoora_mcp.text import quote

from .english import MARK, MARKED, SENTENCES
from .redaction import NOTHING, is_hidden

WITHOUT_VALUES = frozenset({
    MARKED, "hidden", "too_large", "cleaned", "not_shown", "restore_needs", "undo_lost", "list_stays",
})  # fmt: skip
"""Codes whose sentences say nothing about the value of their field, so that they are never hidden."""


class _Sentences(Formatter):
    """`{name!q}` quotes a value."""

    def convert_field(self, value: object, conversion: object) -> object:
        if isinstance(value, _Described) and conversion is None:
            return described(value)
        return quote(str(value)) if conversion == "q" and value != MARK else value


class _Described(str):
    """A value in our own words, such as `2 letters and 9 digits`, unless its sentence quotes it."""

    __slots__ = ()


_FORMATTER = _Sentences()
DESCRIBED = frozenset({"rule", "expected", "got"})
"""Values that may be our own words."""


@cache
def sentences(language: Language) -> dict[str, str]:
    """The table of a language; all have the same codes. Nobody who reads English needs the others."""
    if language == "en":
        return SENTENCES
    from .german import SENTENCES as GERMAN

    return GERMAN


def sentence(finding: Finding, hidden: frozenset[str] = NOTHING) -> str:
    """The sentence, without the field that it is about."""
    return _rendered(redacted(finding, hidden))


def line(finding: Finding, hidden: frozenset[str] = NOTHING) -> str:
    """The sentence after its field: `vatId: check digit looks wrong`."""
    told = sentence(finding, hidden)
    return f"{finding.path}: {told}" if finding.path else told


def reason(parts: Iterable[Finding], hidden: frozenset[str] = NOTHING) -> str:
    """Findings that belong together: `same name, same postcode 10115`."""
    return ", ".join(dict.fromkeys(sentence(part, hidden) for part in parts))


def redacted(finding: Finding, hidden: frozenset[str]) -> Finding:
    """The finding without the values of hidden fields; marked as a whole where its words alone tell one."""
    if not hidden or finding.code in WITHOUT_VALUES:
        return finding
    told = {name for name, part in finding.values if isinstance(part, Of) and is_hidden(part.field, hidden)}
    if is_hidden(finding.path, hidden) or not told <= placeholders(finding.code):
        return found(MARKED, finding.path)
    return found(
        finding.code, finding.path, **{name: _redacted(part, hidden) for name, part in finding.values}
    )


@cache
def placeholders(code: str) -> frozenset[str]:
    """The names of the values that the sentence shows."""
    return frozenset(name for _, name, *_ in _FORMATTER.parse(SENTENCES[code]) if name)


def _redacted(part: Part, hidden: frozenset[str]) -> Part:
    match part:
        case Of():
            return MARK if is_hidden(part.field, hidden) else part
        case Finding():
            return redacted(part, hidden)
        case tuple():
            return tuple(redacted(finding, hidden) for finding in part)
        case _:
            return part


def _rendered(finding: Finding) -> str:
    table = sentences(spoken())
    return _FORMATTER.vformat(
        table[finding.code], (), {name: _value(name, part) for name, part in finding.values}
    )


def described(text: str) -> str:
    """Our own words for a form, a type or a row, in the reader's language."""
    if spoken() == "en":
        return text
    from .german import WORDS

    pattern = "|".join(map(re.escape, sorted(WORDS, key=len, reverse=True)))
    return re.sub(rf"\b(?:{pattern})\b", lambda found: WORDS[found[0]], text)


def _value(name: str, part: Part) -> str:
    return _Described(_text(part)) if name in DESCRIBED else _text(part)


def _text(part: Part) -> str:
    """Findings within one stand after each other, parted by semicolons."""
    match part:
        case None:
            return ""
        case Of():
            return str(part.value)
        case Finding():
            return _rendered(part)
        case tuple():
            return "; ".join(map(_rendered, part))
        case _:
            return str(part)
