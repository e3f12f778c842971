"""Findings become sentences here, by code, once the values of hidden fields are redacted."""

from collections.abc import Iterable
from functools import cache
from string import Formatter

from faktoora_mcp.rules.findings import Finding, Of, Part, found
from faktoora_mcp.text import quote

from .english import MARK, MARKED, SENTENCES
from .redaction import NOTHING, is_hidden

WITHOUT_VALUES = frozenset({
    MARKED, "hidden", "too_large", "cleaned", "not_shown", "restore_needs", "undo_lost", "list_stays",
})  # fmt: skip
"""Codes whose sentences say nothing about the value of their field, so that they are never hidden."""
LANGUAGES = {"en": SENTENCES}
"""The tables by language; all have the same codes, and the same values in each sentence."""


class _Sentences(Formatter):
    """`{name!q}` quotes a value."""

    def convert_field(self, value: object, conversion: object) -> object:
        return quote(str(value)) if conversion == "q" and value != MARK else value


_FORMATTER = _Sentences()


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
    table = LANGUAGES["en"]
    return _FORMATTER.vformat(table[finding.code], (), {name: _text(part) for name, part in finding.values})


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
