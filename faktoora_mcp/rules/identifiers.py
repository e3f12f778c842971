"""Rules for identifiers such as VAT and Peppol IDs, by public standards and python-stdnum."""

import difflib
import importlib
import re
from collections.abc import Callable, Iterator
from typing import Literal, cast

from .findings import Finding, Of, found
from .standards import (
    ALPHA_3,
    COUNTRIES,
    COUNTRY_NAMES,
    EAS,
    EAS_CHECKS,
    EAS_FORMS,
    INVOICE_PROFILES,
    RETIRED_EAS,
    VAT_FORMS,
    VAT_LANDS,
)

GAPS = re.compile(r"[\s\u2010-\u2015-]")
SEPARATORS = re.compile(r"[\s\u2010-\u2015./-]")
_ANY_VAT = "[A-Z]{2}(?=.*[0-9])[0-9A-Z+*]+"
_VAT_LABEL = re.compile(
    "(UST|UMSATZ|MWST|VAT|TVA|IVA|BTW|UID|STEUER).*|[A-Z].*(DE[0-9]{9}|ATU[0-9]{8}|CHE[0-9]{9}[A-Z]*)"
)


def check(module: str, number: str) -> Literal["fine", "checksum", "form"]:
    """Check a number by a module of python-stdnum; on short input some raise a LookupError."""
    from stdnum.exceptions import InvalidChecksum

    validate = cast("Callable[[str], str]", importlib.import_module(f"stdnum.{module}").validate)
    try:
        validate(number)
    except InvalidChecksum:
        return "checksum"
    except (ValueError, LookupError):
        return "form"
    return "fine"


def country_meant(text: str) -> str | None:
    """Guess the alpha-2 code from a country's name, alpha-3 code or vehicle registration code."""
    word = text.casefold()[:40]
    names = [word, *difflib.get_close_matches(word, COUNTRY_NAMES, 1, 0.85)]
    return ALPHA_3.get(text.upper()) or next(
        (COUNTRY_NAMES[name] for name in names if name in COUNTRY_NAMES), None
    )


def did_you_mean(meant: str | None) -> Finding | None:
    """A hint that other findings end with."""
    return found("did_you_mean", meant=meant) if meant else None


def vat_error(text: str, compact: str, country: str | None) -> Finding | None:
    """Why this is no VAT ID: no country code (EN 16931 BR-CO-09), or not in the form of DE, AT or CH."""
    prefix = compact[:2]
    form, words, _start = VAT_FORMS.get(prefix, (_ANY_VAT, "", ""))
    known = prefix in COUNTRIES or prefix in ("EL", "XI")
    if _VAT_LABEL.fullmatch(compact):
        return found("vat_with_words", got=text)
    if known and re.fullmatch(form, compact):
        return None
    german = country in (None, "DE") and len(compact) in (10, 11, 13)
    if re.fullmatch("[0-9/ ]+", text) and ("/" in text or german):
        return found("vat_is_tax_number", got=text)
    if known:
        rule = words or "a country code, then digits and letters"
        hint = did_you_mean(_vat_meant(compact[2:], prefix))
        return found("vat_form", prefix=prefix, rule=rule, got=text, hint=hint)
    return found("vat_country_code", got=text, hint=_of_country(_vat_meant(compact, country)))


def _of_country(meant: str | None) -> Finding | None:
    """The hint, which shows the customer's country."""
    return found("did_you_mean", meant=Of("country", meant)) if meant else None


def _vat_meant(number: str, country: str | None) -> str | None:
    land = "EL" if country == "GR" else country or ""
    form, _words, start = VAT_FORMS.get(land, ("[A-Z]{2}[0-9]{7,12}", "", land))
    return next((vat for vat in (start + number, land + number) if re.fullmatch(form, vat)), None)


def vat_warnings(compact: str, country: str | None) -> Iterator[Finding]:
    """Warnings about the check digit and the country of a VAT ID."""
    from stdnum.eu.vat import MEMBER_STATES

    prefix = compact[:2]
    in_eu, swiss = prefix == "EL" or prefix.lower() in MEMBER_STATES, prefix == "CH"
    outcome = check("ch.uid" if swiss else "eu.vat" if in_eu else "vatin", compact[:12] if swiss else compact)
    if outcome == "checksum":
        yield found("vat_check_digit")
    elif outcome == "form" and (in_eu or swiss):
        yield found("vat_unknown_form", prefix=prefix)
    if not (in_eu or swiss):
        yield found("vat_outside_eu", prefix=prefix)
    if prefix == "GR":
        yield found("vat_greek_prefix")
    if country and VAT_LANDS.get(prefix, prefix) != VAT_LANDS.get(country, country):
        yield found("vat_other_country", prefix=prefix, country=Of("country", country))


def tax_warnings(text: str, country: str | None) -> Iterator[Finding]:
    """Warnings about a tax number: it is a VAT ID, or in DE an IdNr (139b AO) or no Steuernummer."""
    compact = SEPARATORS.sub("", text).upper()
    if (
        any(re.fullmatch(form, compact) for form, *_ in VAT_FORMS.values())
        or check("eu.vat", compact) == "fine"
    ):
        yield found("tax_is_vat")
    elif country == "DE" and "/" not in text and check("de.idnr", compact) == "fine":
        yield found("tax_is_idnr", country=Of("country", country))
    elif country == "DE" and check("de.stnr", text) != "fine":
        yield found("tax_form_de", country=Of("country", country))


def peppol_warnings(scheme: str, value: str) -> Iterator[Finding]:
    """Warnings about the scheme (EN 16931 EAS list) and the value (PEPPOL-COMMON-R040 ff.) of a Peppol ID."""
    if scheme in RETIRED_EAS:
        yield found("peppol_retired", scheme=scheme, successor=RETIRED_EAS[scheme])
    elif scheme not in EAS:
        yield found("peppol_unlisted", scheme=scheme)
    outcome = check(EAS_CHECKS[scheme], value) if scheme in EAS_CHECKS else "fine"
    if outcome == "checksum":
        yield found("peppol_check_digit", scheme=scheme)
    elif outcome == "form" or not re.fullmatch(EAS_FORMS.get(scheme, ".*"), value):
        yield found("peppol_value_form", scheme=scheme)
    if not (value.isascii() and value.isprintable()):
        yield found("not_ascii")


def phone_warnings(text: str, country: str | None) -> Iterator[Finding]:
    """ITU E.164 numbering plans, by phonenumbers."""
    import phonenumbers

    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        valid = False
    if not valid:
        known_in = found("phone_unknown", country=Of("country", country)) if country else None
        yield known_in or found("phone_without_country")


def route_warnings(text: str, _: str | None) -> Iterator[Finding]:
    """KoSIT's Leitweg-ID format 2.0.2 (ISO 7064 mod 97-10); other buyer references (BT-10) are allowed."""
    outcome = check("de.leitweg", text)
    if outcome == "checksum":
        yield found("route_check_digits")
    elif outcome == "form":
        yield found("route_is_peppol" if text.startswith("0204:") else "route_form")


def profile_warnings(text: str, _: str | None) -> Iterator[Finding]:
    """Values used in public faktoora integrations; the specification lists none."""
    if text not in INVOICE_PROFILES:
        yield found("profile_unknown", known=", ".join(INVOICE_PROFILES))
