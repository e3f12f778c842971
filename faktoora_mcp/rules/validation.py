"""The rules of customer fields: errors, warnings and normalization.

A value is an error only if the specification or a public standard rules it out; otherwise it is a warning.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from faktoora_mcp.text import trimmed

from . import identifiers, peppol, standards, tax_numbers, vat_ids
from .check_digits import check
from .findings import Finding, Of, did_you_mean, found
from .identifiers import GAPS
from .standards import COUNTRIES

REQUIRED = ("isCompany", "address", "postcode", "city", "extras")
CONTACT_FIELDS = ("id", "firstName", "lastName", "email", "phoneNo", "position", "department", "note")
DELIVERY_ADDRESS_FIELDS = ("id", "name", "address", "postcode", "city", "country", "note")
ENTRY_FIELDS = {"customerContacts": CONTACT_FIELDS, "deliveryAddresses": DELIVERY_ADDRESS_FIELDS}

_NAME_FIELDS = ("name", "firstName", "lastName", "title", "gender", "nameAuthorisedSignatory")
_OTHER_TEXT = ("customerId", "supplierNumber", "faxNo", "note", "category", "legalform", "industry")
_PLAIN_TEXT = frozenset((*_NAME_FIELDS, *_OTHER_TEXT, "position", "department"))
_AS_TYPED = ("note", "invoiceProfile")
_NUMBERS = ("Id", "No", "Number", "postcode")
_SHAPES = {
    "isCompany": (bool, "true or false"),
    "extras": (dict, "an object, such as {}"),
    **dict.fromkeys(ENTRY_FIELDS, (list, "a list of objects")),
}
_KINDS = ((bool, "true or false"), (str, "text"), (int, "a number"), (float, "a number"), (list, "a list"))
_BROKEN = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one value: `value` is normalized, or as given if there is an `error`."""

    value: object
    error: Finding | None = None
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """The result for an input: `errors` and `normalized` (given value, written value) by dotted path."""

    values: dict[str, object]
    errors: dict[str, Finding]
    warnings: list[Finding]
    normalized: dict[str, tuple[object, object]]


def judge(field: str, value: object, country: str | None = None) -> Verdict:
    """Judge one value as given; null and unknown fields pass."""
    if value is None or not (field in _FILLED or field in _PLAIN_TEXT or field in _SHAPES):
        return Verdict(value)
    if error := type_error(field, value):
        return Verdict(value, error)
    if not isinstance(value, str):
        return Verdict(value)
    text = trimmed(value)
    if not text and field in _FILLED:
        return Verdict(value, found("blank_required" if field in REQUIRED else "blank_optional"))
    if not text:
        return Verdict(text, None, (found("blank_clears"),))
    verdict = _judge_text(field, value if field in _AS_TYPED else text, _known(country))
    return replace(verdict, value=value) if verdict.error else verdict


