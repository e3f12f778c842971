"""Whether two records are the same customer: equal ids, similar names in one place, the same e-mail."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules import canonical
from faktoora_mcp.rules.canonical import compact
from faktoora_mcp.rules.findings import Finding, Of, found
from faktoora_mcp.rules.identity_fields import IDS
from faktoora_mcp.text import bounded, clean

from .legal_forms import split_form
from .normalization import folded

ALIKE_PERCENT = 90
OTHER_FORM_SCORE = 55.0
_SHORT_LETTERS = 5
_ALIKE_WITH_EMAIL_PERCENT = 75
_SAME_ID, _SAME_NAME, _SAME_EMAIL = 100.0, 95.0, 92.0
_NO_PLACE, _OTHER_PLACE, _OTHER_NAME, _HINTS_BELOW = 50.0, 45.0, 40.0, 60.0
_READ_CHARS, _SHOWN_CHARS = 300, 60
_WORD = re.compile(r"[^\W_]+")
_AND = {"und", "u", "and", "et"}
Reason = tuple[Finding, ...]
"""Findings that belong together: `same name`, `same postcode 10115`."""
_Scored = tuple[float, Reason]


@dataclass(frozen=True, slots=True)
class Similarity:
    """How likely two records are the same customer (0 to 100), why, and whether to call them duplicates."""

    score: float
    reasons: tuple[Reason, ...]
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class Traits:
    """The values of a record that are compared; '' where one is missing."""

    company: bool | None
    name: str
    form: str
    postcode: str
    city: str
    city_shown: str
    country: str
    email: str
    ids: tuple[str, ...]

    @classmethod
    def of(cls, record: Mapping[str, JsonValue], shared: Callable[[str], str] = str) -> Self:
        """Read tolerantly; `shared` may return one object for equal texts."""
        company, city = record.get("isCompany"), _text(record, "city")
        return cls(
            company if isinstance(company, bool) else None,
            *_name_and_form(record),
            shared(compact(_text(record, "postcode"))),
            shared(folded(city)),
            shared(city),
            shared(_country(record)),
            _email(record),
            tuple(canonical.identity(field, _text(record, field)) for field in IDS),
        )


def duplicates_of(
    record: Mapping[str, JsonValue], customers: Iterable[Customer]
) -> tuple[list[tuple[Customer, Similarity]], list[tuple[Customer, Similarity]]]:
    """Likely duplicates of a record among customers, then similar customers; best first.

    The record itself (equal `id`) is left out.
    """
    sought, identity = Traits.of(record), record.get("id")
    others = (customer for customer in customers if identity is None or customer.id != str(identity))
    judged = ((customer, similarity(sought, Traits.of(customer.record))) for customer in others)
    similar = [(customer, how) for customer, how in judged if how]
    similar.sort(key=lambda pair: -pair[1].score)
    return [pair for pair in similar if pair[1].is_duplicate], [
        pair for pair in similar if not pair[1].is_duplicate
    ]


def similarity(one: Traits, other: Traits) -> Similarity | None:
    """What two records have in common; None where nothing suggests the same customer."""
    ratio = _alike(one, other)
    ids = list(_by_ids(one, other))
    scored = [*ids, *_by_name(one, other, ratio), *_by_email(one, other, ratio)]
    if ids and _forms_differ(one, other) and all(score != OTHER_FORM_SCORE for score, _ in scored):
        scored.append((OTHER_FORM_SCORE, (_forms(one, other),)))
    if not scored:
        return None
    scored.sort(key=lambda reason: -reason[0])
    best = scored[0][0]
    return Similarity(best, tuple(dict.fromkeys(reason for _, reason in scored)), best > _HINTS_BELOW)


def is_short(name: str) -> bool:
    """Whether one different letter makes a different name."""
    return len(name.replace(" ", "")) < _SHORT_LETTERS


def digits_of(name: str) -> list[str]:
    """The numbers in a name: `Filiale 1` and `Filiale 2` are different customers."""
    return sorted(re.findall(r"\d+", name))


def _by_ids(one: Traits, other: Traits) -> Iterator[_Scored]:
    """Ids are compared across fields: a VAT ID may be the other's Peppol id."""
    for value in dict.fromkeys(filter(None, one.ids)):
        if value in other.ids:
            yield _SAME_ID, (_same_id(value, _fields(one, value), _fields(other, value)),)


def _fields(traits: Traits, value: str) -> list[str]:
    return [field for field, held in zip(IDS, traits.ids, strict=True) if held == value]


