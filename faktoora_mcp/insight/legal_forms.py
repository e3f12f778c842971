"""Legal forms at the end of a firm's name: German, Austrian, Swiss and common foreign ones."""

import re

from .normalization import folded

_SPELLINGS = {
    "GmbH": "gmbh mbh gesmbh gesellschaftmbh sarl sagl"
    " gesellschaftmitbeschraenkterhaftung mitbeschraenkterhaftung gesmitbeschraenkterhaftung"
    " gesellschaftmitbeschrhaftung mitbeschrhaftung"
    " societearesponsabilitelimitee societaagaranzialimitata",
    "gGmbH": "ggmbh gemeinnuetzigegmbh gemeinnuetzigegesmbh gemeinnuetzigegesellschaftmbh gemgmbh"
    " gemeinnuetzigegesellschaftmitbeschraenkterhaftung",
    "UG": "ug ughaftungsbeschraenkt ughaftungsbeschr ughb unternehmergesellschaft"
    " unternehmergesellschafthaftungsbeschraenkt",
    "gUG": "gug gughaftungsbeschraenkt gemeinnuetzigeug gemeinnuetzigeughaftungsbeschraenkt",
    "AG": "ag aktiengesellschaft aktienges sa societeanonyme societaanonima",
    "gAG": "gag gemeinnuetzigeag gemeinnuetzigeaktiengesellschaft",
    "SE": "se societaseuropaea",
    "Ltd": "ltd limited",
    "KG": "kg kommanditgesellschaft kommanditges",
    "KGaA": "kgaa kommanditgesellschaftaufaktien",
    "OHG": "ohg offenehandelsgesellschaft offenehandelsges",
    "OG": "og offenegesellschaft",
    "KEG": "keg kommanditerwerbsgesellschaft",
    "OEG": "oeg offeneerwerbsgesellschaft",
    "GbR": "gbr gesellschaftbuergerlichenrechts gdbr",
    "eGbR": "egbr",
    "GesbR": "gesbr gesnbr",
    "PartG": "partg partnerschaft partnerschaftsgesellschaft",
    "PartG mbB": "partgmbb partmbb partgesmbb partnerschaftmbb partnerschaftsgesellschaftmbb mbb"
    " mitbeschraenkterberufshaftung partgmitbeschraenkterberufshaftung"
    " partnerschaftmitbeschraenkterberufshaftung partnerschaftsgesellschaftmitbeschraenkterberufshaftung",
    "e.K.": "ek ekfm ekfr ekffr ekaufmann ekauffrau eingetragenerkaufmann eingetragenekauffrau"
    " eingetrkaufmann eingetrkauffrau eingetrkfm eingetrkffr einzelkaufmann einzelkauffrau",
    "Einzelfirma": "einzelfirma einzelunternehmen einzelunternehmung raisonindividuelle",
    "e.U.": "eu eingetragenesunternehmen",
    "e.V.": "ev eingetragenerverein",
    "eG": "eg egen genossenschaft eingetragenegenossenschaft egenmbh reggenmbh registriertegenossenschaftmbh"
    " registriertegenossenschaftmitbeschraenkterhaftung",
    "FlexCo": "flexco flexkapg flexiblekapitalgesellschaft",
    "VVaG": "vvag",
    "AöR": "aoer anstaltdesoeffentlichenrechts",
    "KdöR": "kdoer koerperschaftdesoeffentlichenrechts",
    "KlG": "klg kollektivgesellschaft",
    "PLC": "plc",
    "LLP": "llp",
    "LP": "lp",
    "LLC": "llc",
    "Inc": "inc incorporated",
    "Corp": "corp corporation",
    "Pty Ltd": "ptyltd ptylimited",
    "SAS": "sas sasu",
    "EURL": "eurl",
    "SNC": "snc",
    "SCI": "sci",
    "S.p.A.": "spa",
    "S.r.l.": "srl srls",
    "S.L.": "sl slu",
    "Lda": "lda unipessoallda",
    "B.V.": "bv",
    "N.V.": "nv",
    "VOF": "vof",
    "BVBA": "bvba",
    "AB": "ab",
    "AS": "as",
    "ApS": "aps",
    "Oy": "oy oyj",
    "OÜ": "oue",
    "UAB": "uab",
    "SIA": "sia",
    "Sp. z o.o.": "spzoo",
    "s.r.o.": "sro spolsro",
    "d.o.o.": "doo",
    "d.d.": "dd",
    "Kft.": "kft",
    "Zrt.": "zrt",
    "EOOD": "eood",
    "OOD": "ood",
}
_PARTNERS = ("GmbH", "gGmbH", "UG", "gUG", "AG", "SE", "Ltd")
_TOGETHER = tuple(
    joint + partners for joint in ("", "und", "u", "et") for partners in ("co", "cie", "compagnie")
)
_PARTNERSHIPS = {
    "": "KG",
    "kg": "KG",
    "kommanditgesellschaft": "KG",
    "kommanditges": "KG",
    "kgaa": "KGaA",
    "ohg": "OHG",
    "og": "OG",
}
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 9
_STATE = re.compile(
    r"[\s,(]+(?:i\.? ?(?:l|g|gr)|(?:in|en) (?:liquidation|liquidazione|gruendung|insolvenz))[.)\s]*$"
)
_GLUED = re.compile(
    r"(?<=[^\W\d_]{3})(?=(?:ges\.? ?m\.? ?b\.? ?h|gmbh|(?:aktien|kommandit)ges(?:ellschaft)?)\b)"
)
_LOOSE = " \t,.;:\u2013-/&+('\""


def split_form(name: str) -> tuple[str, str]:
    """The folded name without its legal form, and the form in canonical spelling ('' if there is none).

    Forms that Switzerland names in several languages are one: `SA` is `AG`; `Sàrl` and `Sagl` are `GmbH`.
    """
    text = folded(name)
    apart = _GLUED.sub(" ", text)
    start, form = _form_at_end(apart)
    if not form:
        start, form = _form_at_end(_STATE.sub("", apart))
    return (apart[:start].rstrip(_LOOSE), form) if form else (text, "")


def _form_at_end(text: str) -> tuple[int, str]:
    """Where the longest form begins; none if nothing precedes it."""
    words = [(match.start(), match[0]) for match in _WORD.finditer(text)]
    last = words[-_LONGEST:]
    for place, (start, _) in enumerate(last):
        form = _FORMS.get("".join(word for _, word in last[place:]))
        if form:
            return (0, "") if start == words[0][0] else (start, form)
    return 0, ""


def _forms() -> dict[str, str]:
    """Every spelling, folded and without dots and blanks, and its form."""
    alone = {spelling: form for form, spellings in _SPELLINGS.items() for spelling in spellings.split()}
    partners = {spelling: form for spelling, form in alone.items() if form in _PARTNERS}
    together = {
        partner + joint + partnership: f"{form} & Co. {meant}"
        for partner, form in (partners | {"stiftung": "Stiftung"}).items()
        for joint in _TOGETHER
        for partnership, meant in _PARTNERSHIPS.items()
    }
    return alone | together


_FORMS = _forms()
