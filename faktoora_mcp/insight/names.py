"""Names made comparable: the words of a name that count, and how alike the names of two records are."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby, permutations
from typing import NamedTuple, Protocol

from .legal_forms import split_form
from .normalization import folded
from .surnames import SURNAMES

ALIKE_PERCENT = 90
RELATED_PERCENT = 75
_LONG_WORD, _WORD_LETTERS, _SHORT_WORD = 9, 5, 3
_UNMATCHED_WORDS = 3

_APOSTROPHES = str.maketrans(dict.fromkeys("'\u2019\u2018\u201a\u201b`\u00b4\u02bb\u02bc\u2032\uff07"))
_OWNER = re.compile(
    r"[\s,;:(/\u2013-]+(?:(?:inh|(?:geschaefts)?inhaber(?:/?in)?|prop|titulaire|titolare)\b|"
    r"(?:eigentuemer|besitzer|betreiber|geschaeftsfuehrer)(?:/?in)?\s*:)[\s.:]*(.+)$"
)
_AFTER = re.compile(
    r"(?:,? (?:[bm]\. ?(?:a|sc|eng|ed)|[bm]sc|[bm]eng|mba|ll\. ?m|llm|ph\. ?d|phd|bakk)\.?"
    r"|, ?(?:ba|ma|dr|mag|dipl[\w. -]*)\.?)+$"
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_DIPLOMA = re.compile(r"\bdipl\b\.?[ -]?[^\W\d_]+\.(?:in\b)?(?:-[^\W\d_]+\.?)*")
_TITLE_ENDS = re.compile(r"(?<=\b(?:mag|ing)\.)(?:a|in)\b|(?<=\bdr\.)in\b|\b(?:h\. ?c|e\. ?h)\b\.?")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\b(?:\d+|[ivx]{1,5})\b")
_SOCIETY = "gesellschaft"


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_SALUTATIONS = _set(
    "firma einzelfirma fa familie fam herr herrn herren hr hrn frau fr fraeulein frl eheleute"
    " monsieur madame mme mr mrs signor signora hofrat di univ priv ra rain stb wp"
)
"""Not counted at the start of a name."""
_TITLES = _set("dr ddr dres prof professor professorin dipl doz mag mmag ing lic dkfm dkffr kommr bmstr pd")
_DEGREES = _set(
    "med dent vet jur iur phil rer nat pol oec ing kfm kffr techn mont habil sc publ grad htl fh tu eth"
)
"""Not counted after a title."""
_FILLERS = _set(
    "und u and et y der die das des dem den fuer von vom zu zum zur im in am an auf bei the of for"
    " de du la le les el di da do del della gesellschaft ges"
)
_WRITTEN_OUT = {
    "gebr": "gebrueder",
    "st": "sankt",
    "nachf": "nachfolger",
    "nfg": "nachfolger",
    "cie": "co",
    "intl": "international",
}
_UNCOUNTED = _FILLERS | _WRITTEN_OUT.keys()
_OF_PERSONS = _SALUTATIONS | _TITLES


class Level(IntEnum):
    """How far two names may be one name; from TYPO on they are taken for one."""

    OTHER = 0
    RELATED = 1
    """One says more than the other: the same customer only if more than the name is equal."""
    CLOSE = 2
    """They differ by a letter, as two surnames do."""
    TYPO = 3
    SWAPPED = 4
    """They differ by two letters in the wrong order, as no two surnames do."""
    SAME = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """The level, and the similarity of the letters in percent."""

    level: Level
    percent: float


class Name(NamedTuple):
    """The words that count, sorted and as written; legal form and owner of a firm, '' where missing."""

    name: str
    written: str
    form: str = ""
    owner: str = ""
    person: bool = False


class Named(Protocol):
    """What is compared of a record."""

    @property
    def name(self) -> str: ...
    @property
    def written(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def person(self) -> bool: ...


DIFFERENT = Likeness(Level.OTHER, 0.0)


def firm_name(text: str) -> Name:
    """The name of a firm: `Fa. Zwirn24 e.K., Inh. Anna Probe` is Zwirn 24, owned by Anna Probe."""
    plain = _plain(text)
    found = _OWNER.search(plain)
    core, form = split_form(plain[: found.start()] if found else plain)
    owner, form_behind = split_form(found[1]) if found else ("", "")
    return Name(*_sorted(words_of(core)), form or form_behind, " ".join(words_of(owner)))


def person_name(text: str) -> Name:
    """The name of a person, without titles: `Frau Dr. Anna Probe` is Anna Probe."""
    return Name(*_sorted(words_of(_plain(text))), person=True)


def words_of(text: str) -> list[str]:
    """The words of a folded name that count; numbers are words, all words count if none is left."""
    words = _WORD.findall(text)
    if not _OF_PERSONS.isdisjoint(words) or _AFTER.search(text):
        words = [*_without_titles(_AFTER.sub("", text))] or words
    if not _UNCOUNTED.isdisjoint(words):
        words = [_WRITTEN_OUT.get(word, word) for word in words if word not in _FILLERS] or words
    return [word.removesuffix(_SOCIETY) or word for word in words] if _SOCIETY in text else words


def counting(name: str, written: Iterable[str]) -> list[str]:
    """Those of the written words that count in the name, as they are written."""
    counted = {*firm_name(name).written.split()}
    return [word for word in written if counted.issuperset(_WORD.findall(_plain(word)))]


def glued(named: Named) -> str:
    """The words as one, in the order in which they are written: `zwirn 24` is `zwirn24`."""
    return named.written.replace(" ", "")


def numbers_of(name: str) -> list[str]:
    """The numbers in a name, Roman ones too: `Filiale 1` and `Filiale 2` are different customers."""
    return sorted(_NUMBER.findall(name))


def likeness(one: Named, other: Named) -> Likeness:
    """How alike two names are; words that differ by more than a typing error make two names.

    The letters are compared in the order of the words as written and as sorted: a typing error costs little,
    a different word order nothing, and unlike in a token *set* ratio an additional word counts.
    """
    if not (one.name and other.name):
        return DIFFERENT
    same = one.name == other.name or _same_glued(one, other)
    found = Likeness(Level.SAME, 100.0) if same else _unequal(one, other)
    if found.level > Level.CLOSE and _owners_differ(one, other):
        return Likeness(Level.CLOSE, found.percent)
    return found


def _plain(text: str) -> str:
    return folded(text.translate(_APOSTROPHES))


def _sorted(words: list[str]) -> tuple[str, str]:
    name, written = " ".join(sorted(words)), " ".join(words)
    return name, name if name == written else written


def _without_titles(text: str) -> Iterator[str]:
    leading, titled = True, False
    for word in _WORD.findall(_DIPLOMA.sub("dipl ", _TITLE_ENDS.sub("", text))):
        if word in _TITLES or (leading and word in _SALUTATIONS) or (titled and word in _DEGREES):
            titled = True
        else:
            leading = titled = leading and word in _FILLERS
            yield word


def _same_glued(one: Named, other: Named) -> bool:
    """`2 4` is not `24`."""
    return glued(one) == glued(other) and _DIGITS.findall(one.written) == _DIGITS.findall(other.written)


def _owners_differ(one: Named, other: Named) -> bool:
    """Both are named, and not one word of them is equal."""
    return bool(one.owner and other.owner) and {*one.owner.split()}.isdisjoint(other.owner.split())


def _unequal(one: Named, other: Named) -> Likeness:
    from rapidfuzz import fuzz

    percent = max(
        fuzz.ratio(one.name, other.name, score_cutoff=RELATED_PERCENT),
        fuzz.ratio(one.written, other.written, score_cutoff=RELATED_PERCENT),
    )
    if not percent or numbers_of(one.name) != numbers_of(other.name):
        return DIFFERENT
    mine, theirs = one.written.split(), other.written.split()
    level = _words_level(*(_left_over(*pair) for pair in ((mine, theirs), (theirs, mine))))
    person = one.person or other.person
    unsure = percent < ALIKE_PERCENT or (person and level < Level.SWAPPED)
    return Likeness(min(level, Level.CLOSE) if unsure else level, percent)


def _left_over(words: list[str], others: list[str]) -> list[str]:
    """The words that the others lack, each as often as it is left over."""
    return [*(Counter(words) - Counter(others)).elements()]


def _words_level(mine: list[str], theirs: list[str]) -> Level:
    """By the least similar of the words that have no equal; two words may be written as one."""
    if not (mine and theirs):
        return Level.RELATED
    if len(mine) != len(theirs):
        return _word_level("".join(mine), "".join(theirs))
    if len(mine) > _UNMATCHED_WORDS:
        return Level.OTHER
    return max(min(map(_word_level, mine, order)) for order in permutations(theirs))


def _word_level(one: str, other: str) -> Level:
    """Typing errors seldom concern the first letter; in short words every letter distinguishes."""
    from rapidfuzz.distance import OSA

    if one == other:
        return Level.SAME
    edits, shorter = OSA.distance(one, other, score_cutoff=2), min(len(one), len(other))
    if edits == 1 and shorter >= _SHORT_WORD and (found := _one_edit(one, other)):
        return found
    if edits == 2 and shorter >= _LONG_WORD and one[0] == other[0]:  # noqa: PLR2004 - two typing errors
        return Level.CLOSE
    related = shorter >= _SHORT_WORD and (one.endswith(other) or other.endswith(one))
    return Level.RELATED if related else Level.OTHER


def _one_edit(one: str, other: str) -> Level | None:
    """Two letters swapped, one typed twice, or any other; both words may be surnames."""
    shorter = min(len(one), len(other))
    if sorted(one) == sorted(other):
        return Level.SWAPPED
    if SURNAMES.issuperset((one, other)):
        return Level.CLOSE
    long = one[0] == other[0] and shorter >= _WORD_LETTERS
    if long or _without_repeats(one) == _without_repeats(other):
        return Level.TYPO
    return Level.CLOSE if shorter > _SHORT_WORD or len(one) != len(other) else None


def _without_repeats(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word))
