"""One canonical form for each id, so that an id is recognised however it is written.

Ids are equal if their canonical forms are. The form names the field whose id it is, as `vatId:DE136695976`:
a Peppol id of scheme 9930 is a VAT ID, one of scheme 0204 a Leitweg-ID.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from unicodedata import normalize

from .check_digits import check
from .peppol import RETIRED
from .standards import VAT_FORMS

PHONES = frozenset(("phoneNo", "faxNo"))
_DIGITS = frozenset("0123456789")
_NOT_ALPHANUMERIC = re.compile("[^0-9A-Za-z]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_PEPPOL = re.compile("(?:ISO6523-ACTORID-UPIS::)?([0-9]{4}):(.+)")
_VAT_SCHEMES = """
    0183CH 0184DK 0192NO 0198DK 0208BE 0211IT 0212FI 0213FI 0248OM 9909NO 9910HU 9914AT 9920ES 9922AD 9923AL
    9924BA 9925BE 9926BG 9927CH 9928CY 9929CZ 9930DE 9931EE 9932GB 9933EL 9934HR 9935IE 9936LI 9937LT 9938LU
    9939LV 9940FR 9941ME 9942MK 9943MT 9944NL 9945PL 9946PT 9947RO 9948RS 9949SI 9950SK 9951SM 9952TR 9953VA
    9955SE 9957FR