def review(given: Mapping[str, object], record: Mapping[str, object] | None = None) -> Review:
    """Judge a new customer, or what `given` changes in `record`: only values that a change affects."""
    old = record or {}
    country = _country_of(given, old)
    done = Review({}, {}, [], {})
    for field, value in given.items():
        if value is None and field in REQUIRED:
            done.errors[field] = found("required", field)
        elif value is None and record is None:
            continue
        if field in ENTRY_FIELDS and isinstance(value, list):
            done.values[field] = _entries(done, field, cast("list[object]", value), old.get(field), country)
        else:
            done.values[field] = _put(done, field, field, value, country)
    if "country" in given and "postcode" not in given and country != _known(old.get("country")):
        _recheck_postcode(done, old.get("postcode"), country)
    if record is None:
        done.values.setdefault("extras", {})
    done.warnings.extend(_record_warnings(done.values, old))
    return done


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant: another spelling, another word (zip, plz), a typo."""
    folded = {_fold(field): field for field in known}
    wanted = _fold(name[:60])
    alias = _fold(standards.ALIASES.get(wanted, wanted))
    close = [alias] if alias in folded else difflib.get_close_matches(wanted, folded, 1, 0.75)
    return folded[close[0]] if close else None


def _fold(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.casefold())


def _judge_text(field: str, text: str, country: str | None) -> Verdict:
    if field in _RULES:
        return _RULES[field](text, country)
    return Verdict(text, None, tuple(_WARNINGS[field](text, country)) if field in _WARNINGS else ())


def _put(done: Review, path: str, field: str, value: object, country: str | None) -> object:
    verdict = judge(field, value, country)
    done.warnings.extend(warning.at(path) for warning in verdict.warnings)
    if verdict.error:
        done.errors[path] = verdict.error.at(path)
    elif verdict.value != value:
        done.normalized[path] = (value, verdict.value)
    return verdict.value


def _entries(
    done: Review, field: str, entries: list[object], old: object, country: str | None
) -> list[object]:
    """Judge contacts or delivery addresses, except those that are in the record already."""
    present = cast("list[object]", old) if isinstance(old, list) else []
    judged = list(entries)
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict):
            path = f"{field}.{place}"
            done.errors[path] = found("wrong_type", path, expected="an object", got=_kind(entry))
        elif entry not in present:
            judged[place] = _entry(done, f"{field}.{place}", cast("dict[str, object]", entry), country)
    return judged


def _entry(done: Review, path: str, entry: Mapping[str, object], customers: str | None) -> dict[str, object]:
    known = ENTRY_FIELDS[path.partition(".")[0]]
    country = _known(entry.get("country")) if "country" in known else customers
    judged = dict(entry)
    for field, value in entry.items():
        if field in known:
            judged[field] = _put(done, f"{path}.{field}", field, value, country)
        else:
            hint = did_you_mean(nearest(field, known))
            done.warnings.append(found("unknown_entry_field", path, name=field, hint=hint))
    return judged


def _country_of(sent: Mapping[str, object], old: Mapping[str, object]) -> str | None:
    given = sent.get("country")
    return None if "country" in sent and given is None else _known(given) or _known(old.get("country"))


def _known(country: object) -> str | None:
    code = trimmed(country) if isinstance(country, str) else ""
    return code.upper() if code.isascii() and code.upper() in COUNTRIES else None


def _recheck_postcode(done: Review, postcode: object, country: str | None) -> None:
    if not isinstance(postcode, str) or not trimmed(postcode):
        return
    verdict = judge("postcode", postcode, country)
    done.warnings.extend(warning.at("postcode") for warning in verdict.warnings)
    if verdict.error:
        misfit = found(
            "postcode_misfit",
            "postcode",
            postcode=postcode,
            country=Of("country", str(country)),
            error=verdict.error,
        )
        done.errors["postcode"] = misfit


def _record_warnings(values: Mapping[str, object], old: Mapping[str, object]) -> Iterator[Finding]:
    merged = {**old, **values}
    if values.keys() & {"isCompany", "name", "lastName", "firstName"}:
        if merged.get("isCompany") is True and not merged.get("name"):
            yield found("company_without_name", "isCompany")
        if merged.get("isCompany") is False and not merged.get("lastName"):
            yield found("person_without_name", "isCompany")


def _kind(value: object) -> str:
    return next(
        (words for kind, words in _KINDS if isinstance(value, kind)), "null" if value is None else "an object"
    )


def type_error(field: str, value: object) -> Finding | None:
    """Why a value has the wrong JSON type for a field."""
    shape, words = _SHAPES.get(field, (str, "text"))
    if isinstance(value, shape):
        return found("broken_text") if isinstance(value, str) and _BROKEN.search(value) else None
    number = type(value) in (int, float) and field.endswith(_NUMBERS)
    return found("number_loses_zeros" if number else "wrong_type", expected=words, got=_kind(value))


def _postcode(text: str, country: str | None) -> Verdict:
    """Errors by faktoora's specification (DE, AT, CH), warnings by the ranges of the postal services."""
    if country not in standards.POSTCODES:
        return Verdict(text)
    digits, prefixes = standards.POSTCODES[country]
    match = re.fullmatch(rf"(?:(?:{prefixes})-)?([0-9]{{{digits}}})", text, re.IGNORECASE | re.ASCII)
    if not match and country != "LI":
        place, length = Of("country", country), Of("country", digits)
        return Verdict(text, found("postcode_digits", country=place, digits=length, got=text))
    code = match[1] if match else text
    doubts = (doubt for form, doubt in standards.POSTCODE_WARNINGS[country] if re.fullmatch(form, code))
    return Verdict(code, None, tuple(found(doubt, country=Of("country", country)) for doubt in doubts))


