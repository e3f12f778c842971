"""Peppol IDs: the published schemes, and the form and check digit that each asks of its values."""

import re
from collections.abc import Iterator
from string import ascii_uppercase

from .check_digits import Form
from .findings import Finding, did_you_mean, found

_PUBLISHED = r"""
    0002 [0-9]{9}([0-9]{5})? fr.siren|fr.siret 9 digits of a SIREN or 14 of a SIRET
    0007 [0-9]{10} se.orgnr 10 digits
    0009 [0-9]{14} fr.siret 14 digits
    0060 [0-9]{9} - 9 digits
    0088 [0-9]{13} ean 13 digits
    0096 [0-9]{10} - 10 digits
    0097 [0-9]{11,16} - 11 to 16 digits
    0151 [0-9]{11} au.abn 11 digits
    0158 [0-9]{8} cz.dic 8 digits
    0183 CHE[0-9]{9} ch.uid CHE and 9 digits, without separators
    0184 [1-9][0-9]{7} dk.cvr 8 digits, without DK
    0190 [0-9]{20} - 20 digits
    0191 [1789][0-9]{7} ee.registrikood 8 digits, the first 1, 7, 8 or 9
    0192 [0-9]{9} no.orgnr 9 digits, without NO and MVA
    0195 [a-z]{2}[a-z]{3}([0-9]{8}|[0-9]{9}|[RST][0-9]{2}[a-z]{2}[0-9]{4})[0-9a-z] sg.uen[5:] SGUEN and a UEN
    0196 [0-9]{10} is_.kennitala 10 digits
    0198 DK[0-9]{8} dk.cvr DK and 8 digits
    0199 [A-Z0-9]{18}[0-9]{2} lei 18 letters and digits, then 2 digits
    0200 [0-9]{9} =lt.pvm 9 digits
    0201 [0-9a-zA-Z]{6} - 6 letters and digits
    0204 [0-9]{2,12}(\-[0-9A-Z]{0,30})?\-[0-9]{2} de.leitweg a Leitweg-ID such as 991-03730-19
    0208 [01][0-9]{9} be.vat 10 digits, the first 0 or 1, without BE
    0211 IT[0-9]{11} it.iva IT and 11 digits
    0218 [0-9]{9}([0-9]{2})? - 9 or 11 digits
    0225 [A-Z-a-z0-9_\-]{1,130} - letters, digits, hyphens and underscores
    0235 1[0-9]{9} - 10 digits, the first 1
    0240 [0-9]{11} - 11 digits
    0242 [0-9]{6}(-[0-9A-Z_]{3,12}(\.[0-9A-Z\-\._~]{3,24})?)? - 6 digits, perhaps -NAME or -NAME.PART
    0244 [0-9]{13} - 13 digits
    0245 [0-9]{10} sk.dph 10 digits, without SK
    0246 DE[0-9]{9}(-[0-9]{5})?(\.[0-9A-Z]{1,8})? iso7064.mod_11_10[2:11] DE and 9 digits (W-IdNr.)
    0248 OM[0-9]{10} - OM and 10 digits
    9910 HU[0-9]{8} hu.anum HU and 8 digits
    9915 [A-Z][A-Z0-9]* - letters and digits, a letter first
"""
_DERIVED = r"""
    0154 [0-9]{8} cz.dic 8 digits
    0188 [0-9]{13} jp.cn 13 digits
    0209 [!-~]+ gs1_128 a GS1 element string
    0210 [0-9]{11}|[A-Z0-9]{16} it.codicefiscale 16 letters and digits, or 11 digits
    0216 0037[0-9]{8}[0-9A-Z]{0,5} fi.ytunnus[4:12] 0037, 8 digits, up to 5 characters
    0217 [0-9]{12} - 12 digits
    0221 T?[0-9]{13} - 13 digits, with or without T
    9914 ATU[0-9]{8} at.uid ATU and 8 digits
    9918 [A-Z]{2}[0-9]{2}[0-9A-Z]{11,30} iban an IBAN
    9920 ES[0-9A-Z][0-9]{7}[0-9A-Z] es.nif ES and the 9 characters of the NIF
    9922 (AD)?[A-Z][0-9]{6}[A-Z] ad.nrt a letter, 6 digits, a letter
    9923 (AL)?[A-Z][0-9]{8}[A-Z] al.nipt a letter, 8 digits, a letter
    9924 (BA)?[0-9]{12,13} - 12 or 13 digits
    9925 BE[01][0-9]{9} be.vat BE and 10 digits
    9926 BG[0-9]{9,10} bg.vat BG and 9 or 10 digits
    9927 CHE[0-9]{9}(MWST|TVA|IVA|TPV)? ch.uid[:12] CHE and 9 digits, perhaps MWST, TVA or IVA after them
    9928 CY[0-9]{8}[A-Z] cy.vat CY, 8 digits and a letter
    9929 CZ[0-9]{8,10} cz.dic CZ and 8 to 10 digits
    9930 DE[0-9]{9} de.vat DE and 9 digits
    9931 EE[0-9]{9} ee.kmkr EE and 9 digits
    9932 (GB|XI)([0-9]{9}([0-9]{3})?|(GD|HA)[0-9]{3}) gb.vat GB and 9 or 12 digits
    9933 EL[0-9]{9} gr.vat EL and 9 digits
    9934 HR[0-9]{11} hr.oib HR and 11 digits
    9935 IE[0-9][0-9A-Z+*][0-9]{5}[A-Z]{1,2} ie.vat IE, 7 digits and 1 or 2 letters
    9937 LT[0-9]{9}([0-9]{3})? lt.pvm LT and 9 or 12 digits
    9938 LU[0-9]{8} lu.tva LU and 8 digits
    9939 LV[0-9]{11} lv.pvn LV and 11 digits
    9940 FR[0-9]{11} mc.tva FR and 11 digits
    9941 (ME)?[0-9]{8} me.pib 8 digits
    9942 (MK)?[0-9]{13} mk.edb 13 digits
    9943 MT[0-9]{8} mt.vat MT and 8 digits
    9944 NL[0-9]{9}B[0-9]{2} nl.btw NL, 9 digits, B and 2 digits
    9945 PL[0-9]{10} pl.nip PL and 10 digits
    9946 PT[0-9]{9} pt.nif PT and 9 digits
    9947 RO([0-9]{2,10}|[0-9]{13}) ro.cf RO and 2 to 10 digits, or 13 of a person
    9948 (RS)?[0-9]{9} rs.pib 9 digits
    9949 SI[0-9]{8} si.ddv SI and 8 digits
    9950 SK[0-9]{10} sk.dph SK and 10 digits
    9951 (SM)?[0-9]{1,5} sm.coe|sm.coe[2:] up to 5 digits
    9952 (TR)?([0-9]{10}|[0-9]{11}) tr.vkn|tr.tckimlik 10 or 11 digits
    9957 FR[0-9A-Z]{2}[0-9]{9} fr.tva FR, 2 characters and 9 digits
    9959 [0-9]{2}-?[0-9]{7} us.ein 9 digits
"""


