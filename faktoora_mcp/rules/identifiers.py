"""Rules for countries, phone numbers, Leitweg-IDs and invoice profiles."""

import difflib
import re
from collections.abc import Iterator

from .check_digits import check
from .findings import Finding, Of, found
from .standards import ALPHA_3, COUNTRY_NAMES, INVOICE_PROFILES

GAPS = re.compile(r"[\s\u2010-\u2015-]")


def country_meant(text: str) -> str | None:
    """Guess the alpha-2 code from a country's name, alpha-3 code or vehicle registration code."""
    word = text.casefold()[:40]
    names = [word, *difflib.get_close_matches(word, COUNTRY_NAMES, 1, 0.85)]
    return ALPHA_3.get(text.upper()) or next(
        (COUNTRY_NAMES[name] for name in names if name in COUNTRY_NAMES), None
    )


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
