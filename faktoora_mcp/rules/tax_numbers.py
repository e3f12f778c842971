"""Tax numbers by country: the forms in use, for firms and for persons, and their check digits."""

import re
from collections.abc import Iterator

from .check_digits import Form, Outcome, best, check
from .findings import Finding, Of, found
from .standards import VAT_FORMS

SEPARATORS = re.compile(r"[\s\u2010-\u2015./,-]")

_TABLE = """
    AL [A-Z][0-9]{8}[A-Z] al.nipt a letter, 8 digits, a letter
    AT [0-9]{9} =at.tin 9 digits, as in 59-119/9013
    BE [01]?[0-9]{9} be.vat 10 digits of a firm
    BE [0-9]{11} be.nn|be.bis 11 digits of a person
    BG [0-9]{9,10} bg.vat 9 digits of a firm, 10 of a person
    CH CHE[0-9]{9} ch.uid CHE and 9 digits
    CH 756[0-9]{10} ch.ssn 13 digits beginning with 756
    CH (?!CHE|756[0-9]{10}$).* - a number of the canton
    CY [0-9]{8}[A-Z] cy.vat 8 digits and a letter
    CZ (CZ)?[0-9]{8,10} cz.dic 8 to 10 digits
    DK (DK)?[0-9]{8} dk.cvr 8 digits of a firm
    DK [0-9]{10} dk.cpr 10 digits of a person
    EE [0-9]{8} ee.registrikood 8 digits of a firm
    EE [0-9]{9} ee.kmkr 9 digits for VAT
    EE [0-9]{11} ee.ik 11 digits of a person
    ES [0-9A-Z][0-9]{7}[0-9A-Z] es.nif 9 digits and letters
    FI [0-9]{8} fi.ytunnus 8 digits of a firm
    FI [0-9]{6}[A-FU-Y]?[0-9]{3}[0-9A-Y] - the henkilötunnus of a person
    FR [0-9]{9} fr.siren 9 digits of a SIREN
    FR [0-9]{14} fr.siret 14 of a SIRET
    FR [0-9]{13} fr.nif 13 of a person
    GB [0-9]{10}K? gb.utr 10 digits of a UTR
    GB [0-9]{9} gb.vat 9 digits for VAT
    GB [A-Z]{2}[0-9]{6}[A-D] - a National Insurance number
    GB [A-Z0-9]{8} - a company number
    GB [0-9]{3}(?=.*[A-Z])[0-9A-Z]{2,10} - a PAYE reference
    GR [0-9]{9} gr.vat 9 digits
    HR [0-9]{11} hr.oib 11 digits
    HU [0-9]{8}([1-5][0-9]{2})? hu.anum[:8] 8 or 11 digits of a firm, as in 12892312-2-42
    HU 8[0-9]{9} - 10 digits of a person
    IE [0-9][0-9A-Z+*][0-9]{5}[A-Z]{1,2} ie.pps|ie.vat 7 digits, 1 or 2 letters
    IS [0-9]{10} is_.kennitala 10 digits
    IT [0-9]{11} it.iva 11 digits of a firm
    IT [0-9A-Z]{16} it.codicefiscale 16 digits and letters of a person
    LT [0-9]{9} =lt.pvm 9 digits of a firm
    LT [0-9]{12} lt.pvm 12 digits for VAT
    LT [0-9]{11} lt.asmens 11 digits of a person
    LU [0-9]{8} lu.tva 8 digits for VAT
    LU [0-9]{11}([0-9]{2})? - 11 digits of a firm, 13 of a person
    LV [0-9]{11} lv.pvn 11 digits
    ME [0-9]{8} me.pib 8 digits
    ME [0-9]{13} - 13 digits of a person
    MK [0-9]{13} mk.edb 13 digits
    NL [0-9]{9} nl.bsn 9 digits of an RSIN or a BSN
    NL [0-9]{9}B[0-9]{2} nl.btw 9 digits, B and 2 digits for VAT
    NO [0-9]{9}(MVA)? no.mva|no.orgnr 9 digits of a firm
    NO [0-9]{11} no.fodselsnummer 11 digits of a person
    PL [0-9]{10} pl.nip 10 digits of a NIP
    PL [0-9]{11} pl.pesel 11 digits of a PESEL
    PT [0-9]{9} pt.nif 9 digits
    RO [0-9]{2,10} ro.cui 2 to 10 digits of a firm
    RO [0-9]{13} ro.cnp 13 digits of a person
    RS [0-9]{9} rs.pib 9 digits of a firm
    RS [0-9]{13} - 13 digits of a person
    SE [0-9]{10} se.orgnr 10 digits
    SE [12][0-9]{11} se.orgnr[2:] 12 digits of a person
    SE [0-9]{10}01 se.orgnr[:10] 12 digits for VAT
    SI [0-9]{8} si.ddv 8 digits
    SK [0-9]{10} sk.dph 10 digits
    TR [0-9]{10} tr.vkn 10 digits of a firm
    TR [0-9]{11} tr.tckimlik 11 digits of a person
    US [0-9]{9} us.tin 9 digits
"""


def _read(table: str) -> dict[str, tuple[Form, ...]]:
    forms: dict[str, tuple[Form, ...]] = {}
    for row in table.strip().splitlines():
        country, rest = row.split(None, 1)
        forms[country] = (*forms.get(country, ()), Form.read(rest))
    return forms


FORMS = _read(_TABLE)
"""By country. Others are not judged: their numbers differ by region, or python-stdnum does not know them."""


def outcome(text: str, country: str) -> Outcome:
    """The verdict on a tax number of a country; `fine` where the country is not judged."""
    compact = SEPARATORS.sub("", text).upper()
    if country == "DE":
        return _german(compact)
    return best(form.outcome(compact) for form in FORMS[country]) if country in FORMS else "fine"


def _german(compact: str) -> Outcome:
    """10 or 11 digits of a Land, 13 of ELSTER, or 12: the federal form, without ELSTER's 0 as fifth digit."""
    return check("de.stnr", re.sub("^([0-9]{4})([0-9]{8})$", r"\g<1>0\2", compact))


def warnings(text: str, country: str | None) -> Iterator[Finding]:
    """Doubts about a tax number: it is a VAT ID or an IdNr (139b AO), or none of its country."""
    compact, land = SEPARATORS.sub("", text).upper(), Of("country", country or "")
    if _is_vat_id(compact, country):
        yield found("tax_is_vat")
    elif country == "DE" and "/" not in text and check("de.idnr", compact) == "fine":
        yield found("tax_is_idnr", country=land)
    elif country == "DE" and _german(compact) != "fine":
        yield found("tax_form_de", country=land)
    elif country and country != "DE":
        yield from _foreign(outcome(text, country), country)


def _foreign(result: Outcome, country: str) -> Iterator[Finding]:
    land = Of("country", country)
    if result == "checksum":
        yield found("tax_check_digit", country=land)
    elif result == "form":
        rule = Of("country", ", ".join(form.rule for form in FORMS[country]))
        yield found("tax_form", country=land, rule=rule)


def _is_vat_id(compact: str, country: str | None) -> bool:
    """Whether it belongs into vatId; the Swiss UID without MWST is a tax number, too."""
    if country == "CH" and re.fullmatch("CHE[0-9]{9}", compact):
        return False
    known = any(re.fullmatch(form, compact) for form, *_ in VAT_FORMS.values())
    return known or check("vatin", compact) == "fine"