def _read(table: str) -> dict[str, Form]:
    return {row[:4]: Form.read(row[5:]) for row in map(str.strip, table.strip().splitlines())}


PUBLISHED = _read(_PUBLISHED)
"""The patterns of OpenPeppol's code list, as they stand there, and the check digits."""

FORMS = {**PUBLISHED, **_read(_DERIVED)}
"""Also schemes without a published pattern whose numbers have a known form, VAT IDs for the most part."""

_FORMLESS = "0106 0130 0135 0142 0147 0170 0177 0194 0202 0203 0205 0219 0220 0230 9913 9919 9936 9953"
FORMLESS = frozenset(_FORMLESS.split())
"""Other schemes of the code lists (EAS, Peppol). The pattern published for 0106 fits no KvK number."""

_RETIRED = """
    0037=0216 9902=0184 9904=0198 9906=0211 9907=0210 9908=0192 9917=0196 9921=0201 9954=0190 9956=0208
    9958=0204
"""
RETIRED = {pair[:4]: pair[5:] for pair in _RETIRED.split()}
"""Schemes that Peppol removed or deprecated, and the scheme that took the place of each."""

_REMOVED = "0193 0212 0213 0215 9901 9905 9909 9912 9916 9955"
REMOVED = frozenset(_REMOVED.split())
"""The same without a successor whose values are the same."""

_SEPARATORS = re.compile("[^0-9A-Za-z]")


def nearest_value(scheme: str, value: str) -> str | None:
    """The value in the form of its scheme that was probably meant: other separators, or another prefix."""
    form = FORMS[scheme]
    return next((each for each in _spellings(form, value.upper()) if form.outcome(each) == "fine"), None)


def _spellings(form: Form, value: str) -> Iterator[str]:
    prefix = re.match("[A-Z]{2,}", form.pattern)
    start = prefix[0] if prefix else ""
    compact = _SEPARATORS.sub("", value)
    for number in (compact, compact.lstrip(ascii_uppercase), compact.strip(ascii_uppercase)):
        yield number
        yield start + number


def warnings(scheme: str, value: str) -> Iterator[Finding]:
    """Doubts about the scheme (EAS list of EN 16931, Peppol's list) and the value of a Peppol ID."""
    if scheme in RETIRED:
        yield found("peppol_retired", scheme=scheme, successor=RETIRED[scheme])
    elif scheme in REMOVED:
        yield found("peppol_removed", scheme=scheme)
    elif scheme not in FORMS and scheme not in FORMLESS:
        yield found("peppol_unlisted", scheme=scheme)
    elif scheme in FORMS:
        yield from _value_warnings(scheme, value)
    if not (value.isascii() and value.isprintable()):
        yield found("not_ascii")


def _value_warnings(scheme: str, value: str) -> Iterator[Finding]:
    outcome = FORMS[scheme].outcome(value.upper())
    if outcome == "checksum":
        yield found("peppol_check_digit", scheme=scheme)
    elif outcome == "form":
        meant = nearest_value(scheme, value)
        hint = did_you_mean(meant and f"{scheme}:{meant}")
        yield found("peppol_value_form", scheme=scheme, rule=FORMS[scheme].rule, hint=hint)