def _country(text: str, _: str | None) -> Verdict:
    """ISO 3166-1 alpha-2."""
    if code := _known(text):
        return Verdict(code)
    hint = did_you_mean(identifiers.country_meant(text))
    return Verdict(text, found("country_code", got=text, hint=hint))


def _email(text: str, _: str | None) -> Verdict:
    """RFC 5321 by email-validator, without DNS; warnings for special-use domains (RFC 6761) and IDN."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email

    local, _at, domain = text.rpartition("@")
    address = f"{local}@{domain.lower()}"
    parent, _dot, last = address.rpartition(".")
    special = last in SPECIAL_USE_DOMAIN_NAMES
    try:
        validate_email(f"{parent}.example" if special else address, check_deliverability=False)
    except ValueError as error:
        reason = f": {str(error)[:99]}" if "@" in text else ""
        return Verdict(text, found("email_form", got=text, reason=reason))
    warnings = (
        (special, found("email_special_use", domain=last)),
        (len(last) == 1, found("email_short_domain")),
        (not address.isascii(), found("email_not_ascii")),
    )
    return Verdict(address, None, tuple(warning for applies, warning in warnings if applies))


def _vat_id(text: str, country: str | None) -> Verdict:
    """EN 16931 BR-CO-09; form by the tax offices of DE and AT and the UID register of CH."""
    error = vat_ids.error(text, country)
    return Verdict(vat_ids.written(text), error, () if error else tuple(vat_ids.warnings(text, country)))


def _peppol_id(text: str, _: str | None) -> Verdict:
    """Peppol policy for use of identifiers: ISO 6523 scheme, colon, value of up to 130 characters."""
    match = re.fullmatch(r"(?:iso6523-actorid-upis::)?([0-9]{4}):(\S{1,130})", text)
    if not match:
        return Verdict(text, found("peppol_form", got=text))
    return Verdict(text, None, tuple(peppol.warnings(match[1], match[2])))


def _gln(text: str, _: str | None) -> Verdict:
    """GS1 General Specifications: 13 digits, the last a check digit."""
    code = GAPS.sub("", text)
    if not re.fullmatch("[0-9]{13}", code):
        return Verdict(text, found("gln_digits", got=text))
    if check("ean", code) != "fine":
        return Verdict(text, found("gln_check_digit", got=text))
    return Verdict(code, None, (found("equal_digits"),) if len(set(code)) == 1 else ())


def _duns(text: str, _: str | None) -> Verdict:
    """Dun & Bradstreet: 9 digits, without a check digit since 2006."""
    code = GAPS.sub("", text)
    if not re.fullmatch("[0-9]{9}", code):
        return Verdict(text, found("duns_digits", got=text))
    return Verdict(code, None, (found("placeholder"),) if code in ("000000000", "999999999") else ())


_RULES: dict[str, Callable[[str, str | None], Verdict]] = {
    "postcode": _postcode,
    "country": _country,
    "email": _email,
    "vatId": _vat_id,
    "peppolId": _peppol_id,
    "glnId": _gln,
    "dunsId": _duns,
}
_WARNINGS: dict[str, Callable[[str, str | None], Iterable[Finding]]] = {
    "phoneNo": identifiers.phone_warnings,
    "taxId": tax_numbers.warnings,
    "routeId": identifiers.route_warnings,
    "invoiceProfile": identifiers.profile_warnings,
}
RULED = frozenset((*_RULES, *_WARNINGS, "isCompany"))
"""The fields whose values can be wrong or doubtful."""
_FILLED = frozenset((*_RULES, *_WARNINGS, "address", "city"))
