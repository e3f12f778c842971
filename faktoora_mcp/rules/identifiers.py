"""Rules for identifiers such as VAT and Peppol IDs, by public standards and python-stdnum."""

import difflib
import importlib
import re
from collections.abc import Callable, Iterator
from typing import Literal, cast

from faktoora_mcp.text import quote

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


def vat_error(text: str, compact: str, country: str | None) -> str | None:
    """Why this is no VAT ID: no country code (EN 16931 BR-CO-09), or not in the form of DE, AT or CH."""
    prefix, got = compact[:2], f"got {quote(text)}"
    form, words, _start = VAT_FORMS.get(prefix, (_ANY_VAT, "", ""))
    known = prefix in COUNTRIES or prefix in ("EL", "XI")
    if _VAT_LABEL.fullmatch(compact):
        return f"expected the VAT ID alone, without a word before it, {got}"
    if known and re.fullmatch(form, compact):
        return None
    german = country in (None, "DE") and len(compact) in (10, 11, 13)
    if re.fullmatch("[0-9/ ]+", text) and ("/" in text or german):
        return f"VAT IDs begin with a country code, {got}; a Steuernummer belongs into taxId"
    if known:
        rule = words or "a country code, then digits and letters"
        return f"{prefix} VAT IDs are {rule}, {got}{_vat_guess(compact[2:], prefix)}"
    return f"VAT IDs begin with a country code such as DE, {got}{_vat_guess(compact, country)}"


def _vat_guess(number: str, country: str | None) -> str:
    land = "EL" if country == "GR" else country or ""
    form, _words, start = VAT_FORMS.get(land, ("[A-Z]{2}[0-9]{7,12}", "", land))
    return next(
        (f"; did you mean {vat}?" for vat in (start + number, land + number) if re.fullmatch(form, vat)), ""
    )


def vat_warnings(compact: str, country: str | None) -> Iterator[str]:
    """Warnings about the check digit and the country of a VAT ID."""
    from stdnum.eu.vat import MEMBER_STATES

    prefix = compact[:2]
    in_eu, swiss = prefix == "EL" or prefix.lower() in MEMBER_STATES, prefix == "CH"
    outcome = check("ch.uid" if swiss else "eu.vat" if in_eu else "vatin", compact[:12] if swiss else compact)
    if outcome == "checksum":
        yield "check digit looks wrong"
    elif outcome == "form" and (in_eu or swiss):
        yield f"not in the form of a VAT ID of {prefix}"
    if not (in_eu or swiss):
        yield f"{prefix} is outside the EU: VIES cannot confirm it"
    if prefix == "GR":
        yield "Greek VAT IDs begin with EL, not GR"
    if country and VAT_LANDS.get(prefix, prefix) != VAT_LANDS.get(country, country):
        yield f"its country {prefix} is not the customer's country {country}"


def tax_warnings(text: str, country: str | None) -> Iterator[str]:
    """Warnings about a tax number: it is a VAT ID, or in DE an IdNr (139b AO) or no Steuernummer."""
    compact = SEPARATORS.sub("", text).upper()
    if (
        any(re.fullmatch(form, compact) for form, *_ in VAT_FORMS.values())
        or check("eu.vat", compact) == "fine"
    ):
        yield "looks like a VAT ID, which belongs into vatId"
    elif country == "DE" and "/" not in text and check("de.idnr", compact) == "fine":
        yield "looks like a person's IdNr, not like a Steuernummer"
    elif country == "DE" and check("de.stnr", text) != "fine":
        yield "no German Steuernummer: those have 10, 11 or 13 digits in the form of one of the Länder"


def peppol_warnings(scheme: str, value: str) -> Iterator[str]:
    """Warnings about the scheme (EN 16931 EAS list) and the value (PEPPOL-COMMON-R040 ff.) of a Peppol ID."""
    if scheme in RETIRED_EAS:
        yield f"scheme {scheme} is retired; {RETIRED_EAS[scheme]} took its place"
    elif scheme not in EAS:
        yield f"scheme {scheme} is not in the EAS code list"
    outcome = check(EAS_CHECKS[scheme], value) if scheme in EAS_CHECKS else "fine"
    if outcome == "checksum":
        yield f"check digit of the {scheme} value looks wrong"
    elif outcome == "form" or not re.fullmatch(EAS_FORMS.get(scheme, ".*"), value):
        yield f"the value is not in the form of scheme {scheme}"
    if not (value.isascii() and value.isprintable()):
        yield "characters outside ASCII"


def phone_warnings(text: str, country: str | None) -> Iterator[str]:
    """ITU E.164 numbering plans, by phonenumbers."""
    import phonenumbers

    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        valid = False
    if not valid:
        place = f"in {country}" if country else "without a country; write it with +49 or the like"
        yield f"not known as a phone number {place}"


def route_warnings(text: str, _: str | None) -> Iterator[str]:
    """KoSIT's Leitweg-ID format 2.0.2 (ISO 7064 mod 97-10); other buyer references (BT-10) are allowed."""
    outcome = check("de.leitweg", text)
    if outcome == "checksum":
        yield "check digits of the Leitweg-ID look wrong"
    elif outcome == "form":
        yield "no Leitweg-ID" + ("; 0204: belongs into peppolId" if text.startswith("0204:") else "")


def profile_warnings(text: str, _: str | None) -> Iterator[str]:
    """Values used in public faktoora integrations; the specification lists none."""
    if text not in INVOICE_PROFILES:
        yield f"its values are not documented; known are {', '.join(INVOICE_PROFILES)}"