def _same_id(value: str, mine: list[str], theirs: list[str]) -> Finding:
    """About the field that both have it in, or else about two fields."""
    kind, _, shown = value.partition(":")
    label, told = IDS[kind], _shown(shown)
    if both := [field for field in mine if field in theirs]:
        return found("same_id", both[0], label=label, value=told)
    first, second = sorted((mine[0], theirs[0]))
    return found("same_id", first, label=label, value=Of(second, told))


def _by_name(one: Traits, other: Traits, ratio: float) -> Iterator[_Scored]:
    if ratio < ALIKE_PERCENT:
        return
    same, here = ratio == 100, _same_place(one, other)  # noqa: PLR2004 - a hundred percent
    name = found("same_name", "name") if same else _names_alike(ratio)
    if _forms_differ(one, other):
        if here or (same and here is None):
            yield OTHER_FORM_SCORE, (name, _forms(one, other))
    elif here:
        bare = found("same_name_bare", "name") if same and one.form != other.form else name
        yield _SAME_NAME if same else ratio, (bare, _place(one, other))
    elif same and here is None:
        yield _NO_PLACE, (name, found("no_place"))
    elif same:
        yield _OTHER_PLACE, (name, found("other_place"))


def _names_alike(ratio: float) -> Finding:
    return found("names_alike", "name", percent=int(ratio))


def _by_email(one: Traits, other: Traits, ratio: float) -> Iterator[_Scored]:
    if not one.email or one.email != other.email:
        return
    same = found("same_email", "email", value=_shown(one.email))
    if ratio < _ALIKE_WITH_EMAIL_PERCENT:
        both = bool(one.name and other.name)
        yield _OTHER_NAME, (found("same_email_only"), found("other_name", "name")) if both else (same,)
    elif _forms_differ(one, other):
        yield OTHER_FORM_SCORE, (same, _forms(one, other))
    else:
        yield _SAME_EMAIL, (same,) if ratio >= ALIKE_PERCENT else (same, _names_alike(ratio))


def _alike(one: Traits, other: Traits) -> float:
    """The similarity of the names in percent; 0 for names of different customers.

    The words of both are sorted, so the plain ratio is a token *sort* ratio: a typo costs little, a
    different word order nothing, and unlike in a token *set* ratio an additional word counts.
    """
    if not (one.name and other.name) or {one.company, other.company} == {True, False}:
        return 0.0
    if one.name == other.name:
        return 100.0
    if is_short(one.name) or is_short(other.name):
        return 0.0
    from rapidfuzz import fuzz

    ratio = fuzz.ratio(one.name, other.name, score_cutoff=_ALIKE_WITH_EMAIL_PERCENT)
    return ratio if ratio and digits_of(one.name) == digits_of(other.name) else 0.0


def _forms_differ(one: Traits, other: Traits) -> bool:
    return bool(one.form and other.form and one.form != other.form)


def _forms(one: Traits, other: Traits) -> Finding:
    return found("other_form", "name", one=one.form, other=other.form)


def _same_place(one: Traits, other: Traits) -> bool | None:
    """None if there is nothing to compare; a postcode of another country is another place."""
    if one.country and other.country and one.country != other.country:
        return False
    both = ((one.postcode, other.postcode), (one.city, other.city))
    known = [mine == theirs for mine, theirs in both if mine and theirs]
    return any(known) if known else None


def _place(one: Traits, other: Traits) -> Finding:
    if one.postcode and one.postcode == other.postcode:
        return found("same_postcode", "postcode", value=_shown(one.postcode))
    return found("same_city", "city", value=_shown(max(one.city_shown, other.city_shown)))


def _name_and_form(record: Mapping[str, JsonValue]) -> tuple[str, str]:
    """The sorted words of the name, and the legal form of a firm."""
    firm, person = _text(record, "name"), f"{_text(record, 'firstName')} {_text(record, 'lastName')}".strip()
    if person and (record.get("isCompany") is False or not firm):
        return _sorted_words(folded(person)), ""
    core, form = split_form(firm)
    return _sorted_words(core), form


def _sorted_words(text: str) -> str:
    words = sorted(_WORD.findall(text))
    return " ".join([word for word in words if word not in _AND] or words)


def _country(record: Mapping[str, JsonValue]) -> str:
    code = _text(record, "country").upper()
    return code if len(code) == len("DE") else ""


def _email(record: Mapping[str, JsonValue]) -> str:
    email = folded(canonical.email(_text(record, "email")))
    return email if "@" in email else ""


def _text(record: Mapping[str, JsonValue], field: str) -> str:
    value = record.get(field)
    number = isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < _READ_CHARS
    return clean(str(value)[:_READ_CHARS]).strip() if isinstance(value, str) or number else ""


def _shown(value: str) -> str:
    return bounded(" ".join(value.split()), _SHOWN_CHARS)