"""
_VAT_COUNTRIES = {entry[:4]: entry[4:] for entry in _VAT_SCHEMES.split()} | {"9912": ""}
"""Schemes whose values are VAT IDs, with or without the country; those of 9912 always with it."""
_SCHEMES = {"0088": "glnId", "0060": "dunsId"}
_NOT_IN_VAT = re.compile(r"[^\w+*]+|_")
_VAT_FORM = re.compile("|".join(form for form, *_ in VAT_FORMS.values()))
_VAT_LABEL = re.compile("^(?:UST|UMSATZST|MWST|VAT|TVA|PIVA|IVA|BTW|UID)[A-Z]*?(?=(?:ATU|CHE|[A-Z]{2})[0-9])")
_VAT_PREFIXES = {"GR": "EL", "XI": "GB", "UK": "GB"}
_FEDERAL_DIGITS = (12, 13)
_VAT_SPELLINGS = {
    "CH": (re.compile("^(CHE[0-9]{9})(HR)?(MWST|TVA|IVA|TPV|VAT)+$"), r"\1"),
    "NO": (re.compile("^(NO[0-9]{9})MVA$"), r"\1"),
    "HU": (re.compile("^(HU[0-9]{8})[0-9]{3}$"), r"\1"),
    "AT": (re.compile("^AT([0-9]{8})$"), r"ATU\1"),
    "BE": (re.compile("^BE([0-9]{9})$"), r"BE0\1"),
    "EL": (re.compile("^EL([0-9]{8})$"), r"EL0\1"),
}
"""Parts that may be there or not: suffixes, the U of Austria, a leading zero."""
_Form = tuple[str, str]


def compact(text: str) -> str:
    """Letters and digits only, upper-case."""
    if text.isascii():
        return _NOT_ALPHANUMERIC.sub("", text).upper()
    return "".join(letter for letter in normalize("NFKC", text) if letter.isalnum()).upper()


def canonical(field: str, text: str, country: str | None = None) -> str:
    """The id as `field:value`; '' where there are no letters and digits.

    `country` is where a phone number without a country code is dialled.
    """
    kind, value = phone(field, text, country) if field in PHONES else _form(field, text)
    return f"{kind}:{value}" if value else ""


def identity(field: str, text: str) -> str:
    """The canonical form if it identifies a customer; '' for placeholders and other buyer references.

    Customer numbers are compared as they are; only 0 and - are placeholders there.
    """
    if field == "customerId":
        return f"{field}:{text.strip()}" if text.strip("0 -") else ""
    found = canonical(field, text) if text else ""
    kind, _, value = found.partition(":")
    if kind == "routeId" and not is_leitweg(value):
        return ""
    return found if len(_DIGITS.intersection(value.rpartition(":")[2])) > 1 else ""


def is_leitweg(text: str) -> bool:
    """Whether this is a Leitweg-ID with fitting check digits, in upper case and without blanks."""
    return "-" in text and text[:2].isdigit() and check("de.leitweg", text) == "fine"


def email(text: str) -> str:
    """The address without case; an internationalized domain in its Unicode form."""
    local, at, domain = normalize("NFKC", text.strip()).casefold().rpartition("@")
    return f"{local}{at}{'.'.join(map(_label, domain.split('.')))}"


@lru_cache(4096)
def phone(field: str, text: str, country: str | None) -> _Form:
    """The digits with the country code, where it is there or the country is known."""
    import phonenumbers

    dialled = re.sub(r"^\s*00", "+", normalize("NFKC", text))
    try:
        number = phonenumbers.parse(dialled, country)
    except phonenumbers.NumberParseException:
        return field, compact(text)
    if not phonenumbers.is_possible_number(number):
        return field, compact(text)
    return field, compact(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _form(field: str, text: str) -> _Form:
    return _FORMS[field](text) if field in _FORMS else (field, compact(text))


def _vat(text: str) -> _Form:
    """With + and *, which stand in old Irish VAT IDs."""
    number = _VAT_LABEL.sub("", _NOT_IN_VAT.sub("", _tidy(text)))
    prefix = _VAT_PREFIXES.get(number[:2], number[:2])
    number = prefix + number[2:]
    if prefix in _VAT_SPELLINGS:
        form, spelling = _VAT_SPELLINGS[prefix]
        number = form.sub(spelling, number)
    return "vatId", number


def _tax(text: str) -> _Form:
    """A Steuernummer in the form of its Land; a VAT ID in the wrong field is one all the same."""
    number = compact(text)
    if _VAT_FORM.fullmatch(number):
        return _vat(number)
    return "taxId", _of_land(number) if len(number) in _FEDERAL_DIGITS and number.isdigit() else number


def _of_land(number: str) -> str:
    """10 or 11 digits for the 13 of the federal form, or for 12 where the 0 in their midst is left out."""
    from stdnum.de.stnr import to_regional_number

    federal = number if len(number) == max(_FEDERAL_DIGITS) else f"{number[:4]}0{number[4:]}"
    try:
        return to_regional_number(federal)
    except ValueError:
        return number


def _peppol(text: str) -> _Form:
    """Participant ids are compared without case (Peppol policy for use of identifiers, policy 1)."""
    found = _PEPPOL.fullmatch(_tidy(text))
    if not found:
        return "peppolId", compact(text)
    scheme, value = RETIRED.get(found[1], found[1]), found[2]
    if scheme in _VAT_COUNTRIES:
        return _vat_in(_VAT_COUNTRIES[scheme], value)
    if scheme in _SCHEMES:
        return _SCHEMES[scheme], compact(value)
    if scheme == "0204" and is_leitweg(value):
        return "routeId", value
    return "peppolId", f"{scheme}:{compact(value)}"


def _vat_in(country: str, value: str) -> _Form:
    prefix = _VAT_PREFIXES.get(value[:2], value[:2])
    return _vat(value if prefix == country or not country else f"{country}{value}")


def _route(text: str) -> _Form:
    """A Leitweg-ID, with or without its Peppol scheme; of other buyer references the letters and digits."""
    found = _PEPPOL.fullmatch(tidy := _tidy(text))
    value = found[2] if found and found[1] == "0204" else tidy
    return "routeId", value if is_leitweg(value) else compact(text)


def _tidy(text: str) -> str:
    """Upper-case and without blanks, with plain hyphens."""
    plain = "".join(text.split()).upper()
    return plain if plain.isascii() else _DASHES.sub("-", "".join(normalize("NFKC", plain).split()))


def _label(label: str) -> str:
    try:
        return label[4:].encode().decode("punycode") if label.startswith("xn--") else label
    except ValueError:
        return label


_FORMS: dict[str, Callable[[str], _Form]] = {
    "vatId": _vat,
    "taxId": _tax,
    "peppolId": _peppol,
    "routeId": _route,
}
