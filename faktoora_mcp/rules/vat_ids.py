"""VAT IDs: country code and form, check digits, and which VAT ID was probably meant."""

import re
from collections.abc import Iterator
from itertools import product

from . import tax_numbers
from .check_digits import Outcome, check
from .findings import Finding, Of, did_you_mean, found
from .standards import COUNTRIES, VAT_FORMS, VAT_LANDS

SEPARATORS = re.compile(r"[\s\u2010-\u2015./-]")
_ANY = "[A-Z]{2}(?=.*[0-9])[0-9A-Z+*]+"
_LABEL = re.compile(
    "(UST|UMSATZ|MWST|VAT|TVA|IVA|BTW|UID|STEUER).*|[A-Z].*(DE[0-9]{9}|ATU[0-9]{8}|CHE[0-9]{9}[A-Z]*)"
)
_GROUPS = re.compile(r"[\s:/\u2010-\u2015-]+")
_MOST_GROUPS = 4
_TAX_NUMBER_SIGNS = {"DE": "[0-9/ ]+", "AT": "[0-9/ -]+"}


def error(text: str, country: str | None) -> Finding | None:
    """Why this is no VAT ID: no country code (EN 16931 BR-CO-09), or not in the form of DE, AT or CH."""
    compact = _compact(text)
    prefix = compact[:2]
    if _LABEL.fullmatch(compact) or _has_words(text, compact):
        return found("vat_with_words", got=text, hint=did_you_mean(_likely(text, country)))
    if _is_country(prefix) and re.fullmatch(_form(prefix), compact):
        return None
    if _is_country(prefix):
        rule = VAT_FORMS[prefix][1] if prefix in VAT_FORMS else "a country code, then digits and letters"
        return found("vat_form", prefix=prefix, rule=rule, got=text, hint=_hint(text, prefix))
    likely = _likely(text, country)
    if not likely and _is_tax_number(text, country):
        return found("vat_is_tax_number", got=text)
    return found("vat_country_code", got=text, hint=did_you_mean(likely))


def warnings(text: str, country: str | None) -> Iterator[Finding]:
    """Warnings about the check digit and the country of a VAT ID."""
    compact = _compact(text)
    prefix, outcome = compact[:2], _outcome(compact)
    if outcome == "checksum":
        yield found("vat_check_digit")
    elif outcome == "form" and _has_rule(prefix):
        yield found("vat_unknown_form", prefix=prefix, hint=_hint(text, prefix))
    if not _is_confirmable(prefix):
        yield found("vat_outside_eu", prefix=prefix)
    if prefix == "GR":
        yield found("vat_greek_prefix")
    if country and VAT_LANDS.get(prefix, prefix) != VAT_LANDS.get(country, country):
        yield found("vat_other_country", prefix=prefix, country=Of("country", country))


def meant(text: str, country: str | None) -> str | None:
    """The VAT ID of this country that the text holds without its prefix or among other words.

    Only one that is judged as right is offered.
    """
    land = "EL" if country == "GR" else country or ""
    starts = dict.fromkeys((VAT_FORMS[land][2] if land in VAT_FORMS else land, land, ""))
    likely = (start + number for number, start in product(_numbers(text, land), starts))
    return next((each for each in likely if each[:2] in (land or each[:2]) and _is_right(each)), None)


def _likely(text: str, country: str | None) -> Of | str | None:
    """What was probably meant; what shows the customer's country says so."""
    here = meant(text, country) if country else None
    return Of("country", here) if here else meant(text, None)


def _hint(text: str, prefix: str) -> Finding | None:
    return did_you_mean(meant(text, prefix) or meant(text, None))


def _has_words(text: str, compact: str) -> bool:
    """Whether what looks like a country outside the EU is a word before a VAT ID: `Nr. FR61954506077`."""
    return not _is_confirmable(compact[:2]) and meant(text, None) not in (None, compact)


def written(text: str) -> str:
    """The VAT ID as it is stored: without separators, which only the Swiss UID keeps."""
    compact = _compact(text)
    return text.upper().rstrip(".") if text.isascii() and compact.startswith("CHE") else compact


def _compact(text: str) -> str:
    """Upper-case, without separators; text outside ASCII keeps its case, which can change its length."""
    return SEPARATORS.sub("", text.upper() if text.isascii() else text)


def _numbers(text: str, land: str) -> Iterator[str]:
    """The whole text and each of its groups: without the country code, and without any letters before."""
    for part in (text, *_GROUPS.split(text)[:_MOST_GROUPS]):
        compact = _compact(part)
        yield compact.removeprefix(land)
        yield re.sub("^[A-Z]+", "", compact)


def _is_right(vat_id: str) -> bool:
    prefix = vat_id[:2]
    in_form = _is_country(prefix) and prefix != "GR" and re.fullmatch(_form(prefix), vat_id)
    return bool(in_form) and _outcome(vat_id) == "fine"


def _outcome(compact: str) -> Outcome:
    prefix = compact[:2]
    if prefix == "CH":
        return check("ch.uid", compact[:12])
    return check("eu.vat" if _is_of_eu(prefix) else "vatin", compact)


def _has_rule(prefix: str) -> bool:
    """Whether python-stdnum knows the VAT IDs of the country."""
    from stdnum.util import get_cc_module

    return _is_confirmable(prefix) or get_cc_module(prefix, "vat") is not None


def _is_confirmable(prefix: str) -> bool:
    """Whether the country has a register that anybody can ask: VIES, or that of the Swiss UID."""
    return _is_of_eu(prefix) or prefix == "CH"


def _is_of_eu(prefix: str) -> bool:
    from stdnum.eu.vat import MEMBER_STATES

    return prefix == "EL" or prefix.lower() in MEMBER_STATES


def _is_country(prefix: str) -> bool:
    return prefix in COUNTRIES or prefix in ("EL", "XI")


def _form(prefix: str) -> str:
    return VAT_FORMS[prefix][0] if prefix in VAT_FORMS else _ANY


def _is_tax_number(text: str, country: str | None) -> bool:
    """Whether it is a number of a tax office in DE or AT, where VAT IDs are other numbers."""
    land = country or "DE"
    signs = _TAX_NUMBER_SIGNS.get(land)
    return bool(signs and re.fullmatch(signs, text)) and tax_numbers.outcome(text, land) == "fine"
