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

from .names import ALIKE_PERCENT, DIFFERENT, Level, Likeness, Name, firm_name, likeness, person_name
from .normalization import folded

OTHER_FORM_SCORE = 55.0
_SAME_PERCENT = 100.0
_SAME_ID, _SAME_NAME, _SAME_EMAIL = 100.0, 95.0, 92.0
_CLOSE_NAME, _NO_PLACE, _FAR_NAME, _OTHER_PLACE, _OTHER_NAME, _HINTS_BELOW = (
    58.0,
    50.0,
    48.0,
    45.0,
    40.0,
    60.0,
)
_STREET = re.compile(r"str(?:asse|aße)?(?![^\W\d_])")
_NO_WORD = re.compile(r"[\W_]+")
_BETWEEN_IDS = "\0"
_READ_CHARS, _SHOWN_CHARS = 300, 60
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
    written: str
    form: str
    owner: str
    person: bool
    postcode: str
    city: str
    city_shown: str
    country: str
    email: str
    joined_ids: str
    """All ids in one text, which takes a third of the memory."""

    @classmethod
    def of(cls, record: Mapping[str, JsonValue], shared: Callable[[str], str] = str) -> Self:
        """Read tolerantly; `shared` may return one object for equal texts."""
        company, city = record.get("isCompany"), _text(record, "city")
        return cls(
            company if isinstance(company, bool) else None,
            *_name(record),
            shared(compact(_text(record, "postcode"))),
            shared(folded(city)),
            shared(city),
            shared(_country(record)),
            _email(record),
            _BETWEEN_IDS.join([_id(record, field) for field in IDS]),
        )

    @property
    def ids(self) -> list[str]:
        """The canonical ids in the order of IDS."""
        return self.joined_ids.split(_BETWEEN_IDS)


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


def same_address(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> bool:
    """Whether both are in the same street, number and place, however the street is abbreviated."""
    street, other_street = (_street(_text(record, "address")) for record in (one, other))
    return street == other_street != "" and _same_place(Traits.of(one), Traits.of(other)) is not False


def similarity(one: Traits, other: Traits) -> Similarity | None:
    """What two records have in common; None where nothing suggests the same customer."""
    names = _likeness(one, other)
    ids = list(_by_ids(one, other))
    scored = [*ids, *_by_name(one, other, names), *_by_email(one, other, names)]
    if ids and _forms_differ(one, other) and all(score != OTHER_FORM_SCORE for score, _ in scored):
        scored.append((OTHER_FORM_SCORE, (_forms(one, other),)))
    if not scored:
        return None
    scored.sort(key=lambda reason: -reason[0])
    best = scored[0][0]
    return Similarity(best, tuple(dict.fromkeys(reason for _, reason in scored)), best > _HINTS_BELOW)


def _by_ids(one: Traits, other: Traits) -> Iterator[_Scored]:
    """Ids are compared across fields: a VAT ID may be the other's Peppol id."""
    theirs = other.ids
    for value in dict.fromkeys(filter(None, one.ids)):
        if value in theirs:
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


def _by_name(one: Traits, other: Traits, names: Likeness) -> Iterator[_Scored]:
    if names.level < Level.CLOSE:
        return
    same, here = names.percent == _SAME_PERCENT, _same_place(one, other)
    name = found("same_name", "name") if same else _names_alike(names)
    if _forms_differ(one, other):
        if (here and names.percent >= ALIKE_PERCENT) or (same and here is None):
            yield OTHER_FORM_SCORE, (name, _forms(one, other))
    elif here:
        bare = found("same_name_bare", "name") if same and one.form != other.form else name
        yield _name_score(names), (bare, _place(one, other))
    elif same and here is None:
        yield _NO_PLACE, (name, found("no_place"))
    elif same:
        yield _OTHER_PLACE, (name, found("other_place"))


def _name_score(names: Likeness) -> float:
    """At one place."""
    if names.level == Level.CLOSE:
        return _CLOSE_NAME if names.percent >= ALIKE_PERCENT else _FAR_NAME
    return _SAME_NAME if names.level == Level.SAME else names.percent


def _names_alike(names: Likeness) -> Finding:
    return found("names_alike", "name", percent=int(names.percent))


def _by_email(one: Traits, other: Traits, names: Likeness) -> Iterator[_Scored]:
    if not one.email or one.email != other.email:
        return
    same = found("same_email", "email", value=_shown(one.email))
    if names.level == Level.OTHER:
        both = bool(one.name and other.name)
        yield _OTHER_NAME, (found("same_email_only"), found("other_name", "name")) if both else (same,)
    elif _forms_differ(one, other):
        yield OTHER_FORM_SCORE, (same, _forms(one, other))
    else:
        yield _SAME_EMAIL, (same,) if names.percent >= ALIKE_PERCENT else (same, _names_alike(names))


def _likeness(one: Traits, other: Traits) -> Likeness:
    """Of the names; a company and a person are different customers."""
    return DIFFERENT if {one.company, other.company} == {True, False} else likeness(one, other)


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


def _name(record: Mapping[str, JsonValue]) -> Name:
    firm, person = _text(record, "name"), f"{_text(record, 'firstName')} {_text(record, 'lastName')}".strip()
    private = record.get("isCompany") is False
    if person and (private or not firm):
        return person_name(person)
    return firm_name(firm)._replace(person=private)


def _street(text: str) -> str:
    return _NO_WORD.sub("", _STREET.sub("str", folded(text)))


def _country(record: Mapping[str, JsonValue]) -> str:
    code = _text(record, "country").upper()
    return code if len(code) == len("DE") else ""


def _id(record: Mapping[str, JsonValue], field: str) -> str:
    text = _text(record, field)
    return canonical.identity(field, text) if text else ""


def _email(record: Mapping[str, JsonValue]) -> str:
    email = folded(canonical.email(_text(record, "email")))
    return email if "@" in email else ""


def _text(record: Mapping[str, JsonValue], field: str) -> str:
    value = record.get(field)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < _READ_CHARS:
        value = str(value)
    return clean(value[:_READ_CHARS]).strip() if isinstance(value, str) else ""


def _shown(value: str) -> str:
    return bounded(" ".join(value.split()), _SHOWN_CHARS)
